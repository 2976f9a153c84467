"""How programs end: asked to by a signal, without waiting for what is away."""

import asyncio
import signal

from inventory_service.storage.postgres import Pool

CLOSE_WITHIN_S = 2.0


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def close_pool(pool: Pool) -> None:
    """Closes the pool's connections; cuts them where the database does not answer."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await pool.close()
    except (TimeoutError, OSError):
        pool.terminate()

"""How programs end: asked to by a signal, without waiting for what is away."""

import asyncio
import signal

from inventory_service.storage.postgres import Pool

CLOSE_WITHIN_S = 2.0
CANCEL_AGAIN_S = 0.5


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancels until it helps: on Python 3.11 `asyncio.wait_for`, which redis-py uses, may swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_S)
    if not task.cancelled():
        task.result()


async def close_pool(pool: Pool) -> None:
    """Closes the pool's connections; cuts them where the database does not answer."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await pool.close()
    except (TimeoutError, OSError):
        pool.terminate()

"""Nobody waits for good on the locks of a program that was stopped in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from inventory_service.domain.errors import StorageError
from inventory_service.runtime.shutdown import ended
from inventory_service.storage.postgres import Pool, connected, throw_out_stopped

EVERY_S = 3.0
DEADLINE_S = 10.0


@asynccontextmanager
async def lookout(pool: Pool) -> AsyncIterator[None]:
    """While the block lasts, throws such programs out every few seconds."""
    task = asyncio.create_task(_look_out(pool))
    try:
        yield
    finally:
        await ended(task)


async def _look_out(pool: Pool) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        with suppress(StorageError):
            async with connected(pool, deadline_s=DEADLINE_S) as connection:
                await throw_out_stopped(connection)

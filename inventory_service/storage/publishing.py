"""Who publishes: one session at a time, by an advisory lock, woken by the log's notifications."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from inventory_service.storage.changes import CHANNEL
from inventory_service.storage.postgres import Connection, connect, translated

LOCK = 0x4E5348_03
DEADLINE_S = 30.0


@asynccontextmanager
async def turn(database_url: str) -> AsyncIterator[Connection | None]:
    """A connection of one's own that holds the publisher's lock; None while somebody else holds it."""
    connection = await connect(database_url, deadline_s=DEADLINE_S)
    try:
        with translated():
            free = await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK)
            yield connection if free else None
    finally:
        connection.terminate()


@asynccontextmanager
async def wakened(connection: Connection) -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever something was committed to the log."""
    event = asyncio.Event()

    def wake(*_: Any) -> None:
        event.set()

    await connection.add_listener(CHANNEL, wake)
    yield event


async def wait(event: asyncio.Event, at_most_s: float) -> None:
    """Until the event is set, which this clears, or until `at_most_s` seconds have passed."""
    try:
        async with asyncio.timeout(at_most_s):
            await event.wait()
    except TimeoutError:
        return
    event.clear()

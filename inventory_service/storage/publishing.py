"""Whose turn it is to publish: a lease in Postgres that runs out unless its holder renews it.

A holder that was stopped (by a debugger, a hypervisor, SIGSTOP) is relieved by another within seconds. When it goes on
it finds by its own clock, before it writes anything, that it may no longer be the holder.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from inventory_service.domain.errors import NearshelfError
from inventory_service.storage.changes import CHANNEL
from inventory_service.storage.postgres import Connection, connect, translated

LEASE = timedelta(seconds=3)
RENEW_AFTER_S = 1.0
RELEASE_WITHIN_S = 0.3
DEADLINE_S = 30.0
RUNS_ON_WHILE_STOPPED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

CLAIM = """
UPDATE publisher SET epoch = epoch + 1, holder = $1, expires_at = clock_timestamp() + $2
WHERE expires_at < clock_timestamp() RETURNING epoch, lineage
"""
RENEW = "UPDATE publisher SET expires_at = clock_timestamp() + $2 WHERE epoch = $1 RETURNING epoch"
NAMED = "SET application_name = 'nearshelf publisher'"
RELEASE = "UPDATE publisher SET expires_at = '-infinity' WHERE epoch = $1"


class RelievedError(NearshelfError):
    """Another process has the turn to publish."""


def elapsed_s() -> float:
    """Seconds on a clock that nobody sets and that runs on while this process, or the machine, is stopped."""
    return time.clock_gettime(RUNS_ON_WHILE_STOPPED)


class Turn:
    """The holder's side of the lease. `epoch` tells this turn from every earlier one of this database, `lineage`."""

    def __init__(self, connection: Connection, epoch: int, lineage: str, claimed_s: float) -> None:
        """`claimed_s`: `elapsed_s` before Postgres was asked: by then the lease had not begun to run out."""
        self._connection, self._renewed_s = connection, claimed_s
        self.epoch, self.lineage = epoch, lineage

    async def hold(self) -> None:
        """To be called before each write. Renews when it is time; raises RelievedError once the turn is over."""
        if elapsed_s() - self._renewed_s >= RENEW_AFTER_S:
            await self.renew()

    async def renew(self) -> None:
        """Raises RelievedError where another has taken over, or where Postgres took longer than the lease runs."""
        began_s = elapsed_s()
        with translated():
            epoch = await self._connection.fetchval(RENEW, self.epoch, LEASE)
        if epoch is None or elapsed_s() - began_s >= LEASE.total_seconds():
            raise RelievedError(f"Turn {self.epoch} to publish is over.")
        self._renewed_s = began_s

    async def release(self) -> None:
        """Lets another begin at once, where Postgres can still be told."""
        with suppress(Exception):
            async with asyncio.timeout(RELEASE_WITHIN_S):
                await self._connection.execute(RELEASE, self.epoch)


@asynccontextmanager
async def candidacy(database_url: str) -> AsyncIterator[Connection]:
    """A connection of one's own, for asking whose turn it is and for the turn itself."""
    connection = await connect(database_url, deadline_s=DEADLINE_S)
    try:
        with translated():
            await connection.execute(NAMED)
            yield connection
    finally:
        connection.terminate()


async def claim(connection: Connection) -> Turn | None:
    """The turn, if nobody has it."""
    began_s = elapsed_s()
    row = await connection.fetchrow(CLAIM, f"{socket.gethostname()}/{os.getpid()}", LEASE)
    return Turn(connection, row["epoch"], row["lineage"], began_s) if row else None


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

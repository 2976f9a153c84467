"""One process at a time takes the files of a source. A turn is a lease: who dies or is stopped loses it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from uuid import UUID, uuid4

from inventory_service.domain.errors import StorageError, UnavailableError
from inventory_service.runtime.shutdown import ended
from inventory_service.storage import source_state
from inventory_service.storage.postgres import Pool, connected

T = TypeVar("T")

LEASE_S = 30.0
DEADLINE_S = 10.0


class TurnLostError(UnavailableError):
    """Another process has taken over."""


class Turn:
    """The right to take files of one source, for as long as it is renewed."""

    def __init__(self, pool: Pool, source_id: int, lease_s: float) -> None:
        self._pool, self._source_id, self._lease_s = pool, source_id, lease_s
        self._holder: UUID = uuid4()
        self._valid_until = 0.0

    async def begin(self) -> bool:
        """False while another process has the turn."""
        asked_at = time.monotonic()
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            begun = await source_state.take_turn(connection, self._source_id, self._holder, self._lease_s)
        if begun:
            self._valid_until = asked_at + self._lease_s
        return begun

    async def renew(self) -> None:
        """Renews until cancelled, or until the turn is another's."""
        while True:
            await asyncio.sleep(self._lease_s / 5)
            asked_at = time.monotonic()
            with suppress(StorageError):
                async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
                    held = await source_state.renew_turn(connection, self._source_id, self._holder, self._lease_s)
                self._valid_until = asked_at + self._lease_s if held else 0.0
                if not held:
                    return

    async def end(self) -> None:
        """Lets others have it at once, where the database can be told."""
        with suppress(StorageError):
            async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
                await source_state.end_turn(connection, self._source_id, self._holder)

    def check(self) -> None:
        """Raises TurnLostError once the lease has run out: a process that was stopped goes no further."""
        if time.monotonic() >= self._valid_until:
            raise TurnLostError("The turn to load this source has gone to another process.")

    def guarded(self, lines: Iterable[T]) -> Iterator[T]:
        """`lines`, for as long as the turn is held. Raises TurnLostError."""
        for line in lines:
            self.check()
            yield line


@asynccontextmanager
async def turn(pool: Pool, source_id: int, lease_s: float) -> AsyncIterator[Turn | None]:
    """The turn to take files of a source; None while another process has it. Raises StorageError."""
    mine = Turn(pool, source_id, lease_s)
    if not await mine.begin():
        yield None
        return
    renewal = asyncio.create_task(mine.renew())
    try:
        yield mine
    finally:
        await ended(renewal)
        await mine.end()

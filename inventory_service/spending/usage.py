"""What each key asks: counted in memory, and added up in Postgres by day."""

import asyncio
from datetime import datetime

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import StorageError
from inventory_service.runtime.outage import Outage
from inventory_service.storage import key_usage
from inventory_service.storage.key_usage import Used
from inventory_service.storage.postgres import Pool, connected

EVERY_S = 10.0
DEADLINE_S = 10.0
NOTHING = Used(0, 0, 0)


class Usage:
    """What a worker has not added yet is lost with one that is killed; one that is stopped adds it first."""

    def __init__(self) -> None:
        self._used: dict[int, Used] = {}
        self._outage = Outage("postgres, for the use of keys")

    def spent(self, key_id: int, cost: int) -> None:
        used = self._used.get(key_id, NOTHING)
        self._used[key_id] = Used(used.requests + 1, used.spent + cost, used.refused)

    def refused(self, key_id: int) -> None:
        used = self._used.get(key_id, NOTHING)
        self._used[key_id] = used._replace(refused=used.refused + 1)

    async def add_up(self, pool: Pool, now: datetime) -> None:
        """Raises StorageError; what was counted is kept for the next time then."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            async with connected(pool, deadline_s=DEADLINE_S) as connection:
                await key_usage.add(connection, used, now.date())
        except BaseException:
            for key_id, more in used.items():
                now_used = self._used.get(key_id, NOTHING)
                self._used[key_id] = Used(*map(sum, zip(now_used, more, strict=True)))
            raise

    async def keep(self, pool: Pool, clock: Clock, every_s: float = EVERY_S) -> None:
        """Adds up again and again until cancelled, and then once more."""
        try:
            while True:
                await asyncio.sleep(every_s)
                await self._try(pool, clock)
        finally:
            await self._try(pool, clock)

    async def _try(self, pool: Pool, clock: Clock) -> None:
        try:
            await self.add_up(pool, clock())
        except StorageError as error:
            self._outage.met(error)
        else:
            self._outage.over()

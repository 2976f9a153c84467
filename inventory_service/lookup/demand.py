"""How often each product is told of: counted in memory, an operation an answer, and added up in Postgres."""

import asyncio
from datetime import datetime

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import StorageError
from inventory_service.runtime.outage import Outage
from inventory_service.storage import asked
from inventory_service.storage.postgres import Pool, connected

EVERY_S = 10.0
DEADLINE_S = 10.0
MOST_PRODUCTS = 65_536
"""Between two additions; the answers of further ones are not counted."""


class Demand:
    """Only a ranking hangs on it: what a worker has not added yet may be lost with it."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._outage = Outage("postgres, for what is asked for")

    def count(self, product_id: int) -> None:
        counts = self._counts
        if product_id in counts:
            counts[product_id] += 1
        elif len(counts) < MOST_PRODUCTS:
            counts[product_id] = 1

    async def add_up(self, pool: Pool, now: datetime) -> None:
        """Raises StorageError; the counts are kept for the next time then."""
        counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            async with connected(pool, deadline_s=DEADLINE_S) as connection:
                await asked.add(connection, counts, now.date())
        except StorageError:
            for product_id, count in self._counts.items():
                counts[product_id] = counts.get(product_id, 0) + count
            self._counts = counts
            raise

    async def keep(self, pool: Pool, clock: Clock, every_s: float = EVERY_S) -> None:
        """Adds up again and again until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.add_up(pool, clock())
            except StorageError as error:
                self._outage.met(error)
            else:
                self._outage.over()

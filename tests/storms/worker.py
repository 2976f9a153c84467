"""A worker's reading of one product's levels, its way to Postgres counted and with a gate in it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from inventory_service.domain.errors import StorageError
from inventory_service.lookup.admission import Bounds
from inventory_service.lookup.fills import Loaded
from inventory_service.lookup.levels import FORM
from inventory_service.lookup.reading_metrics import ReadingMetrics
from inventory_service.lookup.readthrough import ReadThrough, Values
from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import decode
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.postgres import Pool, connected


class Worker:
    """`here` is the one neighbourhood in which anybody has the product; all others are empty."""

    def __init__(self, redis: Redis, pool: Pool, product_id: int, here: int, **bounds: Any) -> None:
        self._pool, self._product_id = pool, product_id
        self.here = here
        self.registry = CollectorRegistry()
        self.cache = Cache(redis)
        self.through = ReadThrough(self.cache, ReadingMetrics(self.registry), Bounds(**bounds))
        self.readings: list[list[int]] = []
        """The neighbourhoods of each query."""
        self.under_way = self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.away = False

    def name(self, neighbourhood_id: int) -> str:
        return keys.block(self._product_id, neighbourhood_id)

    async def ask(self, *neighbourhood_ids: int) -> Values:
        """As `Levels` does."""
        return await self.through.read([self.name(one) for one in neighbourhood_ids], self._load, FORM)

    async def quantities(self) -> list[int | None]:
        """By slot, of the neighbourhood where there are some."""
        (block,) = (await self.ask(self.here)).in_order
        return [entry.level.stock.quantity for entry in decode(block)]

    async def _load(self, names: Sequence[str]) -> Loaded:
        wanted = [int(name.rpartition(":")[2]) for name in names]
        self.readings.append(wanted)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.gate.wait()
            if self.away:
                raise StorageError("Postgres cannot be reached.")
            async with connected(self._pool, deadline_s=5) as connection:
                held = await shelves.of_product(connection, self._product_id, wanted)
        finally:
            self.under_way -= 1
        return Loaded(
            {name: held.block((self._product_id, int(name.rpartition(":")[2]))) for name in names}, held.horizon
        )

    def counted(self, metric: str) -> float:
        return self.registry.get_sample_value(f"nearshelf_{metric}_total") or 0.0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.002)

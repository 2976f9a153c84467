"""Redis filled from Postgres while both serve: whole products under leases of their own, many at once.

Never newer by older: publishing any change of a product's levels drops its lease, so that the fill is refused, and is
tried again. A block that is there and differs is replaced under its own lease, as a worker would fill it. What is told
of products has leases of its own (publish/fill_products.py).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from inventory_service.domain.errors import ConfigurationError
from inventory_service.storage import offered, shelves
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.postgres import Pool, connected
from store_sync.publish.fill import Filler, Leased, Reader, Rebuilt
from store_sync.publish.fill_products import ProductFiller
from store_sync.publish.seats import Seats

DEADLINE_S = 60.0
STEPS_AT_ONCE = 3
"""While one is packed here, Postgres reads others and Redis takes others in. Each has two connections to Postgres."""

Report = Callable[[int, int], None]
"""Told after each step: how far of how many products (or of the highest id)."""


class Lane:
    """One step after another: reads levels, then fills them and, at the same time, what is told of their products."""

    def __init__(self, reader: Reader, levels: Filler, products: ProductFiller) -> None:
        self._reader, self._levels, self._products = reader, levels, products

    @property
    def width(self) -> int:
        """So many products are likely to make a step."""
        return self._reader.width

    async def fill(self, first: int, last: int) -> Rebuilt:
        """All products from `first` to `last`."""
        total = Rebuilt()
        while first <= last:
            leased = await self._reader.read(first, last)
            total, first = total.joined(await self._fill(first, leased)), leased.last + 1
        return total

    async def fill_one(self, product_id: int) -> Rebuilt:
        return await self._fill(product_id, await self._reader.read_one(product_id))

    async def _fill(self, first: int, leased: Leased) -> Rebuilt:
        """The levels that were read, and the products from `first` on that they are of."""
        beside = asyncio.create_task(self._products.fill(first, leased.last))
        try:
            levels = await self._levels.fill(leased)
            described, left = await beside
            return levels.joined(Rebuilt(described=described, left=left))
        finally:
            await _ended([beside])


async def rebuild(pool: Pool, cache: Cache, product_ids: Sequence[int], report: Report) -> Rebuilt:
    """Fills every product and every block that has a level: of `product_ids`, or of all products if there are none.

    All products: goes on where an interrupted rebuilding of this Redis was. Raises ConfigurationError where no
    publisher has worked on this Redis yet (it would begin by emptying it), StorageError and CacheError.
    """
    if not await cache.has_publisher():
        raise ConfigurationError(
            "No publisher has worked on this Redis yet, and the first one empties it: start one before,"
            " with `python -m store_sync serve`."
        )
    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(connected(pool, deadline_s=DEADLINE_S)) for _ in range(2 * STEPS_AT_ONCE)
        ]
        seats = Seats()
        await seats.load(connections[0])
        neighbourhoods = await shelves.neighbourhoods(connections[0])
        lanes = [
            Lane(Reader(one, cache), Filler(one, cache, seats, neighbourhoods), ProductFiller(other, cache))
            for one, other in zip(connections[::2], connections[1::2], strict=True)
        ]
        if product_ids:
            return await _rebuild_some(lanes[0], product_ids, report)
        return await _rebuild_all(cache, lanes, await offered.last_product(connections[0]), report)


async def _rebuild_all(cache: Cache, lanes: Sequence[Lane], last: int, report: Report) -> Rebuilt:
    """Steps end in any order, and are noted in their own, so that an interrupted rebuilding leaves nothing out."""
    taken, total = await cache.rebuilt_to(), Rebuilt()
    under_way: deque[tuple[int, Lane, asyncio.Task[Rebuilt]]] = deque()
    free = list(lanes)
    try:
        while taken < last or under_way:
            while free and taken < last:
                lane, first = free.pop(), taken + 1
                taken = min(last, taken + lane.width)
                under_way.append((taken, lane, asyncio.create_task(lane.fill(first, taken))))
            done, lane, step = under_way.popleft()
            total = total.joined(await step)
            free.append(lane)
            await cache.note_rebuilt(done)
            report(done, last)
    finally:
        await _ended([step for _, _, step in under_way])
    await cache.note_rebuilt(None)
    return total


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Whatever else has failed by then is not told: the first failure is."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _rebuild_some(lane: Lane, product_ids: Sequence[int], report: Report) -> Rebuilt:
    total = Rebuilt()
    for place, product_id in enumerate(sorted(product_ids), 1):
        total = total.joined(await lane.fill_one(product_id))
        report(place, len(product_ids))
    return total

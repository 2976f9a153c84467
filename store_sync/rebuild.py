"""Redis filled from Postgres while both serve: whole products under leases of their own, many at once.

Never newer by older: publishing any change of a product's levels drops its lease, so that the fill is refused, and is
tried again. A block that is there and differs is replaced under its own lease, as a worker would fill it. What is told
of products has leases of its own (publish/fill_products.py).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from inventory_service.domain.errors import ConfigurationError, UnavailableError
from inventory_service.storage import offered
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.postgres import Pool, connected
from store_sync.publish.fill import Filler, Leased, Reader, Rebuilt
from store_sync.publish.fill_products import ProductFiller
from store_sync.publish.seats import Seats

DEADLINE_S = 60.0

T = TypeVar("T")
Report = Callable[[int, int], None]
"""Told after each step: how far of how many products (or of the highest id)."""


class Filling:
    """Both kinds of values, step by step: levels, and at the same time what is told of their products."""

    def __init__(self, levels: Filler, products: ProductFiller) -> None:
        self._levels, self._products = levels, products

    async def fill(self, first: int, leased: Leased) -> Rebuilt:
        """The levels that were read, and the products from `first` on that they are of."""
        beside = asyncio.create_task(self._products.fill(first, leased.last))
        try:
            levels = await self._levels.fill(leased)
            described, left = await beside
            return levels.joined(Rebuilt(described=described, left=left))
        finally:
            await _ended(beside)


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
    async with (
        connected(pool, deadline_s=DEADLINE_S) as reading,
        connected(pool, deadline_s=DEADLINE_S) as packing,
        connected(pool, deadline_s=DEADLINE_S) as describing,
    ):
        seats = Seats()
        await seats.load(packing)
        reader = Reader(reading, cache)
        filling = Filling(Filler(packing, cache, seats), ProductFiller(describing, cache))
        if product_ids:
            return await _rebuild_some(reader, filling, product_ids, report)
        return await _rebuild_all(cache, reader, filling, await offered.last_product(packing), report)


async def _rebuild_all(cache: Cache, reader: Reader, filling: Filling, last: int, report: Report) -> Rebuilt:
    """The next levels are read while those before them are being filled."""
    after, total = await cache.rebuilt_to(), Rebuilt()
    ahead = asyncio.create_task(reader.read(after + 1, last))
    try:
        while after < last:
            leased = await ahead
            ahead = asyncio.create_task(reader.read(leased.last + 1, last))
            total, after = total.joined(await filling.fill(after + 1, leased)), leased.last
            await cache.note_rebuilt(after)
            report(after, last)
    finally:
        await _ended(ahead)
    await cache.note_rebuilt(None)
    return total


async def _ended(task: asyncio.Task[T]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, UnavailableError):
        await task


async def _rebuild_some(reader: Reader, filling: Filling, product_ids: Sequence[int], report: Report) -> Rebuilt:
    total = Rebuilt()
    for place, product_id in enumerate(sorted(product_ids), 1):
        total = total.joined(await filling.fill(product_id, await reader.read_one(product_id)))
        report(place, len(product_ids))
    return total

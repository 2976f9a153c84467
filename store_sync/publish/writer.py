"""Changed levels into the blocks that are cached; changed products out of the cache.

Where most blocks are cached, levels are read and sent for all; else Redis is asked before which ones are, and the rest
is not read. Either way nothing is lost. A change is committed before it is read from the log. Where a block is absent,
when Redis is asked or when levels are sent, its lease and its product's are dropped in the same script: a fill under
way is refused, and any later fill took its lease after that, so it reads Postgres after the commit and holds the
change. Where a block is there, the level is read from Postgres after the commit and merged by version, so the block
holds the change or a later one, whatever was evicted, filled or published meanwhile; and publishing drops the leases
too, so that a fill that began while the block was absent is not stored over it.

A late write of a publisher that was stopped in between and relieved does no harm either: versions only grow and one
version of a level is always the same bytes, so the script leaves what is newer; forgetting only costs a read.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np

from inventory_service.storage import products
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import count_of
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.changes import Change
from inventory_service.storage.postgres import Connection
from store_sync.publish import metrics
from store_sync.publish.partial import blocks_of
from store_sync.publish.seats import NOWHERE, Ids, Seats

Hold = Callable[[], Awaitable[None]]
"""Called before each write: raises where this process may not write any more."""

BLOCKS_AT_ONCE = 2_000
LEVELS_AT_ONCE = 5_000
PRODUCTS_AT_ONCE = 5_000
MOSTLY = 0.5
"""From this share of cached blocks on, asking for them costs more than it spares."""
LOW_HALF = (1 << 32) - 1


class Writer:
    """Writes what batches changed, as it is in Postgres now."""

    def __init__(self, connection: Connection, cache: Cache, seats: Seats, hold: Hold) -> None:
        self._connection, self._cache, self._seats, self._hold = connection, cache, seats, hold
        self._cached_share = 0.0

    async def write(self, batches: Sequence[Change]) -> None:
        """Raises StorageError, CacheError and what `hold` raises."""
        levels = [one for one in batches if one.kind == "levels"]
        touched = np.unique(_pairs(_joined([one.ids for one in levels]), _joined([one.store_ids for one in levels])))
        await self._levels(touched >> 32, touched & LOW_HALF)
        described = sorted({one for change in batches if change.kind == "products" for one in change.ids})
        for start in range(0, len(described), PRODUCTS_AT_ONCE):
            await self._forget_products(described[start : start + PRODUCTS_AT_ONCE])
        metrics.batches.inc(len(batches))
        metrics.levels.inc(len(touched))

    async def _levels(self, product_ids: Ids, store_ids: Ids) -> None:
        await self._seats.learn(self._connection, store_ids)
        neighbourhoods = self._seats.neighbourhoods(store_ids)
        blocks, block_of = np.unique(_pairs(product_ids, neighbourhoods), return_inverse=True)
        somewhere = neighbourhoods != NOWHERE
        for start in range(0, len(blocks), BLOCKS_AT_ONCE):
            places = np.arange(start, min(start + BLOCKS_AT_ONCE, len(blocks)))
            wanted = places if self._cached_share >= MOSTLY else start + await self._cached(blocks[places])
            chosen = np.flatnonzero(somewhere & np.isin(block_of, wanted))
            found = 0
            for at in range(0, len(chosen), LEVELS_AT_ONCE):
                some = chosen[at : at + LEVELS_AT_ONCE]
                found += await self._publish(product_ids[some], store_ids[some])
            self._cached_share = found / len(places)

    async def _cached(self, blocks: Ids) -> Ids:
        """The places in `blocks` of those that are cached."""
        addresses = list(zip((blocks >> 32).tolist(), (blocks & LOW_HALF).tolist(), strict=True))
        names = {keys.block(*address): place for place, address in enumerate(addresses)}
        by_product = groupby(zip(addresses, names, strict=True), key=lambda one: one[0][0])
        await self._hold()
        found = await self._cache.cached([list(map(itemgetter(1), group)) for _, group in by_product])
        return np.array([names[name] for name in found], dtype=np.int64)

    async def _publish(self, product_ids: Ids, store_ids: Ids) -> int:
        """How many blocks were cached."""
        blocks = await blocks_of(self._connection, self._seats, product_ids, store_ids)
        await self._hold()
        cached = await self._cache.publish(blocks)
        metrics.written.inc(sum(map(count_of, map(blocks.__getitem__, cached))))
        return len(cached)

    async def _forget_products(self, product_ids: Sequence[int]) -> None:
        gtins = await products.gtins(self._connection, product_ids)
        names = [*map(keys.product, product_ids), *(keys.gtin(*one) for one in gtins)]
        await self._hold()
        await self._cache.forget(names)


def _joined(columns: Sequence[Sequence[int]]) -> Ids:
    return np.concatenate([np.empty(0, dtype=np.int64), *(np.array(one, dtype=np.int64) for one in columns)])


def _pairs(upper: Ids, lower: Ids) -> Ids:
    """Two columns of ids as one that sorts by the first, then the second."""
    return (upper << 32) | (lower & LOW_HALF)

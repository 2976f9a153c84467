"""Redis filled from Postgres while both serve: the same leases and scripts as a worker's own fills, only many at once.

A block that is there is replaced by what Postgres holds. Never newer by older: what is published meanwhile drops the
lease, so that the fill is refused, and is tried again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from inventory_service.domain.errors import ConfigurationError
from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.postgres import Connection, Pool, connected
from inventory_service.storage.shelves import Address, Held

LEVELS_AT_ONCE = 20_000
PRODUCTS_AT_ONCE = 500
ATTEMPTS = 3
DEADLINE_S = 60.0

Sizes = list[tuple[int, int]]
"""(product_id, levels)"""
Report = Callable[[int, int], None]
"""Told after each step: how far of how many products (or of the highest id)."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was filled; `left`: blocks that changed too often meanwhile, or that a worker is filling."""

    products: int = 0
    blocks: int = 0
    levels: int = 0
    left: int = 0


async def rebuild(pool: Pool, cache: Cache, product_ids: Sequence[int], report: Report) -> Rebuilt:
    """Fills every block that has a level: of `product_ids`, or of all products if there are none.

    All products: goes on where an interrupted rebuilding of this Redis was. Raises ConfigurationError where no
    publisher has worked on this Redis yet (it would begin by emptying it), StorageError and CacheError.
    """
    if not await cache.has_publisher():
        raise ConfigurationError(
            "No publisher has worked on this Redis yet, and the first one empties it: start one before,"
            " with `python -m store_sync serve`."
        )
    async with connected(pool, deadline_s=DEADLINE_S) as connection:
        if product_ids:
            return await _rebuild_some(connection, cache, product_ids, report)
        return await _rebuild_all(connection, cache, report)


async def refill(
    cache: Cache, addresses: Sequence[Address], read: Callable[[Sequence[Address]], Awaitable[Held]]
) -> set[Address]:
    """Fills blocks, there or not, under leases; returns those that now hold what Postgres has."""
    left = {keys.block(*address): address for address in addresses}
    for _ in range(ATTEMPTS):
        leases = await cache.lease(list(left))
        if leases:
            held = await read([left[name] for name in leases])
            for name in await cache.fill(leases, {name: held.block(left[name]) for name in leases}, 0):
                del left[name]
        if not left:
            break
    return set(addresses).difference(left.values())


async def _rebuild_all(connection: Connection, cache: Cache, report: Report) -> Rebuilt:
    after, last, total = await cache.rebuilt_to(), await shelves.last_product(connection), Rebuilt()
    async for group in _groups(connection, after):
        total = _sum(total, await _fill(connection, cache, group))
        await cache.note_rebuilt(group[-1][0])
        report(group[-1][0], last)
    await cache.note_rebuilt(None)
    return total


async def _rebuild_some(connection: Connection, cache: Cache, product_ids: Sequence[int], report: Report) -> Rebuilt:
    total, sizes = Rebuilt(), await shelves.sizes_of(connection, product_ids)
    for group in _cut(sizes):
        total = _sum(total, await _fill(connection, cache, group))
        report(total.products, len(sizes))
    return total


async def _groups(connection: Connection, after: int) -> AsyncIterator[Sizes]:
    while sizes := await shelves.sizes(connection, after, PRODUCTS_AT_ONCE):
        for group in _cut(sizes):
            yield group
        after = sizes[-1][0]


def _cut(sizes: Sizes) -> list[Sizes]:
    """Groups of products that have about LEVELS_AT_ONCE levels together, and at least one product each."""
    groups: list[Sizes] = []
    room = 0
    for product_id, levels in sizes:
        if not groups or room < levels:
            groups.append([])
            room = LEVELS_AT_ONCE
        groups[-1].append((product_id, levels))
        room -= levels
    return groups


async def _fill(connection: Connection, cache: Cache, group: Sizes) -> Rebuilt:
    async def read(addresses: Sequence[Address]) -> Held:
        return await shelves.of_products(connection, sorted({product_id for product_id, _ in addresses}))

    addresses = await shelves.blocks_of(connection, [product_id for product_id, _ in group])
    filled = await refill(cache, addresses, read)
    levels = sum(levels for _, levels in group)
    return Rebuilt(len(group), len(filled), levels, len(addresses) - len(filled))


def _sum(one: Rebuilt, other: Rebuilt) -> Rebuilt:
    return Rebuilt(
        one.products + other.products, one.blocks + other.blocks, one.levels + other.levels, one.left + other.left
    )

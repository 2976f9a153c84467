"""Blocks from Postgres into Redis under leases: whole products that are not cached yet, or single blocks anew."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.postgres import Connection
from inventory_service.storage.shelves import Address, Held, Levels
from store_sync.publish.entries import told_apart
from store_sync.publish.partial import EMPTY, Blocks, packed
from store_sync.publish.seats import Seats

LEVELS_AT_ONCE = 20_000
PRODUCTS_AT_FIRST, PRODUCTS_AT_ONCE = 100, 2_000
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was filled, but for empty blocks: `products` that have levels, their `blocks` and `levels`.

    `left`: blocks and products that changed too often meanwhile, or that a worker fills. `described`: products that
    are cached themselves, with or without levels.
    """

    products: int = 0
    blocks: int = 0
    levels: int = 0
    left: int = 0
    described: int = 0

    def joined(self, more: "Rebuilt") -> "Rebuilt":
        return Rebuilt(
            self.products + more.products,
            self.blocks + more.blocks,
            self.levels + more.levels,
            self.left + more.left,
            self.described + more.described,
        )


@dataclass(frozen=True, slots=True)
class Leased:
    """All levels of the products up to `last`, read after their leases were taken."""

    last: int
    token: str
    levels: Levels


class Reader:
    """Reads product after product, each time about LEVELS_AT_ONCE levels. `width`: so many products are likely to have
    as many, as far as the last ones tell.
    """

    def __init__(self, connection: Connection, cache: Cache) -> None:
        self._connection, self._cache = connection, cache
        self.width = PRODUCTS_AT_FIRST

    async def read(self, first: int, last: int) -> Leased:
        """Products from `first` on, at least one and none beyond `last`; the leases of more are taken."""
        up_to = min(last, first + self.width - 1)
        token = await self._cache.lease_whole(range(first, up_to + 1))
        levels = await shelves.of_range(self._connection, first, up_to, LEVELS_AT_ONCE + 1)
        if len(levels["product_id"]) > LEVELS_AT_ONCE:
            up_to = int(levels["product_id"].max()) - 1
            if up_to < first:
                return await self.read_one(first)
            levels = {name: column[levels["product_id"] <= up_to] for name, column in levels.items()}
        self.width = _next_width(up_to + 1 - first, len(levels["product_id"]))
        return Leased(up_to, token, levels)

    async def read_one(self, product_id: int) -> Leased:
        """A product however many levels it has."""
        token = await self._cache.lease_whole([product_id])
        return Leased(product_id, token, await shelves.of_range(self._connection, product_id, product_id, None))


def _next_width(products: int, levels: int) -> int:
    """Grown step by step."""
    likely = products * LEVELS_AT_ONCE * 5 // (4 * max(levels, 1)) + 1
    return min(likely, 4 * products, PRODUCTS_AT_ONCE)


class Filler:
    """Puts into Redis what was read under leases."""

    def __init__(
        self, connection: Connection, cache: Cache, seats: Seats, neighbourhoods: Sequence[tuple[int, int]]
    ) -> None:
        """`neighbourhoods`: (retailer_id, neighbourhood_id) of all stores, each pair once."""
        self._connection, self._cache, self._seats = connection, cache, seats
        self._neighbourhoods: dict[int, list[int]] = {}
        for retailer_id, neighbourhood_id in neighbourhoods:
            self._neighbourhoods.setdefault(retailer_id, []).append(neighbourhood_id)

    async def fill(self, leased: Leased) -> Rebuilt:
        """Raises StorageError, CacheError."""
        await self._seats.learn(self._connection, leased.levels["store_id"])
        by_product = packed(self._seats, leased.levels)
        products, blocks = len(by_product), sum(map(len, by_product.values()))
        await self._add_empty(by_product)
        filled = await self._cache.fill_whole(leased.token, by_product)
        refused = [name for product_id in filled.refused for name in by_product[product_id]]
        again = told_apart(name.encode() for name in [*filled.others, *refused]).blocks
        left = len(again) - len(await refill(self._cache, again, self._held)) if again else 0
        return Rebuilt(products, blocks - left, len(leased.levels["store_id"]), left)

    async def _add_empty(self, by_product: Blocks) -> None:
        """Where retailers that list a product have stores, and none of these has it, nobody need look in Postgres."""
        for product_id, retailer_id in await shelves.listed(self._connection, list(by_product)):
            blocks = by_product[product_id]
            for name in keys.blocks(product_id, self._neighbourhoods.get(retailer_id, ())):
                blocks.setdefault(name, EMPTY)

    async def _held(self, addresses: Sequence[Address]) -> Held:
        return await shelves.of_blocks(self._connection, addresses)


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

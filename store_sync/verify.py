"""Redis compared with Postgres, entry by entry, and put right, while both serve.

A first look takes what is alike aside. The rest is looked at again so that changes under way are not taken for faults:
Postgres first, then Redis once the publisher has passed what Postgres had, then Postgres again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import orjson

from inventory_service.storage import changes, offered, shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.product import UNKNOWN, encode
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.postgres import Connection
from inventory_service.storage.shelves import Address, Held
from store_sync.publish.compare import Fault, faults
from store_sync.publish.entries import Entries, Product, told_apart
from store_sync.publish.fill import refill

NAMES_AT_ONCE = 500
SETTLE_S, LOOK_EVERY_S = 3.0, 0.05
LOOKS = 3
"""How often a product that keeps changing is looked at before it is left alone."""

Say = Callable[[str], None]


@dataclass(slots=True)
class Verified:
    """What was compared and found. `different` counts levels, and products and keys as one each.

    `missing`: levels that Redis lacks, and `phantom`: those that only Redis has, are among the different ones.
    `live`: the publisher kept up; else what Redis lacks may be on its way and is no difference.
    """

    blocks: int = 0
    levels: int = 0
    products: int = 0
    different: int = 0
    missing: int = 0
    phantom: int = 0
    repaired: int = 0
    live: bool = True


class Verifier:
    """One run over all that is cached. Each difference is told to `say` as a line."""

    def __init__(self, connection: Connection, cache: Cache, say: Say) -> None:
        self._connection, self._cache, self._say = connection, cache, say
        self._found = Verified()

    async def run(self) -> Verified:
        """Raises StorageError, CacheError."""
        await self._settled(await changes.horizon(self._connection))
        async for names in self._cache.names(NAMES_AT_ONCE):
            entries = told_apart(names)
            await self._blocks(entries.blocks)
            await self._products({keys.product(one): self._by_id(one) for one in entries.products})
            await self._products({keys.gtin(*one): self._by_gtin(one) for one in entries.gtins})
            await self._strangers(entries)
        return self._found

    async def _blocks(self, addresses: Sequence[Address]) -> None:
        cached = await self._cached(addresses)
        held = await self._held(list(cached))
        self._found.blocks += len(cached)
        self._found.levels += sum(len(held.by_block.get(one, {})) for one in cached)
        known = await shelves.known(self._connection, list(cached))
        unlike = [one for one, block in cached.items() if one not in known or block != held.block(one)]
        wrong = await self._faults(unlike)
        await self._tell(wrong)
        await self._repair(list(wrong))
        left = await self._faults(list(wrong))
        self._found.repaired += sum(len(found) for one, found in wrong.items() if one not in left)

    async def _faults(self, addresses: Sequence[Address]) -> dict[Address, list[Fault]]:
        """By block, for those that are wrong whatever is under way."""
        if not addresses:
            return {}
        before = await self._held(addresses)
        complete = await self._settled(before.horizon)
        cached = await self._cached(addresses)
        after = await self._held(addresses)
        known = await shelves.known(self._connection, addresses)
        wrong: dict[Address, list[Fault]] = {}
        for one, block in cached.items():
            if one not in known:
                wrong[one] = [Fault(None, f"{len(block)} bytes", "no such product or neighbourhood")]
                continue
            was, now = before.by_block.get(one, {}), after.by_block.get(one, {})
            if found := list(faults(was, block, now, complete=complete)):
                wrong[one] = found
        return wrong

    async def _tell(self, wrong: dict[Address, list[Fault]]) -> None:
        names = await shelves.store_names(self._connection, {neighbourhood for _, neighbourhood in wrong})
        for (product_id, neighbourhood_id), found in wrong.items():
            for fault in found:
                place = f"neighbourhood {neighbourhood_id}"
                if fault.slot is not None:
                    unknown = f"slot {fault.slot} of {place}, where no store is"
                    place = f"store {names[place_]}" if (place_ := (neighbourhood_id, fault.slot)) in names else unknown
                self._difference(f"product {product_id}, {place}", fault.redis, fault.postgres)
                self._found.missing += fault.slot is not None and fault.redis == "nothing"
                self._found.phantom += fault.slot is not None and fault.postgres == "nothing"

    async def _repair(self, addresses: Sequence[Address]) -> None:
        """Fills anew; what cannot be filled now is dropped, and read from Postgres when it is asked for."""
        known = sorted(await shelves.known(self._connection, addresses))
        filled = await refill(self._cache, known, self._held)
        await self._cache.forget([keys.block(*one) for one in addresses if one not in filled])

    async def _products(self, finds: dict[str, Callable[[], Awaitable[bytes]]]) -> None:
        names = list(finds)
        self._found.products += len(names)
        for name, cached in zip(names, await self._cache.get(names), strict=True):
            if cached is not None and not _alike(cached, await finds[name]()):
                await self._product(name, finds[name])

    async def _product(self, name: str, find: Callable[[], Awaitable[bytes]]) -> None:
        for _ in range(LOOKS):
            before = await find()
            complete = await self._settled(await changes.horizon(self._connection))
            (cached,) = await self._cache.get([name])
            after = await find()
            if not complete or cached is None or _alike(cached, after):
                return
            if _alike(before, after):
                self._difference(name.removeprefix(keys.PREFIX), _shown(cached), _shown(after))
                await self._cache.forget([name])
                self._found.repaired += 1
                return

    async def _strangers(self, entries: Entries) -> None:
        """Keys whose name none of ours has, and leases that nobody's clock ends."""
        lifetimes_ms = await self._cache.lifetimes_ms(entries.leases)
        endless = [name.encode() for name, left in zip(entries.leases, lifetimes_ms, strict=True) if left == -1]
        doomed = [*entries.strange, *endless]
        for name in doomed:
            self._difference(name.decode(errors="replace").removeprefix(keys.PREFIX), "something", "no such thing")
        await self._cache.drop(doomed)
        self._found.phantom += len(doomed)
        self._found.repaired += len(doomed)

    def _difference(self, what: str, redis: str, postgres: str) -> None:
        self._say(f"{what}: Redis says {redis}, Postgres says {postgres}")
        self._found.different += 1

    async def _settled(self, horizon: Horizon) -> bool:
        """Waits until all that `horizon` saw is published; False where the publisher does not keep up.

        Once it did not, this only looks.
        """
        until_s = time.monotonic() + (SETTLE_S if self._found.live else 0.0)
        while True:
            sign = (await self._cache.read([])).sign
            if sign is not None and Horizon.parse(sign.decode()).covers(horizon):
                return True
            if time.monotonic() >= until_s:
                self._found.live = False
                return False
            await asyncio.sleep(LOOK_EVERY_S)

    async def _cached(self, addresses: Sequence[Address]) -> dict[Address, bytes]:
        values = await self._cache.get([keys.block(*one) for one in addresses])
        return {one: value for one, value in zip(addresses, values, strict=True) if value is not None}

    async def _held(self, addresses: Sequence[Address]) -> Held:
        return await shelves.of_blocks(self._connection, addresses)

    def _by_id(self, product_id: int) -> Callable[[], Awaitable[bytes]]:
        async def find() -> bytes:
            return encode((await offered.by_id(self._connection, product_id)).product)

        return find

    def _by_gtin(self, product: Product) -> Callable[[], Awaitable[bytes]]:
        async def find() -> bytes:
            return encode((await offered.by_gtin(self._connection, *product)).product)

        return find


def _alike(one: bytes, other: bytes) -> bool:
    return one == other or _parsed(one) == _parsed(other)


def _parsed(value: bytes) -> object:
    """JSON, whatever the order of its keys; bytes that are none stand for themselves."""
    try:
        return orjson.loads(value) if value != UNKNOWN else value
    except ValueError:
        return value


def _shown(value: bytes) -> str:
    return "that nobody knows it" if value == UNKNOWN else value[:200].decode(errors="replace")

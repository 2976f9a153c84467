"""Loader, publishers and a worker's reading on real servers, in parts that a test runs when it wants them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from inventory_service.lookup.fills import Form, Loaded
from inventory_service.lookup.readthrough import ReadThrough, Values
from inventory_service.storage import changes, shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import decode, encode, is_block, parts
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.changes import Cursor
from inventory_service.storage.postgres import Pool, connected
from store_sync.publisher import Publisher
from tests.sync.world import Syncer, shop

FORM = Form(is_block, lambda _: 0, encode(()))
STORES = [shop("1"), shop("2"), shop("3")]


@dataclass
class Side:
    """One program's view of Redis: a cache, a way to read through it, and a publisher to run."""

    cache: Cache
    through: ReadThrough
    publisher: Publisher


@dataclass
class House:
    """Two sides on the same servers."""

    sync: Syncer
    pool: Pool
    redis: Redis
    one: Side
    other: Side

    async def blocks(self) -> dict[str, bytes]:
        """Every cached block by its key."""
        names = [name.decode() async for name in self.redis.scan_iter(keys.PREFIX + "{[0-9]*}:[0-9]*", count=1_000)]
        found = {name: await self.redis.get(name) for name in names if not name.endswith(":l")}
        return {name: value for name, value in found.items() if value is not None}

    async def held(self, name: str) -> bytes:
        """What Postgres would have a block hold."""
        product, neighbourhood = name.removeprefix(keys.PREFIX + "{").split("}:")
        async with connected(self.pool, deadline_s=5) as connection:
            found = await shelves.of_product(connection, int(product), [int(neighbourhood)])
        return found.block((int(product), int(neighbourhood)))

    async def cache_is_true(self) -> bool:
        return all([parts(value) == parts(await self.held(name)) for name, value in (await self.blocks()).items()])

    async def read(self, item_id: str = "cola") -> Values:
        """As a worker reads a product's levels everywhere."""
        product_id = await self.sync.value("SELECT product_id FROM item WHERE item_id = $1", item_id)
        rows = await self.sync.fetch("SELECT neighbourhood_id FROM neighbourhood")
        names = [keys.block(product_id, row["neighbourhood_id"]) for row in rows]

        async def load(missing: Sequence[str]) -> Loaded:
            values = {name: await self.held(name) for name in missing}
            async with connected(self.pool, deadline_s=5) as connection:
                return Loaded(values, await changes.horizon(connection))

        return await self.one.through.read(names, load, FORM)

    async def quantities(self, item_id: str = "cola") -> list[int | None]:
        """By slot."""
        blocks = (await self.read(item_id)).in_order
        return [entry.level.stock.quantity for block in blocks for entry in decode(block)]

    async def is_live(self) -> bool:
        return (await self.one.cache.read([])).live


@asynccontextmanager
async def running(publisher: Publisher) -> AsyncIterator[None]:
    task = asyncio.create_task(publisher.run())
    try:
        yield
    finally:
        await ended(task)


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancels until it helps: on Python 3.11 `asyncio.wait_for`, which redis-py uses, may swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.5)


async def unhindered() -> None:
    """The turn of a publisher that nobody relieves."""


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.01)


async def caught_up(house: House) -> None:
    """Until what is committed by now has been published."""
    async with connected(house.pool, deadline_s=5) as connection:
        last = (await changes.read(connection, Cursor(0, 0), [], 100_000)).changes[-1].cursor

    async def published() -> bool:
        xact, seq = await house.redis.hmget(keys.PUBLISHED, "xact", "seq")
        return xact is not None and (int(xact), int(seq)) >= tuple(last) and await house.is_live()

    await until(published)

"""Two publishers and a loader on the same servers."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.postgres import Pool, open_pool
from store_sync.publisher import Publisher
from tests.publish.house import STORES, House, Side
from tests.sync.world import Syncer, stopped_clock


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    await pool.close()


@pytest.fixture
def sync(pool: Pool) -> Syncer:
    return Syncer(pool)


@pytest_asyncio.fixture
async def house(sync: Syncer, pool: Pool, database_url: str, redis_url: str) -> AsyncIterator[House]:
    clients = [open_redis(redis_url, deadline_s=5.0) for _ in range(3)]
    sides = []
    for client in clients[1:]:
        cache = Cache(client)
        sides.append(Side(cache, ReadThrough(cache), Publisher(database_url, cache, stopped_clock())))
    await sync.load(STORES)
    yield House(sync, pool, clients[0], *sides)
    for client in clients:
        await client.aclose()

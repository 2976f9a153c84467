"""Workers beside each other on one Redis and one Postgres, whose readings are counted and can be held up."""

import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from inventory_service.storage import changes
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.postgres import Pool, connected, open_pool
from tests.answers.wire import Wire, wire
from tests.storms.worker import Worker
from tests.sync.world import Syncer, count, shop

Hire = Callable[..., Worker]


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def sync(pool: Pool) -> Syncer:
    """One product in stores near each other, counted in each."""
    sync = Syncer(pool)
    await sync.load([row for code in "12345" for row in (shop(code), count(code, "cola", int(code)))])
    return sync


@pytest_asyncio.fixture
async def hire(sync: Syncer, pool: Pool, redis: Redis, redis_url: str) -> AsyncIterator[Hire]:
    """Makes workers of the one product, beside a publisher that keeps up."""
    async with connected(pool, deadline_s=5) as connection:
        await redis.set(keys.LIVE, str(await changes.horizon(connection)), px=60_000)
    product_id = await sync.value("SELECT product_id FROM item")
    (here,) = [row["neighbourhood_id"] for row in await sync.fetch("SELECT neighbourhood_id FROM neighbourhood")]
    clients: list[Redis] = []

    def hired(url: str = redis_url, **bounds: float) -> Worker:
        clients.append(open_redis(url, deadline_s=5.0, connections=200))
        return Worker(clients[-1], pool, product_id, here, **bounds)

    yield hired
    for client in clients:
        await client.aclose()


@dataclass(frozen=True)
class Line:
    """A wire to Redis, and the address at its near end."""

    wire: Wire
    url: str


@pytest_asyncio.fixture
async def line(redis_url: str) -> AsyncIterator[Line]:
    if not redis_url.startswith("unix:"):
        pytest.skip("wires carry unix sockets only")
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        near, far = Path(folder) / "redis.sock", urlsplit(redis_url)
        async with wire(near, Path(far.path)) as cuttable:
            yield Line(cuttable, f"unix://{near}?{far.query}")

"""The whole house: writers, two publishers as processes, and the service over HTTP; its wire to Redis can be cut."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest_asyncio
from redis.asyncio import Redis

from inventory_service.embedded import Servers
from inventory_service.program import service
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.settings import Settings
from inventory_service.storage import keys as api_keys
from inventory_service.storage.cache import keys
from inventory_service.storage.postgres import Pool, connected, open_pool
from inventory_service.web.app import create_app
from inventory_service.web.warming import warm
from inventory_service.web.written import Writer
from tests.answers.wire import Wire, wire
from tests.publish.test_turns import process
from tests.sync.world import NOW, Syncer, item, shop, stopped_clock

GTINS = ("00300691085301", "04006381333931", "06291041500213", "00036000291452")
STORES = ("s1", "s2", "s3", "s4", "s5", "s6")
SECRET = "sk_of-the-cache-oracle"


@dataclass
class Street:
    """A shopping street whose every shelf is written, published and asked for."""

    sync: Syncer
    redis: Redis
    wire: Wire
    url: str
    publishers: dict[int, asyncio.subprocess.Process]

    async def working(self) -> asyncio.subprocess.Process:
        """The publisher whose turn it is."""
        holder = await self.sync.value("SELECT holder FROM publisher")
        return self.publishers[int(holder.rpartition("/")[2])]

    async def epoch(self) -> int:
        return int(await self.sync.value("SELECT epoch FROM publisher"))

    async def lives(self) -> bool:
        return bool(await self.redis.exists(keys.LIVE))


@pytest_asyncio.fixture
async def street(database_url: str, redis_url: str) -> AsyncIterator[Street]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wire-")))
        far = Path(urlsplit(redis_url).path)
        cuttable = await stack.enter_async_context(wire(folder / "redis.sock", far))
        through = f"unix://{folder}/redis.sock?{urlsplit(redis_url).query}"
        pool = await open_pool(database_url, deadline_s=30.0)
        stack.push_async_callback(pool.close)
        sync = Syncer(pool)
        await _furnished(sync, pool)
        processes = [await stack.enter_async_context(process(database_url, redis_url)) for _ in range(3)]
        tools = Toolbox(Settings(), Servers(database_url, through, embedded=False), pool, stopped_clock())
        answering = await stack.enter_async_context(service(tools))
        warm(answering, Writer())
        app = create_app(answering, tools.settings)
        port = await stack.enter_async_context(serve_app(app, "127.0.0.1", 0))
        redis = Redis.from_url(redis_url)
        stack.push_async_callback(redis.aclose)
        by_pid = {program.pid: program for program in processes}
        yield Street(sync, redis, cuttable, f"http://127.0.0.1:{port}", by_pid)


async def _furnished(sync: Syncer, pool: Pool) -> None:
    """Stores, items and a key that may see counts."""
    await sync.load([*map(shop, STORES), *(item(gtin, gtin, name=gtin) for gtin in GTINS)])
    async with connected(pool, deadline_s=10) as connection:
        about = {"name": "oracle", "origins": [], "retailer": None, "store_ids": [], "now": NOW}
        await api_keys.add(connection, kind="sk", secret=SECRET, scopes=["read", "counts"], **about)

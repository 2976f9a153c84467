"""The whole answering side on real servers: loader, publisher and service, joined by wires that can be cut."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from inventory_service.embedded import Servers
from inventory_service.lookup.service import Service
from inventory_service.program import service
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.shutdown import ended
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.settings import Settings
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.postgres import Pool, open_pool
from inventory_service.web.app import create_app
from inventory_service.web.warming import warm
from inventory_service.web.written import Writer
from store_sync.publisher import Publisher
from tests.answers.doors import PLAIN, Door
from tests.answers.towns import Town, emptied_beside, town
from tests.answers.wire import Wire, wire
from tests.staff.world import Time
from tests.sync.world import Syncer, stopped_clock


@dataclass(frozen=True)
class House:
    """`sync` loads past the wires; `service` and the publisher see the world through them."""

    sync: Syncer
    service: Service
    tools: Toolbox
    postgres: Wire
    redis: Wire
    cache: Cache

    async def current(self) -> None:
        """Until the publisher keeps up and the worker knows what was loaded."""
        await self.service._parts.memory.catch_up()
        async with asyncio.timeout(20):
            while not (await self.cache.read([keys.PUBLISHED + ":none"])).live:
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def house(database_url: str, redis_url: str) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wire-")))
        postgres = await stack.enter_async_context(wire(folder / ".s.PGSQL.5432", _postgres_socket(database_url)))
        redis = await stack.enter_async_context(wire(folder / "redis.sock", _redis_socket(redis_url)))
        name = urlsplit(database_url).path
        through = Servers(
            f"postgresql://{urlsplit(database_url).username}@{name}?host={folder}&port=5432",
            f"unix://{folder}/redis.sock?{urlsplit(redis_url).query}",
            embedded=False,
        )
        pool = await open_pool(through.database_url, deadline_s=5.0)
        stack.push_async_callback(_terminated, pool)
        direct = await open_pool(database_url, deadline_s=30.0)
        stack.push_async_callback(direct.close)
        tools = Toolbox(Settings(deadline_s=1.0), through, pool, stopped_clock())
        answering = await stack.enter_async_context(service(tools))
        warm(answering, Writer())
        client = open_redis(through.redis_url)
        stack.push_async_callback(client.aclose)
        publishing = asyncio.create_task(Publisher(through.database_url, Cache(client), stopped_clock()).run())
        stack.push_async_callback(ended, publishing)
        own = open_redis(redis_url)
        stack.push_async_callback(own.aclose)
        cache = Cache(own)
        stack.push_async_callback(cache.aclose)
        yield House(Syncer(direct), answering, tools, postgres, redis, cache)


@pytest_asyncio.fixture
async def door(house: House) -> AsyncIterator[Door]:
    registry = CollectorRegistry()
    async with (
        serve_app(create_app(house.service, house.tools.settings, registry), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False, headers=PLAIN) as session,
    ):
        yield Door(session, registry)


@pytest.fixture(autouse=True)
def _only_unix_sockets(database_url: str, redis_url: str) -> None:
    if not redis_url.startswith("unix:") or "host=" not in database_url:
        pytest.skip("wires carry unix sockets only")


def _postgres_socket(url: str) -> Path:
    query = parse_qs(urlsplit(url).query)
    return Path(query["host"][0]) / f".s.PGSQL.{query.get('port', ['5432'])[0]}"


def _redis_socket(url: str) -> Path:
    return Path(urlsplit(url).path)


async def _terminated(pool: Pool) -> None:
    pool.terminate()


@pytest_asyncio.fixture
async def towns(database_url: str, redis_url: str, new_database: Callable[[], str]) -> AsyncIterator[tuple[Town, Town]]:
    other_redis_url, time = await emptied_beside(redis_url), Time()
    async with town(database_url, redis_url, time) as one, town(new_database(), other_redis_url, time) as other:
        yield one, other

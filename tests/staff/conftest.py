"""A counter on real servers: whoever tells something there tells it to Postgres."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from inventory_service.embedded import Servers
from inventory_service.program import service
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.settings import Settings
from inventory_service.storage.postgres import open_pool
from inventory_service.web.app import create_app
from store_sync.load import Loader
from tests.staff.world import Counter, Time, add_keys, furnish
from tests.sync.world import Syncer


@pytest.fixture
def settings() -> Settings:
    return Settings(deadline_s=20.0)


@pytest_asyncio.fixture
async def counter(database_url: str, redis_url: str, settings: Settings) -> AsyncIterator[Counter]:
    pool = await open_pool(database_url, deadline_s=30.0)
    sync, time = Syncer(pool), Time()
    sync.loader = Loader(pool, time)
    store_ids = await furnish(sync)
    await add_keys(pool, store_ids)
    tools = Toolbox(settings, Servers(database_url, redis_url, embedded=False), pool, time)
    async with (
        service(tools) as answering,
        serve_app(create_app(answering, tools.settings), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield Counter(session, answering, pool, time, sync, store_ids)
    await pool.close()

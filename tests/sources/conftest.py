"""A pool as the programs open it, the parts that watchers and pullers work with, and a shop to report about."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from inventory_service.storage.postgres import Pool, open_pool
from store_sync.load import Loader
from store_sync.sources.taking import Means
from tests.sources.world import Sources
from tests.sync.world import stopped_clock

SHORT_LEASE_S = 1.0


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    await pool.close()


@pytest.fixture
def means(pool: Pool, tmp_path: Path) -> Means:
    clock = stopped_clock()
    return Means(pool, Loader(pool, clock), clock, tmp_path / "data", {}, 1 << 20, SHORT_LEASE_S)


@pytest_asyncio.fixture
async def sources(means: Means) -> Sources:
    found = Sources(means)
    await found.open_shops("1", "2", "3")
    return found

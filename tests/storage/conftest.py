"""A pool as the programs open it, and a loader whose clock stands still."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from inventory_service.storage.postgres import Pool, open_pool
from tests.sync.world import Syncer


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    await pool.close()


@pytest.fixture
def sync(pool: Pool) -> Syncer:
    return Syncer(pool)

"""The service on real servers, and a receiver that it delivers to."""

from collections.abc import AsyncIterator

import pytest_asyncio

from inventory_service.storage.postgres import Pool, open_pool
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.world import House, Open, opening


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=60.0, at_most=20)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def open_house(database_url: str, redis_url: str, pool: Pool) -> AsyncIterator[Open]:
    async with opening(database_url, redis_url, pool) as opened:
        yield opened


@pytest_asyncio.fixture
async def house(open_house: Open) -> House:
    return await open_house()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver

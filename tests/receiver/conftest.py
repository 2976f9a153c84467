"""A real receiver on a real database, and a sender with a key for one retailer."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from inventory_service.runtime.http.server import serve_app
from inventory_service.storage.postgres import Pool, open_pool
from store_sync.receiver.app import create_app
from store_sync.receiver.bounds import Bounds
from store_sync.receiver.parts import USUAL, assembled
from tests.receiver.world import DECLARED, ENVIRONMENT, NOW, Receiver, add_key, describe_shops

Start = Callable[..., AbstractAsyncContextManager[Receiver]]


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """As the programs open it."""
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    await pool.close()


@pytest.fixture
def start(pool: Pool, database_url: str, tmp_path: Path) -> Start:
    """Starts a receiver; several of them share the database."""

    @asynccontextmanager
    async def started(bounds: Bounds = USUAL, **replaced: Any) -> AsyncIterator[Receiver]:
        parts = assembled(
            replaced.pop("database_url", database_url),
            lambda: NOW,
            replaced.pop("declared", DECLARED),
            tmp_path / "spool",
            environment=ENVIRONMENT,
            bounds=bounds,
        )
        async with (
            parts as assembled_parts,
            serve_app(create_app(assembled_parts), "127.0.0.1", 0) as port,
            aiohttp.ClientSession() as session,
        ):
            yield Receiver(f"http://127.0.0.1:{port}", port, session, pool, tmp_path / "spool")

    return started


@pytest_asyncio.fixture
async def shops(pool: Pool) -> None:
    """Two stores and two items of acme, a key for acme, one for any retailer, and one that may only read."""
    await describe_shops(pool)
    await add_key(pool, "sk_acme_0123456789", retailer="acme")
    await add_key(pool, "sk_any_0123456789", retailer=None)
    await add_key(pool, "sk_reader_0123456789", retailer=None, scope="read")


@pytest_asyncio.fixture
async def receiver(start: Start, shops: None) -> AsyncIterator[Receiver]:
    async with start() as receiver:
        yield receiver

"""Two retailers, keys of partners, the running service with its deliveries, and what subscribers ask of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from prometheus_client import CollectorRegistry

from inventory_service.domain.webhooks import Backoff
from inventory_service.embedded import Servers
from inventory_service.lookup.service import Service
from inventory_service.program import service, telling
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.settings import Settings
from inventory_service.storage import changes, keys
from inventory_service.storage.postgres import Pool
from inventory_service.web.app import create_app
from store_sync.load import Loader
from tests.staff.world import Heard, Time, furnish
from tests.sync.world import GTIN, NOW, Syncer, at, count
from tests.webhooks.receiver import WITHIN_S, Receiver

READER, COUNTS, OTHER, INGEST, SHOP = "sk_reader_01", "sk_counts_01", "sk_other_01", "sk_ingest_01", "pk_shop_01"
AT_ONCE = Backoff(delays_s=(0.0,) * 4, rests_s=(0.0,))
NEVER = Backoff(delays_s=(3_600.0,), rests_s=(0.0,))
"""After the first failure nothing is tried again by itself while a test runs."""


@dataclass
class House:
    """The service, and its database."""

    session: aiohttp.ClientSession
    service: Service
    tools: Toolbox
    registry: CollectorRegistry
    time: Time
    sync: Syncer
    store_ids: dict[str, int]
    """By `retailer/store_code`."""

    @property
    def pool(self) -> Pool:
        return self.tools.pool

    async def send(self, method: str, path: str, key: str | None = READER, body: Any = None) -> Heard:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        data = body if isinstance(body, bytes | None) else orjson.dumps(body)
        async with self.session.request(method, path, data=data, headers=headers) as response:
            return Heard(response.status, response.headers, await response.read())

    async def subscribe(self, receiver: Receiver, key: str = READER, **about: Any) -> Any:
        """The new webhook, once it is watching; of GTIN at all of acme's stores, but for what is told."""
        products = {} if {"gtins", "products"} & about.keys() else {"gtins": [GTIN]}
        stores = {} if {"store_ids", "stores", "retailers"} & about.keys() else {"retailers": ["acme"]}
        made = await self.send("POST", "/v1/webhooks", key, {"url": receiver.url, **products, **stores, **about})
        assert made.status == 201, made.json
        await self.watched(made.json["id"])
        return made.json

    async def watched(self, webhook_id: int) -> None:
        """Waits until all that stood there has been noted."""
        await self.until(
            f"SELECT known_product = 2147483647 FROM webhook WHERE webhook_id = {int(webhook_id)}",
        )

    async def until(self, query: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not await self.pool.fetchval(query):
                await asyncio.sleep(0.02)

    async def settled(self, state: str, how_many: int = 1) -> None:
        """Waits until so many deliveries stand so."""
        await self.until(f"SELECT count(*) >= {how_many} FROM webhook_delivery WHERE state = '{state}'")

    async def holds(self, pieces: int, code: str = "s1", item_id: str = "i1", retailer: str = "acme") -> None:
        """A feed tells a count, a second later than the one before."""
        self.time.passes(seconds=1)
        await self.sync.load([count(code, item_id, pieces, self.time())], retailer)

    async def read_through(self) -> None:
        """Waits until all that is in the change log now has been looked at."""
        head = "SELECT coalesce(max(xact_id::text::bigint), 0) FROM change WHERE kind = 'levels'"
        last = await self.pool.fetchval(head)
        await self.until(f"SELECT xact_id >= {last} FROM webhook_reader")

    async def deliveries(self, webhook: Any, key: str = READER, query: str = "") -> Any:
        return (await self.send("GET", f"/v1/webhooks/{webhook['id']}/deliveries{query}", key)).json

    def counted(self, name: str) -> float:
        return self.registry.get_sample_value(name) or 0.0


Open = Callable[..., Awaitable[House]]


@asynccontextmanager
async def opening(database_url: str, redis_url: str, pool: Pool) -> AsyncIterator[Open]:
    """Opens houses at one database; `backoff` None: one that delivers nothing."""
    sync, time = Syncer(pool), Time()
    sync.loader = Loader(pool, time)
    store_ids = await furnish(sync)
    await _add_keys(pool)
    settings = Settings(deadline_s=20.0, webhook_private=True)
    tools = Toolbox(settings, Servers(database_url, redis_url, embedded=False), pool, time)
    async with AsyncExitStack() as stack:

        async def open_house(backoff: Backoff | None = AT_ONCE) -> House:
            registry = CollectorRegistry()
            answering = await stack.enter_async_context(service(tools, registry))
            port = await stack.enter_async_context(serve_app(create_app(answering, settings), "127.0.0.1", 0))
            session = await stack.enter_async_context(aiohttp.ClientSession(f"http://127.0.0.1:{port}"))
            if backoff is not None:
                await stack.enter_async_context(telling(tools, answering, registry, backoff))
            return House(session, answering, tools, registry, time, sync, store_ids)

        yield open_house


async def revoke(house: House, name: str) -> None:
    """As the command does."""
    async with house.pool.acquire() as connection, connection.transaction():
        key_id = await connection.fetchval("SELECT key_id FROM api_key WHERE name = $1", name)
        await keys.revoke(connection, key_id, house.time())
        await changes.append(connection, "keys", [key_id], [], house.time())


async def _add_keys(pool: Pool) -> None:
    about = {
        READER: ("sk", ["read"]),
        COUNTS: ("sk", ["read", "counts"]),
        OTHER: ("sk", ["read"]),
        INGEST: ("sk", ["ingest"]),
        SHOP: ("pk", ["read"]),
    }
    for secret, (kind, scopes) in about.items():
        async with pool.acquire() as connection:
            await keys.add(
                connection,
                kind=kind,
                secret=secret,
                name=secret,
                scopes=scopes,
                origins=[],
                retailer=None,
                store_ids=[],
                now=NOW,
            )


__all__ = ["GTIN", "NOW", "at"]

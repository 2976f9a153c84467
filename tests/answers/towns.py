"""Two towns on servers of their own, with the same shops: may what is told in one be told apart from the other?"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count as numbers
from typing import Any

import aiohttp
from redis.asyncio import Redis

from inventory_service.domain.gtin import parse_gtin
from inventory_service.embedded import Servers
from inventory_service.lookup.service import Service
from inventory_service.program import service
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.shutdown import ended
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.settings import Settings
from inventory_service.storage import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.cache.keys import PUBLISHED
from inventory_service.storage.postgres import open_pool
from inventory_service.web.app import create_app
from store_sync.load import Loader
from store_sync.publisher import Publisher
from tests.answers.doors import PLAIN
from tests.answers.listening import listening
from tests.staff.world import CONFIRMATIONS, Time
from tests.sync.world import Syncer, count, shop

COUNTS, READER, STAFF = "sk_counts_0123456789", "sk_reader_0123456789", "st_acme_0123456789"
CALLERS: Mapping[str, dict[str, str]] = {"nobody": {}, "a reader": {"Authorization": f"Bearer {READER}"}}
PLACE = "lat=47.65&lon=-122.35"
ASKED = ("", "&quantity=2", "&quantity=3", "&quantity=3&limit=2", "&limit=1&open_now=0", "&radius_m=1")
SHOPS = ("a", "b", "c", "d", "e", "f")
WITHIN_S = 60.0
NUMBERS = numbers(1)

Told = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


@dataclass(frozen=True)
class Town:
    """One world on servers of its own: what is loaded there, and the service over HTTP."""

    sync: Syncer
    time: Time
    cache: Cache
    answering: Service
    session: aiohttp.ClientSession

    async def stock(self, gtin: str, pieces: Sequence[int], minutes: Sequence[int] | int = 0, **about: Any) -> None:
        """One load, shop by shop: pieces, seen so many minutes ago."""
        ago = [minutes] * len(pieces) if isinstance(minutes, int) else minutes
        lines = [
            count(code, f"i{gtin}", some, self.time.ago(before), gtin=gtin, line=number)
            for number, (code, some, before) in enumerate(zip(SHOPS, pieces, ago, strict=False), 2)
        ]
        await self.sync.load(lines, as_of=self.time(), **about)
        await self.current(gtin)

    async def look(self, gtin: str, code: str, shelf: str) -> None:
        """Staff tell what they see."""
        body = {"store_code": code, "gtin": gtin, "shelf": shelf}
        status, _, answer = await self.post(CONFIRMATIONS, body, Authorization=f"Bearer {STAFF}")
        assert status == 201, answer
        await self.current(gtin)

    async def current(self, gtin: str) -> None:
        """Until what was told is what is answered."""
        await self.answering._parts.memory.catch_up()
        async with asyncio.timeout(WITHIN_S):
            while not (await self.cache.read([PUBLISHED + ":none"])).live:
                await asyncio.sleep(0.01)
            while (await self.get(f"/v1/availability?gtin={gtin}&{PLACE}"))[0] != 200:
                await asyncio.sleep(0.02)

    async def get(self, target: str, **headers: str) -> Told:
        return await self._asked("GET", target, None, headers)

    async def post(self, target: str, body: Any, **headers: str) -> Told:
        return await self._asked("POST", target, body, headers)

    async def first_event(self, target: str, **headers: str) -> tuple[Any, ...]:
        async with listening(self.session, target, **headers) as heard:
            event = await heard.next()
            assert event is not None
            return event.name, event.entity_tag, event.json

    async def _asked(self, method: str, target: str, body: Any, headers: dict[str, str]) -> Told:
        async with self.session.request(method, target, json=body, headers=headers) as response:
            told = {name.lower(): value for name, value in response.headers.items() if name != "Date"}
            return response.status, told, await response.read()


@asynccontextmanager
async def town(database_url: str, redis_url: str, time: Time) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(database_url, deadline_s=WITHIN_S)
        stack.push_async_callback(pool.close)
        sync = Syncer(pool)
        sync.loader = Loader(pool, time)
        await sync.load([shop(code) for code in SHOPS])
        for kind, secret, scopes in (("sk", COUNTS, ["read", "counts"]), ("sk", READER, ["read"]), ("st", STAFF, [])):
            retailer = "acme" if kind == "st" else None
            about: Any = {"origins": [], "retailer": retailer, "store_ids": [], "now": time()}
            async with pool.acquire() as connection:
                await keys.add(connection, kind=kind, secret=secret, name=secret, scopes=scopes, **about)
        servers = Servers(database_url, redis_url, embedded=False)
        tools = Toolbox(Settings(deadline_s=20.0), servers, pool, time)
        answering = await stack.enter_async_context(service(tools))
        client = open_redis(redis_url)
        stack.push_async_callback(client.aclose)
        publishing = asyncio.create_task(Publisher(database_url, Cache(client), time).run())
        stack.push_async_callback(ended, publishing)
        port = await stack.enter_async_context(serve_app(create_app(answering, tools.settings), "127.0.0.1", 0))
        session = aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False, headers=PLAIN)
        own = open_redis(redis_url)
        stack.push_async_callback(own.aclose)
        cache = Cache(own)
        stack.push_async_callback(cache.aclose)
        yield Town(sync, time, cache, answering, await stack.enter_async_context(session))


async def emptied_beside(redis_url: str) -> str:
    """Another empty database of the same server."""
    other = re.sub(r"db=(\d+)", lambda found: f"db={int(found[1]) + 8}", redis_url)
    assert other != redis_url
    async with Redis.from_url(other) as client:
        await client.flushdb()
    return other


def new_gtin() -> str:
    """Of a product that no example had before."""
    body = f"40063813{next(NUMBERS):04}"
    return next(gtin for gtin in map(_checked, (f"{body}{digit}" for digit in range(10))) if gtin)


def _checked(text: str) -> str:
    try:
        return parse_gtin(text)
    except ValueError:
        return ""


async def assert_alike(towns: tuple[Town, Town], gtin: str) -> None:
    """Whoever is told no counts is answered the same in both, byte for byte, whatever is asked of a product."""

    async def same(ask: str, *details: Any, **headers: str) -> Any:
        told = await asyncio.gather(*(getattr(each, ask)(*details, **headers) for each in towns))
        assert told[0] == told[1], (ask, details, headers)
        return told[0]

    plain = f"/v1/availability?gtin={gtin}&{PLACE}"
    for code in SHOPS[:3]:
        await same("get", f"/v1/staff/position?store_code={code}&gtin={gtin}", Authorization=f"Bearer {STAFF}")
    for headers in CALLERS.values():
        for target in (plain + more for more in ASKED):
            status, told, _ = await same("get", target, **headers)
            assert status == 200
            assert (await same("get", target, **headers, **{"If-None-Match": told["etag"]}))[0] == 304
            await same("get", target, **headers, Accept="application/ld+json")
            await same("get", target, **headers, **{"Accept-Encoding": "gzip"})
        assert (await same("get", f"{plain}&quantity=4", **headers))[0] == 403
        await same("get", f"{plain}&quantity=0", **headers)
        assert (await same("first_event", plain, **headers))[0] == "availability"
        place = {"lat": 47.65, "lon": -122.35}
        pieces = [{"gtin": gtin, "quantity": quantity} for quantity in (1, 2, 3, 4)]
        pairs = {"queries": [{**place, **one} for one in pieces]}
        assert (await same("post", "/v1/availability/batch", pairs, **headers))[0] == 200
        baskets = [await same("post", "/v1/basket", {**place, "items": [one]}, **headers) for one in pieces]
        assert [status for status, *_ in baskets] == [200, 200, 200, 200]

"""Counts never leak, on real servers: two worlds whose feeds differ in counts alone, loaded in one go each.

Where the same words, bands and steps are told of them, nobody without scope `counts` sees a difference in any byte.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count as numbers
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from inventory_service.domain.belief.learned import untaught
from inventory_service.domain.gtin import parse_gtin
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock
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
from inventory_service.storage.postgres import open_pool
from inventory_service.web.app import create_app
from inventory_service.web.wording import public_probability
from store_sync.publisher import Publisher
from tests.answers.listening import listening
from tests.conftest import Backstage, _with_database
from tests.sync.world import NOW, Syncer, at, count, shop, stopped_clock

COUNTS, READER = "sk_counts_0123456789", "sk_reader_0123456789"
CALLERS = {"nobody": {}, "a reader": {"Authorization": f"Bearer {READER}"}}
PLACE = "lat=47.65&lon=-122.35"
ASKED = ("", "&quantity=2", "&quantity=3", "&quantity=3&limit=2", "&limit=1&open_now=0", "&radius_m=1")
SHOPS = ("a", "b", "c", "d", "e", "f")
HOURS = (1, 20, 100, 300)
MOST = 60
WITHIN_S = 60.0


def told_of(pieces: int, hours: int) -> tuple[Any, ...]:
    """All that may be told of a record, for each quantity that anybody may ask for."""
    learned, seen_at = untaught(timedelta(seconds=Settings().horizon_s)), at(60 * hours)
    stock = Stock.exactly(pieces)
    basis = learned.basis(1, 1, Level(stock, seen_at, seen_at, seen_at, 1), seen_at, NOW)
    judged = [learned.judge(basis, quantity, 0) for quantity in (1, 2, 3)]
    steps = [None if one.probability is None else public_probability(one.probability) for one in judged]
    return stock.band, *((one.availability, step) for one, step in zip(judged, steps, strict=True))


def alike(hours: int) -> list[list[int]]:
    """Counts of which the same is told, where there are several."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for pieces in range(MOST + 1):
        found.setdefault(told_of(pieces, hours), []).append(pieces)
    return [group for group in found.values() if len(group) > 1]


@st.composite
def twins(draw: st.DrawFn) -> tuple[int, int, int]:
    """Two counts that nobody may tell apart, and how many hours ago they were seen."""
    hours = draw(st.sampled_from(HOURS))
    group = draw(st.sampled_from(ALIKE[hours]))
    return draw(st.sampled_from(group)), draw(st.sampled_from(group)), hours


ALIKE = {hours: alike(hours) for hours in HOURS}
WORLDS = st.lists(twins(), min_size=1, max_size=len(SHOPS)).filter(lambda found: any(a != b for a, b, _ in found))


@dataclass(frozen=True)
class Town:
    """One world on servers of its own: what is loaded there, and the service over HTTP."""

    sync: Syncer
    answering: Service
    session: aiohttp.ClientSession

    async def stock(self, gtin: str, levels: list[tuple[int, int]]) -> None:
        """One load of (pieces, hours ago), shop by shop."""
        lines = [
            count(code, f"i{gtin}", pieces, at(60 * hours), gtin=gtin, line=number)
            for number, (code, (pieces, hours)) in enumerate(zip(SHOPS, levels, strict=False), 2)
        ]
        await self.sync.load(lines, as_of=NOW)
        await self.answering._parts.memory.catch_up()
        async with asyncio.timeout(WITHIN_S):
            while (await self.get(f"/v1/availability?gtin={gtin}&{PLACE}"))[0] != 200:
                await asyncio.sleep(0.02)

    async def get(self, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return await self._asked("GET", target, None, headers)

    async def post(self, target: str, body: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return await self._asked("POST", target, body, headers)

    async def first_event(self, target: str, **headers: str) -> tuple[Any, ...]:
        async with listening(self.session, target, **headers) as heard:
            event = await heard.next()
            assert event is not None
            return event.name, event.entity_tag, event.json

    async def _asked(
        self, method: str, target: str, body: Any, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        async with self.session.request(method, target, json=body, headers=headers) as response:
            told = {name.lower(): value for name, value in response.headers.items() if name != "Date"}
            return response.status, told, await response.read()


@asynccontextmanager
async def town(database_url: str, redis_url: str) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(database_url, deadline_s=WITHIN_S)
        stack.push_async_callback(pool.close)
        sync = Syncer(pool)
        await sync.load([shop(code) for code in SHOPS])
        for secret, scopes in ((COUNTS, ["read", "counts"]), (READER, ["read"])):
            about: Any = {"origins": [], "retailer": None, "store_ids": [], "now": NOW}
            async with pool.acquire() as connection:
                await keys.add(connection, kind="sk", secret=secret, name=secret, scopes=scopes, **about)
        servers = Servers(database_url, redis_url, embedded=False)
        tools = Toolbox(Settings(deadline_s=20.0), servers, pool, stopped_clock())
        answering = await stack.enter_async_context(service(tools))
        client = open_redis(redis_url)
        stack.push_async_callback(client.aclose)
        publishing = asyncio.create_task(Publisher(database_url, Cache(client), stopped_clock()).run())
        stack.push_async_callback(ended, publishing)
        port = await stack.enter_async_context(serve_app(create_app(answering, tools.settings), "127.0.0.1", 0))
        session = aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False)
        yield Town(sync, answering, await stack.enter_async_context(session))


@pytest.fixture
def other_database_url(
    backstage: Backstage, template: str, postgres_url: str, administration: asyncpg.Connection, worker_id: str
) -> Iterator[str]:
    name = f"{template}_{worker_id}_other"
    backstage.run(administration.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
    yield _with_database(postgres_url, name)
    backstage.run(administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest_asyncio.fixture
async def other_redis_url(redis_url: str) -> str:
    """Another empty database of the same server."""
    other = re.sub(r"db=(\d+)", lambda found: f"db={int(found[1]) + 8}", redis_url)
    assert other != redis_url
    async with Redis.from_url(other) as client:
        await client.flushdb()
    return other


@pytest_asyncio.fixture
async def towns(
    database_url: str, redis_url: str, other_database_url: str, other_redis_url: str
) -> AsyncIterator[tuple[Town, Town]]:
    async with town(database_url, redis_url) as one, town(other_database_url, other_redis_url) as other:
        yield one, other


NUMBERS = numbers(1)


def new_gtin() -> str:
    """Of a product that no example had before."""
    body = f"40063813{next(NUMBERS):04}"
    return next(gtin for gtin in map(_checked, (f"{body}{digit}" for digit in range(10))) if gtin)


def _checked(text: str) -> str:
    try:
        return parse_gtin(text)
    except ValueError:
        return ""


@given(WORLDS)
@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
async def test_nobody_without_the_scope_can_tell_two_loads_apart(
    towns: tuple[Town, Town], levels: list[tuple[int, int, int]]
) -> None:
    here, there = towns
    gtin = new_gtin()
    await here.stock(gtin, [(one, hours) for one, _, hours in levels])
    await there.stock(gtin, [(other, hours) for _, other, hours in levels])

    async def same(ask: str, *details: Any, **headers: str) -> Any:
        told = await asyncio.gather(*(getattr(each, ask)(*details, **headers) for each in (here, there)))
        assert told[0] == told[1], (ask, details, headers)
        return told[0]

    plain = f"/v1/availability?gtin={gtin}&{PLACE}"
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
    counted = [(await each.get(plain, Authorization=f"Bearer {COUNTS}"))[2] for each in towns]
    assert counted[0] != counted[1]

"""Publishable keys go the quick way too, and are told what the usual way tells them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from inventory_service.runtime.http.server import serve_app
from inventory_service.storage import changes, keys
from inventory_service.storage.postgres import transaction
from inventory_service.web.app import create_app
from tests.answers.conftest import House
from tests.answers.doors import PLAIN, UNUSUAL, Door, same
from tests.sync.world import GTIN, at, count, item, shop

SHOP = "https://shop.example"
QUICK = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"
KEYED = QUICK + "&key=pk_shop"
UNHEARD = "/v1/availability?gtin=04006381333931&lat=47.6&lon=-122.3&key=pk_shop"
MADE: dict[str, dict[str, Any]] = {
    "pk_shop": {"kind": "pk", "origins": [SHOP, "https://other.example"]},
    "pk_narrow": {"kind": "pk", "origins": [SHOP], "fields": ["store", "availability"]},
    "pk_own": {"kind": "pk", "origins": [SHOP], "retailers": ["acme"]},
    "sk_back": {"kind": "sk", "origins": []},
}


async def make_keys(house: House) -> None:
    async with transaction(house.tools.pool, deadline_s=10) as connection:
        now = house.tools.clock()
        for secret, of in MADE.items():
            rest = {"name": secret, "scopes": ["read"], "retailer": None, "store_ids": [], "now": now}
            await keys.add(connection, secret=secret, **rest, **of)
        await changes.append(connection, "keys", [1], [], now)


Opened = Callable[..., AbstractAsyncContextManager[Door]]


@pytest_asyncio.fixture
async def opened(house: House) -> Opened:
    await house.sync.load([shop("s1"), item("i1", gtin=GTIN, name="Tea"), count("s1", "i1", 5, at(60))])
    await make_keys(house)
    await house.current()

    @asynccontextmanager
    async def opened(*, require_key: bool = False) -> AsyncIterator[Door]:
        settings = house.tools.settings.model_copy(update={"require_key": require_key})
        registry = CollectorRegistry()
        async with (
            serve_app(create_app(house.service, settings, registry), "127.0.0.1", 0) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False, headers=PLAIN) as session,
        ):
            yield Door(session, registry)

    return opened


@pytest.mark.parametrize("target", [KEYED, UNHEARD, QUICK.replace("?", "?key=pk_shop&"), KEYED + "&limit=2"])
async def test_an_answer_is_the_same_on_both_ways(opened: Opened, target: str) -> None:
    async with opened() as door:
        await door.ask(QUICK)
        _, told, _ = await same(door, target, Origin=SHOP)
        assert told["access-control-allow-origin"] == SHOP
        if "etag" in told:
            assert (await same(door, target, Origin=SHOP, If_None_Match=told["etag"]))[0] == 304


async def test_each_origin_of_a_key_may_read_its_own_answer(opened: Opened) -> None:
    async with opened() as door:
        for origin in (SHOP, "https://other.example"):
            assert (await door.ask(KEYED, Origin=origin))[1]["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        (KEYED, {"Origin": "https://evil.example"}, 403),
        (KEYED, {}, 403),
        (QUICK + "&key=pk_nobody", {"Origin": SHOP}, 401),
        (QUICK + "&key=sk_back", {"Origin": SHOP}, 400),
        (KEYED + "&key=pk_shop", {"Origin": SHOP}, 400),
        (QUICK + "&key=pk_narrow", {"Origin": SHOP}, 200),
        (QUICK + "&key=pk_own", {"Origin": SHOP}, 200),
        (QUICK + "&key=pk%5Fshop", {"Origin": SHOP}, 200),
        (KEYED + "&nokey=pk_shop", {"Origin": SHOP}, 400),
        ("/v1/availability?key=pk_shop", {"Origin": SHOP}, 400),
    ],
)
async def test_what_is_unusual_about_a_key_is_looked_at_the_usual_way(
    opened: Opened, target: str, headers: dict[str, str], status: int
) -> None:
    async with opened() as door:
        await door.ask(QUICK)
        assert (await same(door, target, **headers))[0] == status
        if "narrow" in target:
            assert set(orjson.loads((await door.ask(target, **headers))[2])["results"][0]) == {"store", "availability"}


async def test_where_a_key_is_required_a_publishable_one_is_enough(opened: Opened) -> None:
    async with opened(require_key=True) as door:
        assert (await door.ask(QUICK))[0] == 401
        assert (await same(door, KEYED, Origin=SHOP))[0] == 200


async def test_it_is_paid_by_the_key_and_counted_as_its_use(opened: Opened, house: House) -> None:
    async with opened() as door:
        for _ in range(3):
            assert (await door.ask(KEYED, Origin=SHOP))[0] == 200
        assert door.counted('nearshelf_spent_total{kind="pk"}') == 3
        assert door.counted('nearshelf_spent_total{kind="anonymous"}') == 0
        key = house.service.authenticate("pk_shop")
        assert house.service.usage._used[key.key_id].requests == 3


async def test_a_key_that_was_revoked_is_refused_on_the_quick_way(opened: Opened, house: House) -> None:
    async with opened() as door:
        assert (await door.ask(KEYED, Origin=SHOP))[0] == 200
        memory = house.service._parts.memory
        memory.keys = {held: replace(key, revoked=True) for held, key in memory.keys.items()}
        assert (await same(door, KEYED, Origin=SHOP))[0] == 401
        assert (await door.ask(KEYED + UNUSUAL, Origin=SHOP))[0] == 401

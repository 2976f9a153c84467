"""On the quick way each answer is charged once, whichever part of it answers; it tells what the usual way tells."""

import re
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest_asyncio
from prometheus_client import CollectorRegistry

from inventory_service.runtime.http.server import serve_app
from inventory_service.spending.ledger import Ledger
from inventory_service.web.app import create_app
from tests.answers.conftest import House
from tests.answers.doors import PLAIN, UNUSUAL, Door
from tests.sync.world import GTIN, at, count, item, shop

QUICK = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"
UNHEARD = "/v1/availability?gtin=04006381333931&lat=47.6&lon=-122.3"
FROM_CACHE = 'nearshelf_answers_total{source="cache"}'
LIMIT = 12


@pytest_asyncio.fixture
async def door(house: House) -> AsyncIterator[Door]:
    house.service.ledger = Ledger(LIMIT)
    await house.sync.load([shop("s1"), item("i1", gtin=GTIN, name="Tea"), count("s1", "i1", 5, at(60))])
    await house.current()
    registry = CollectorRegistry()
    async with (
        serve_app(create_app(house.service, house.tools.settings, registry), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False, headers=PLAIN) as session,
    ):
        yield Door(session, registry)


def left(headers: dict[str, str]) -> int:
    found = re.fullmatch(r'"minute";r=(\d+);t=\d+', headers["ratelimit"])
    assert found is not None
    return int(found[1])


async def test_every_answer_is_charged_once_whatever_it_came_from(door: Door) -> None:
    _, told, _ = await door.ask(QUICK)
    assert (left(told), told["ratelimit-policy"]) == (LIMIT - 1, f'"minute";q={LIMIT};w=60')
    held = {"If_None_Match": told["etag"]}
    for place, (target, headers, status) in enumerate(
        [(QUICK, {}, 200), (QUICK, held, 304), (UNHEARD, {}, 404), (QUICK + UNUSUAL, {}, 200), (QUICK, {}, 200)], 2
    ):
        got, told, _ = await door.ask(target, **headers)
        assert (got, left(told)) == (status, LIMIT - place)
    assert door.counted(FROM_CACHE) > 0
    assert door.counted('nearshelf_spent_total{kind="anonymous"}') == 6


async def test_who_is_over_is_told_the_same_on_both_ways(door: Door) -> None:
    for _ in range(LIMIT):
        assert (await door.ask(QUICK))[0] == 200
    answers = door.counted("nearshelf_answers_total")
    quick, usual = await door.ask(QUICK), await door.ask(QUICK + UNUSUAL)
    assert (quick[0], usual[0], door.counted("nearshelf_answers_total")) == (429, 429, answers)
    assert set(quick[1]) == set(usual[1])
    assert left(quick[1]) == left(usual[1]) == 0
    bodies = [orjson.loads(one[2]) for one in (quick, usual)]
    assert {one["type"] for one in bodies} == {"/problems/rate-limited"}


async def test_while_redis_is_lost_answers_go_on_and_are_counted(house: House, door: Door) -> None:
    await house.redis.cut()
    heard = [await door.ask(QUICK) for _ in range(LIMIT + 1)]
    assert [one[0] for one in heard] == [200] * LIMIT + [429]
    assert [left(one[1]) for one in heard] == [*reversed(range(LIMIT)), 0]

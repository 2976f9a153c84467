"""A flood at the door: whom there is no room for is told when to come back, and nothing else goes wrong."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random

import aiohttp

from inventory_service.domain.gtin import check_digit
from inventory_service.lookup.admission import Bounds
from inventory_service.runtime.http.server import serve_app
from inventory_service.web.app import create_app
from tests.answers.conftest import House, _only_unix_sockets, house
from tests.sync.world import GTIN, count, shop

__all__ = ("_only_unix_sockets", "house")
PLACE = "lat=47.6&lon=-122.3"
ASKING_POSTGRES = "&open_now=0"
"""On the quick way a product of which nobody has told is known to be unknown without asking."""
Heard = tuple[int, str, str | None]
"""Status, type of the problem, Retry-After."""


def gtins(numbers: Iterable[int]) -> list[str]:
    return [body + check_digit(body) for body in (f"0060{number:09d}" for number in numbers)]


@asynccontextmanager
async def open_door(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    app = create_app(house.service, house.tools.settings)
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=connector) as session,
    ):
        yield session


async def ask(session: aiohttp.ClientSession, gtin: str, more: str = "") -> Heard:
    async with session.get(f"/v1/availability?gtin={gtin}&{PLACE}{more}") as response:
        body = await response.json(content_type=None)
        return response.status, body.get("type", ""), response.headers.get("Retry-After")


async def test_a_flood_of_unknown_products_is_shed_and_what_is_cached_is_answered(house: House) -> None:
    await house.sync.load([shop("s1"), count("s1", "i1", 5, gtin=GTIN)])
    await house.current()
    bounds = Bounds()
    async with open_door(house) as session:
        assert await ask(session, GTIN) == (200, "", None)
        house.postgres.freeze()
        many = gtins(range(bounds.at_once + bounds.waiting + 60))
        flood = [asyncio.create_task(ask(session, gtin, ASKING_POSTGRES)) for gtin in many]
        async with asyncio.timeout(20):
            while not any(task.done() for task in flood):
                assert await ask(session, GTIN) == (200, "", None)
        heard = Counter(await asyncio.gather(*flood))
        house.postgres.thaw()
    assert set(heard) <= {(503, "/problems/crowded", "1"), (503, "/problems/unavailable", "1")}
    assert heard[503, "/problems/crowded", "1"] >= 60


async def test_a_flush_under_load_makes_nobody_fail_but_who_is_told_when_to_come_back(house: House) -> None:
    known = gtins(range(60))
    await house.sync.load(
        [shop(code) for code in "123"] + [count(code, gtin, 3, gtin=gtin) for code in "123" for gtin in known]
    )
    await house.current()
    heard: Counter[Heard] = Counter()
    async with open_door(house) as session:

        async def shopping(random: Random) -> None:
            while True:
                heard[await ask(session, random.choice(known))] += 1

        shoppers = [asyncio.create_task(shopping(Random(n))) for n in range(40)]
        for _ in range(3):
            await more(heard, shoppers, 300)
            await house.cache._redis.flushall()
        await more(heard, shoppers, 300)
        for shopper in shoppers:
            shopper.cancel()
        await asyncio.wait(shoppers)
        await house.current()
        assert [await ask(session, gtin) for gtin in known] == [(200, "", None)] * 60
    assert set(heard) <= {(200, "", None), (503, "/problems/crowded", "1"), (503, "/problems/unavailable", "1")}


async def more(heard: "Counter[Heard]", shoppers: "list[asyncio.Task[None]]", answers: int) -> None:
    enough = heard.total() + answers
    async with asyncio.timeout(30):
        while heard.total() < enough:
            for shopper in shoppers:
                if shopper.done():
                    shopper.result()
            await asyncio.sleep(0.01)

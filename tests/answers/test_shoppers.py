"""What shoppers say, from their report over HTTP to the answers of everybody: within seconds, and within bounds."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from inventory_service.domain.errors import TooManyError
from inventory_service.domain.shoppers import Word
from inventory_service.runtime.http.server import serve_app
from inventory_service.shoppers.hearing import Bounds, Hearing, Voice, network_of
from inventory_service.storage.cache import keys
from inventory_service.web.app import create_app
from store_sync.verify import Verifier
from tests.answers.conftest import House
from tests.sync.world import GTIN, NOW, at, count, item, shop, stopped_clock

PLACE = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"
WAYS = [PLACE, f"{PLACE}&open_now=0"]
"""The quick way, and the usual one."""


class Door:
    """The service over HTTP, with a full shelf, an empty one, and one that nobody has told of."""

    def __init__(self, house: House, session: aiohttp.ClientSession) -> None:
        self.house, self._session = house, session

    async def stock(self) -> None:
        lines = [count("full", "A", 9, at(60)), count("gone", "A", 0, at(60)), shop("silent")]
        await self.house.sync.load([shop("full"), shop("gone"), item("A", GTIN), *lines])
        await self.house.current()

    async def say(self, code: str, device: str, *, found: bool) -> int:
        body = {"store_code": code, "retailer": "acme", "gtin": GTIN, "found": found, "device": f"device-{device:0>12}"}
        async with self._session.post("/v1/reports", json=body) as response:
            return response.status

    async def insist(self, code: str, device: str, *, found: bool) -> int:
        """Says it again for as long as there is no time for it."""
        while (status := await self.say(code, device, found=found)) == 503:
            await asyncio.sleep(0.05)
        return status

    async def shelf(self, code: str, way: str = PLACE) -> dict[str, Any]:
        async with self._session.get(way) as response:
            (found,) = [one for one in (await response.json())["results"] if one["store"]["store_code"] == code]
            return found

    async def settled(self, code: str, probability: float) -> None:
        """Until both ways tell it; the word and the band are those of the stock."""
        full = code == "full"
        async with asyncio.timeout(5):
            for way in WAYS:
                while (shelf := await self.shelf(code, way))["probability"] != probability:
                    await asyncio.sleep(0.02)
                told = shelf["availability"], shelf["quantity_band"]
                assert told == (("in_stock", "3+") if full else ("out_of_stock", "0"))


@pytest_asyncio.fixture
async def door(house: House) -> AsyncIterator[Door]:
    app = create_app(house.service, house.tools.settings)
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        door = Door(house, session)
        await door.stock()
        yield door


async def test_a_word_reaches_every_answer_and_moves_the_probability_alone(door: Door) -> None:
    await door.settled("full", 0.95)
    assert await door.say("full", "one", found=False) == 201
    await door.settled("full", 0.9)
    assert await door.say("gone", "one", found=True) == 201
    await door.settled("gone", 0.1)


async def test_the_attack_of_a_hundred_devices_ends_at_its_bound(door: Door) -> None:
    for number in range(100):
        said = door.insist("full", str(number), found=False), door.insist("gone", str(number), found=True)
        await asyncio.gather(*said)
    assert await door.house.sync.value("SELECT count(*) FROM shopper_report") == 200
    await door.settled("full", 0.7)
    await door.settled("gone", 0.3)


async def test_one_device_at_once_has_one_voice(door: Door) -> None:
    statuses = await asyncio.gather(*(door.insist("full", "one", found=False) for _ in range(20)))
    assert set(statuses) <= {200, 201}
    assert statuses.count(201) <= 1
    await door.settled("full", 0.9)
    assert await door.house.sync.value("SELECT count(*) FROM shopper_report") == 1


async def test_news_from_the_store_outweighs_what_shoppers_said_before(door: Door) -> None:
    for device in "abc":
        await door.say("full", device, found=False)
    await door.settled("full", 0.8)
    await door.house.sync.load([count("full", "A", 8, NOW)])
    await door.settled("full", 0.95)


async def test_a_word_about_what_nobody_has_told_of_is_taken_and_weighs_nothing(door: Door) -> None:
    assert await door.say("silent", "one", found=True) == 201
    async with door._session.get(PLACE) as response:
        stores = [one["store"]["store_code"] for one in (await response.json())["results"]]
    assert stores == ["full", "gone"]


async def test_redis_holds_what_postgres_does_after_words(door: Door) -> None:
    await door.settled("full", 0.95)
    await door.say("full", "one", found=False)
    await door.settled("full", 0.9)
    async with door.house.sync.pool.acquire() as connection:
        said: list[str] = []
        found = await Verifier(connection, door.house.cache, said.append).run()
    assert (found.different, said) == (0, [])


async def test_while_redis_is_away_words_are_taken_and_nobody_is_bounded(door: Door) -> None:
    await door.house.redis.cut()
    assert await door.say("full", "one", found=False) == 201
    await door.settled("full", 0.9)
    await door.house.redis.mend()


async def test_while_postgres_is_away_a_word_is_refused_and_can_be_said_again(door: Door) -> None:
    await door.house.postgres.cut()
    assert await door.say("full", "one", found=False) == 503
    await door.house.postgres.mend()
    assert await door.say("full", "one", found=False) == 201


async def test_tokens_and_addresses_are_kept_nowhere(door: Door) -> None:
    await door.say("full", "one", found=False)
    rows = await door.house.sync.fetch("SELECT shopper_report::text AS row FROM shopper_report")
    names = [name async for some in _every_name(door.house) for name in some]
    kept = " ".join([*(row["row"] for row in rows), *names])
    assert keys.voice(b"")[:-1] in kept
    assert "device-" not in kept
    assert "127.0.0.1" not in kept


async def _every_name(house: House) -> AsyncIterator[list[str]]:
    async for name in house.cache._redis.scan_iter(match="*"):
        yield [name.decode()]


class Room:
    """Hearing with small bounds."""

    def __init__(self, house: House, per_device: int, per_address: int) -> None:
        bounds = Bounds(per_device, per_address)
        self._hearing = Hearing(house.sync.pool, house.cache, stopped_clock(), 5.0, bounds)

    async def refused(self, token: str, address: str, product_id: int = 1) -> int:
        """0, or after how many seconds the next word is taken."""
        try:
            await self._hearing.hear((product_id, 1), Word(True, NOW), Voice(token, address))
        except TooManyError as error:
            return error.retry_after_s
        return 0


async def test_a_device_and_an_address_may_say_so_much_a_day(door: Door) -> None:
    half_a_day = 12 * 3600
    room = Room(door.house, per_device=2, per_address=3)
    assert [await room.refused("a", "192.0.2.1") for _ in range(3)] == [0, 0, half_a_day]
    assert await room.refused("b", "192.0.2.1") == half_a_day
    assert await room.refused("b", "192.0.2.2") == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "unix", False),
    ],
)
def test_an_ipv6_network_is_one_address(one: str, other: str, alike: bool) -> None:
    assert (network_of(one) == network_of(other)) is alike

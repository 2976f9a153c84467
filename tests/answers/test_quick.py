"""The quick way to an answer is the usual way to the client: the same status, headers and body."""

import gzip
from decimal import Decimal
from random import Random

import orjson
import pytest

from inventory_service.domain.offer import Details, Money, Pickup
from inventory_service.domain.placenames import PlaceRow
from inventory_service.storage import changes, places
from tests.answers.conftest import House
from tests.answers.doors import Door, same, without_time
from tests.answers.test_oracle import world
from tests.sync.world import GTIN, at, count, item, shop

QUICK = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"


def city(name: str, lat: float, population: int) -> PlaceRow:
    return PlaceRow("US", "city", name, "WA", "Washington", "", lat, -122.3, population, "here")


PLACES = [
    city("Seattle", 47.606, 737_015),
    PlaceRow("US", "postcode", "Seattle", "WA", "Washington", "98101", 47.6114, -122.3305, 0, "here"),
    PlaceRow("DE", "postcode", "Nirgends", "BW", "", "75001", 48.9, 8.7, 0, "here"),
    PlaceRow("FR", "postcode", "Paris", "IDF", "", "75001", 48.8592, 2.3417, 0, "here"),
]


async def test_the_same_is_told_of_a_world_of_stores(house: House, door: Door) -> None:
    random = Random(11)
    rows, _ = world(random)
    await house.sync.load(rows)
    await house.current()
    for _ in range(2):
        for lat, lon in ((47.6, -122.3), (89.9, 10.5), (-16.8, 179.99), (51.5, -0.1), (-89.99, -120.5), (0.5, 0.5)):
            for more in ("", "&limit=50&radius_m=400000", "&quantity=3&arrive_in_s=7200", "&radius_m=1.5"):
                await same(door, f"/v1/availability?gtin={GTIN}&lat={lat}&lon={lon}{more}")
    assert door.counted('nearshelf_searches_total{by="kernel"}') > 50


async def test_details_prices_and_hours_are_told_the_same(house: House, door: Door) -> None:
    details = Details(Money(Decimal("9.5"), "USD"), None, Pickup("buy", "same_day"), "A 7")
    await house.sync.load(
        [
            shop("s1", opening_hours="Mo-Su 08:00-22:00"),
            item("i1", gtin=GTIN, name='Tea "Zoë"', price=Money(Decimal(19), "USD")),
            count("s1", "i1", 5, at(60), details=details),
        ]
    )
    await house.current()
    for _ in range(3):
        _, _, body = await same(door, QUICK)
    (result,) = orjson.loads(body)["results"]
    assert (result["price"], result["aisle"]) == ({"amount": "9.50", "currency": "USD"}, "A 7")


async def test_who_holds_the_answer_is_told_that_it_stands(house: House, door: Door) -> None:
    await house.sync.load([shop("s1"), count("s1", "i1", 5, at(60), gtin=GTIN)])
    await house.current()
    _, headers, _ = await same(door, QUICK)
    status, _, body = await same(door, QUICK, If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")
    assert (await same(door, QUICK, If_None_Match='W/"other"'))[0] == 200


async def test_a_long_answer_is_compressed_for_who_asks_for_it(house: House, door: Door) -> None:
    rows, _ = world(Random(12))
    await house.sync.load(rows)
    await house.current()
    target = QUICK + "&radius_m=500000"
    _, plain, body = await same(door, target)
    _, packed, small = await same(door, target, Accept_Encoding="gzip")
    assert packed["content-encoding"] == "gzip"
    assert packed["etag"] == plain["etag"]
    assert without_time(gzip.decompress(small)) == without_time(body)


@pytest.mark.parametrize("gtin", ["00300691085318", "2000000000008", "9900000000004"])
async def test_faults_are_told_the_same(door: Door, gtin: str) -> None:
    for _ in range(2):
        status, _, _ = await same(door, f"/v1/availability?gtin={gtin}&lat=47.6&lon=-122.3")
        assert status in (400, 404)


async def test_with_both_servers_away_it_is_the_same_problem(house: House, door: Door) -> None:
    await house.sync.load([shop("s1"), count("s1", "i1", 5, at(60), gtin=GTIN)])
    await house.current()
    await house.redis.cut()
    await house.postgres.cut()
    status, headers, _ = await same(door, QUICK)
    assert (status, headers["retry-after"]) == (503, "1")


async def test_a_named_place_is_told_the_same(house: House, door: Door) -> None:
    await house.sync.load([shop("s1"), count("s1", "i1", 5, at(60), gtin=GTIN)])
    async with house.tools.pool.acquire() as connection:
        await places.add(connection, PLACES)
        await changes.append(connection, "places", [], [], at(0))
    await house.current()
    for _ in range(3):
        for near in (
            "98101",
            "Seattle%2C%20WA",
            "seattle+wa",
            "S%C3%A9attle",
            "47.6,-122.3",
            "Seattel",
            "75001",
            "%00",
        ):
            for gtin in (GTIN, "00300691085318"):
                await same(door, f"/v1/availability?gtin={gtin}&near={near}&radius_m=50000.00000012")
    _, _, body = await same(door, f"/v1/availability?near=98101&gtin={GTIN}")
    assert orjson.loads(body)["origin"] == {"lat": 47.6114, "lon": -122.3305, "label": "Seattle, WA 98101"}
    assert [found["store"]["store_code"] for found in orjson.loads(body)["results"]] == ["s1"]


async def test_a_name_means_another_place_once_the_worker_knows_it(house: House, door: Door) -> None:
    target = f"/v1/availability?gtin={GTIN}&near=Renton"
    await house.sync.load([shop("s1"), count("s1", "i1", 5, at(60), gtin=GTIN)])
    await house.current()
    assert (await same(door, target))[0] == 400
    for lat, population in ((47.48, 100), (40.0, 1_000)):
        async with house.tools.pool.acquire() as connection:
            await places.add(connection, [city("Renton", lat, population)])
            await changes.append(connection, "places", [], [], at(0))
        await house.current()
        for _ in range(2):
            _, _, body = await same(door, target)
        assert orjson.loads(body)["origin"]["lat"] == lat

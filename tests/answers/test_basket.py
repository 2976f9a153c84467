"""POST /v1/basket on real servers, beside what GET /v1/availability tells of each product."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from random import Random
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from inventory_service.domain.offer import Details, Money
from inventory_service.runtime.http.server import serve_app
from inventory_service.web.app import create_app
from tests.answers.conftest import House
from tests.sync.world import GTIN, OTHER_GTIN, at, count, item, shop

GTINS = (GTIN, OTHER_GTIN, "06291041500213", "00036000291452", "00012345678905")
CODES = [f"s{number}" for number in range(12)]
PLACE = {"lat": 47.6, "lon": -122.3}
LIKELY = ("in_stock", "limited_availability")


class Shopper:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def basket(self, body: Any) -> tuple[int, Any]:
        """Asks again for as long as there is no time for it."""
        async with asyncio.timeout(30):
            while True:
                async with self._session.post("/v1/basket", json=body) as response:
                    status, told = response.status, await response.json()
                if status != 503 and 503 not in [one["status"] for one in told.get("items", [])]:
                    return status, told

    async def shelves(self, gtin: str, quantity: int) -> dict[int, Any]:
        """What a GET tells of every store, by its id."""
        asked = {"gtin": gtin, "lat": "47.6", "lon": "-122.3", "radius_m": "25000", "limit": "50", "quantity": quantity}
        async with asyncio.timeout(30):
            while True:
                async with self._session.get("/v1/availability", params=asked) as response:
                    if response.status != 503:
                        return {one["store"]["id"]: one for one in (await response.json())["results"]}


@pytest_asyncio.fixture
async def shopper(house: House) -> AsyncIterator[Shopper]:
    random = Random(7)
    await house.sync.load([*map(shop, CODES), *(item(gtin, gtin, name=gtin) for gtin in GTINS)])
    for hours, share in ((1, 0.6), (300, 0.2), (1_000, 0.2)):
        lines = [
            count(code, gtin, random.choice((0, 0, 1, 2, 3, 9)), at(60 * hours), details=priced(random))
            for code in CODES
            for gtin in GTINS
            if random.random() < share
        ]
        await house.sync.load(lines)
    await house.current()
    app = create_app(house.service, house.tools.settings)
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield Shopper(session)


def priced(random: Random) -> Details:
    amount = random.choice((None, "1.10", "2.25"))
    return Details() if amount is None else Details(price=Money(Decimal(amount), random.choice(("USD", "CAD"))))


async def test_a_basket_says_of_each_store_what_a_get_says_of_each_product(shopper: Shopper) -> None:
    wanted = [{"gtin": gtin, "quantity": 1 + place % 3} for place, gtin in enumerate(GTINS)]
    status, told = await shopper.basket({"items": wanted, **PLACE, "limit": 20})
    assert status == 200, told
    shelves = [await shopper.shelves(one["gtin"], one["quantity"]) for one in wanted]
    assert [one["status"] for one in told["items"]] == [200] * 5
    assert told["stores_looked_at"] == len({store for shelf in shelves for store in shelf})
    expected = {}
    for store in {store for shelf in shelves for store in shelf}:
        held = [shelf.get(store) for shelf in shelves]
        likely = [place for place, one in enumerate(held) if one and one["availability"] in LIKELY]
        if likely:
            chances = round(sum(one["probability"] or 0 for one in held if one), 4)
            metres = next(one["distance_m"] for one in held if one)
            expected[store] = (-len(likely), -chances, metres), likely
    assert [one["store"]["id"] for one in told["best"]] == sorted(expected, key=lambda store: expected[store][0])
    for one in told["best"]:
        (count_, chances, metres), likely = expected[one["store"]["id"]]
        assert (-one["likely"], -one["expected"], one["distance_m"]) == (count_, chances, metres)
        assert [each["item"] for each in one["items"]] == likely
        assert sorted([*likely, *one["missing"]]) == list(range(5))
        for each in one["items"]:
            same = shelves[each["item"]][one["store"]["id"]]
            for name in ("availability", "probability", "quantity_band", "price", "sale_price"):
                assert each[name] == same[name]
            assert "quantity" not in each


async def test_totals_are_exact_by_currency(shopper: Shopper) -> None:
    wanted = [{"gtin": gtin, "quantity": 3} for gtin in GTINS]
    _, told = await shopper.basket({"items": wanted, **PLACE, "limit": 20})
    assert any(one["totals"] for one in told["best"])
    for one in told["best"]:
        cents: dict[str, int] = {}
        for each in one["items"]:
            if each["price"]:
                currency = each["price"]["currency"]
                cents[currency] = cents.get(currency, 0) + 3 * round(100 * float(each["price"]["amount"]))
        assert {total["currency"]: round(100 * float(total["amount"])) for total in one["totals"]} == cents
        assert one["unpriced"] == [each["item"] for each in one["items"] if not each["price"]]


async def test_a_pair_has_more_than_any_one_store(shopper: Shopper, house: House) -> None:
    wanted = [{"gtin": gtin} for gtin in GTINS]
    _, told = await shopper.basket({"items": wanted, **PLACE, "limit": 3})
    alone = told["best"][0]["likely"]
    assert told["pairs"] or alone == 5
    for pair in told["pairs"]:
        assert pair["likely"] > alone
        assert sorted([*(one["item"] for one in pair["plan"]), *pair["missing"]]) == list(range(5))
        held = {store["store"]["id"]: [one["item"] for one in store["items"]] for store in pair["stores"]}
        assert all(one["item"] in held[one["store"]] for one in pair["plan"])


async def test_what_is_not_known_is_missing_and_the_rest_is_found(shopper: Shopper) -> None:
    wanted = [{"gtin": "00300691085302"}, {"gtin": GTIN}, {"product": 2_000_000_000}, {"gtin": GTIN, "quantity": 4}]
    status, told = await shopper.basket({"items": wanted, **PLACE})
    assert (status, [one["status"] for one in told["items"]]) == (200, [400, 200, 404, 403])
    assert told["items"][0]["problem"]["errors"][0]["pointer"] == "/items/0/gtin"
    assert told["best"][0]["missing"] == [0, 2, 3]


async def test_a_product_stands_on_the_list_once_by_whatever_number(shopper: Shopper) -> None:
    _, told = await shopper.basket({"items": [{"gtin": GTIN}], **PLACE})
    product = told["items"][0]["product"]["id"]
    same = [{"gtin": GTIN, "quantity": 3}, {"gtin": OTHER_GTIN}, {"product": product}, {"scan": f"(01){GTIN}"}]
    status, told = await shopper.basket({"items": same, **PLACE})
    assert (status, [one["pointer"] for one in told["errors"]]) == (400, ["/items/2", "/items/3"])
    assert all("/items/0" in one["detail"] for one in told["errors"])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"items": [], **PLACE}, ["/items"]),
        ({"items": [{"gtin": GTIN}]}, ["/near"]),
        ({"items": [{"gtin": GTIN, "quantity": 0}], "near": "98101"}, ["/items/0/quantity"]),
        ({"items": [{"quantity": 1}], "near": "98101"}, ["/items/0/gtin"]),
        ({"items": [{"gtin": GTIN}], "near": "98101", "radius_m": 100_001}, ["/radius_m"]),
        ({"items": [{"gtin": GTIN}], "near": "nowhere on earth"}, ["/near"]),
        ({"items": [{"gtin": GTIN}], "near": "98101", "retailer": ["nobody"]}, ["/retailer"]),
    ],
)
async def test_a_list_that_is_wrong_names_each_field(shopper: Shopper, body: Any, pointers: list[str]) -> None:
    status, told = await shopper.basket(body)
    assert (status, [one["pointer"] for one in told["errors"]]) == (400, pointers)

"""What a key was not made for, it is not told: other retailers, other fields of a result."""

import aiohttp
import pytest

from inventory_service.domain.key import Key
from tests.web import twin as twins
from tests.web.conftest import QUESTION, Ask, Heard
from tests.web.twin import Twin

SK = "sk_bounded_0123456789"
LINKED = "application/ld+json"


class Holder:
    """Whoever asks with a key that is made in the test."""

    def __init__(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ask, self._monkeypatch = ask, monkeypatch

    def holds(self, *fields: str, retailers: tuple[str, ...] = (), scopes: tuple[str, ...] = ("read",)) -> None:
        key = Key(9, "sk", "b", "sk_b", frozenset(scopes), retailers=frozenset(retailers), fields=frozenset(fields))
        self._monkeypatch.setitem(twins.KEYS, SK, key)

    async def asks(self, target: str, **headers: str) -> Heard:
        return await self._ask(target, Authorization=f"Bearer {SK}", **headers)


@pytest.fixture
def holder(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Holder:
    return Holder(ask, monkeypatch)


async def test_a_result_has_the_fields_of_the_key_alone(holder: Holder) -> None:
    holder.holds("availability", "distance_m", "probability")
    heard = await holder.asks(QUESTION)
    assert heard.json["results"]
    assert all(list(one) == ["distance_m", "availability", "probability"] for one in heard.json["results"])
    assert set(heard.json) == {"product", "origin", "answered_at", "quantity", "results", "nearest_beyond"}


async def test_the_nearest_beyond_has_no_more_either(holder: Holder, twin: Twin) -> None:
    twin.empty_nearby = True
    holder.holds("availability")
    assert (await holder.asks(QUESTION)).json["nearest_beyond"] == {"availability": "in_stock"}


async def test_counts_take_their_scope_whatever_the_fields_are(holder: Holder) -> None:
    holder.holds("quantity", "quantity_band")
    assert {tuple(one) for one in (await holder.asks(QUESTION)).json["results"]} == {("quantity_band",)}
    holder.holds("quantity", "quantity_band", scopes=("read", "counts"))
    assert {tuple(one) for one in (await holder.asks(QUESTION)).json["results"]} == {("quantity_band", "quantity")}


async def test_linked_data_tells_no_more_than_the_key_is_told(holder: Holder) -> None:
    holder.holds("availability")
    offers = (await holder.asks(QUESTION, Accept=LINKED)).json["offers"]
    assert offers
    assert all(set(one) == {"@type", "availability"} for one in offers)
    holder.holds("store", "price")
    offers = (await holder.asks(QUESTION, Accept=LINKED)).json["offers"]
    told = {"@type", "price", "priceCurrency", "seller", "availableAtOrFrom"}
    assert all(set(one) == told for one in offers)


async def test_the_tag_is_of_what_is_told(holder: Holder, twin: Twin) -> None:
    holder.holds("distance_m")
    first = await holder.asks(QUESTION)
    twin.shelf.probability = 0.1
    assert (await holder.asks(QUESTION)).headers["ETag"] == first.headers["ETag"]


async def test_a_key_without_stores_is_told_of_none(holder: Holder) -> None:
    holder.holds("availability")
    for target in ("/v1/stores?near=98101", "/v1/stores/1"):
        assert (await holder.asks(target)).json["detail"] == "This key is not told of stores."
    holder.holds("store")
    assert (await holder.asks("/v1/stores/1")).status == 200


async def test_only_the_retailers_of_the_key_are_told_of(holder: Holder, twin: Twin) -> None:
    holder.holds(retailers=("indie",))
    found = (await holder.asks("/v1/stores?near=98101&radius_m=500000")).json["results"]
    assert {one["retailer"] for one in found} == {"indie"}
    assert [(await holder.asks(f"/v1/stores/{number}")).status for number in (1, 3)] == [404, 200]
    await holder.asks(QUESTION)
    assert twin.questions[-1].retailers == {"indie"}


@pytest.mark.parametrize("target", [QUESTION, "/v1/stores?near=98101", "/v1/products/00300691085301?"])
async def test_another_retailer_is_refused(holder: Holder, target: str) -> None:
    holder.holds(retailers=("indie",))
    heard = await holder.asks(f"{target}&retailer=cvs")
    assert (heard.status, heard.json["detail"]) == (403, "This key is for other retailers.")


async def test_products_are_those_that_the_retailers_list(holder: Holder) -> None:
    holder.holds(retailers=("indie",))
    assert (await holder.asks("/v1/products/00300691085301")).status == 404
    assert (await holder.asks("/v1/products?q=paxlovid")).json["results"] == []
    holder.holds(retailers=("cvs",))
    assert (await holder.asks("/v1/products/00300691085301")).status == 200
    assert len((await holder.asks("/v1/products?q=paxlovid")).json["results"]) == 1


@pytest.mark.parametrize(("store_id", "status"), [(1, 404), (3, 201)])
async def test_reports_are_of_stores_that_the_key_is_told_of(
    holder: Holder, port: int, store_id: int, status: int
) -> None:
    holder.holds(retailers=("indie",))
    said = {"store_id": store_id, "product": 17, "found": True, "device": "a-device-0123456789"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        sent = session.post("/v1/reports", json=said, headers={"Authorization": f"Bearer {SK}"})
        async with sent as heard:
            assert heard.status == status


async def test_figures_over_all_retailers_are_not_for_a_key_of_some(holder: Holder) -> None:
    holder.holds(retailers=("cvs",))
    assert (await holder.asks("/v1/accuracy")).status == 403

"""What is held of a product at a store, before somebody confirms it."""

import pytest

from tests.staff.world import Counter
from tests.sync.world import GTIN, item


@pytest.mark.parametrize("named", ["gtin=300691085301", "scan=%5DC10100300691085301", "item_id=i1"])
async def test_a_product_has_many_names(counter: Counter, named: str) -> None:
    told = (await counter.get(f"position?store_code=s1&{named}")).json
    product_id = told["product"].pop("id")
    assert told == {
        "availability": "in_stock",
        "probability": 0.9,
        "quantity_band": "3+",
        "store": {"id": counter.store_ids["acme/s1"], "store_code": "s1", "name": "Store s1"},
        "product": {"gtin": GTIN, "name": "Paxlovid", "brand": None, "image_url": None},
        "as_of": "2026-11-22T11:00:00Z",
        "covered_at": "2026-11-22T11:00:00Z",
    }
    by_id = (await counter.get(f"position?store_id={counter.store_ids['acme/s1']}&product={product_id}")).json
    assert by_id["product"]["gtin"] == GTIN


@pytest.mark.parametrize(
    ("named", "product_gtin"),
    [("gtin=4006381333931", "04006381333931"), ("item_id=nobodys", None), ("gtin=2000000000008", "02000000000008")],
)
async def test_where_nothing_is_held_it_is_unknown_and_stays_so(
    counter: Counter, named: str, product_gtin: str | None
) -> None:
    for _ in range(2):
        heard = await counter.get(f"position?store_code=s1&{named}")
        assert (heard.status, heard.json["availability"], heard.json["probability"]) == (200, "unknown", None)
        assert (heard.json["product"]["gtin"], heard.json["as_of"]) == (product_gtin, None)


async def test_by_our_id_a_merged_product_is_the_one_that_it_turned_out_to_be(counter: Counter) -> None:
    twine = (await counter.get("position?store_code=s1&item_id=plain")).json["product"]["id"]
    await counter.sync.load([item("plain", GTIN)])
    told = (await counter.get(f"position?store_code=s1&product={twine}")).json
    assert (told["product"]["gtin"], told["availability"]) == (GTIN, "in_stock")


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", ["gtin", "store_id"]),
        ("store_id=1&store_code=s1&item_id=i1", ["store_code", "store_id"]),
        ("store_id=x&item_id=i1", ["store_id"]),
        ("store_code=s1&gtin=1&item_id=i1", ["gtin", "item_id"]),
        ("store_code=s1&gtin=4006381333932", ["gtin"]),
        ("store_code=s%00&item_id=i1", ["store_code"]),
        ("store_code=s1&item_id=i1&colour=red", ["colour"]),
        ("store_code=s1&product=4711", ["product"]),
    ],
)
async def test_each_wrong_field_is_named(counter: Counter, query: str, pointers: list[str]) -> None:
    heard = await counter.get(f"position?{query}")
    assert heard.status in (400, 404)
    assert heard.pointers == pointers

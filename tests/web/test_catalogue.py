"""Products, stores and places."""

import pytest

from tests.web.conftest import Ask


async def test_products_come_in_pages(ask: Ask) -> None:
    first = (await ask("/v1/products?limit=1")).json
    assert ([product["id"] for product in first["results"]], first["next"]) == ([17], "17")
    second = (await ask(f"/v1/products?limit=1&cursor={first['next']}")).json
    assert ([product["id"] for product in second["results"]], second["next"]) == ([18], None)


async def test_a_search_finds_what_has_the_words(ask: Ask) -> None:
    found = (await ask("/v1/products?q=PAX")).json
    assert found == {
        "results": [{"id": 17, "gtin": "00300691085301", "name": "Paxlovid", "brand": "Pfizer", "image_url": None}],
        "next": None,
    }


async def test_a_product_is_found_by_any_form_of_its_gtin(ask: Ask) -> None:
    short, long = await ask("/v1/products/300691085301"), await ask("/v1/products/00300691085301")
    assert short.json == long.json == (await ask("/v1/products/3-00691-08530-1")).json
    assert short.json["category"] == "Antivirals"


async def test_a_retailers_own_number_is_found_within_that_retailer(ask: Ask) -> None:
    assert (await ask("/v1/products/2000000000015?retailer=cvs")).json["id"] == 18


async def test_stores_come_in_pages(ask: Ask) -> None:
    whole = (await ask("/v1/stores?near=98101")).json
    assert (len(whole["results"]), whole["next"]) == (3, None)
    found, cursor = [], ""
    while cursor is not None:
        page = (await ask(f"/v1/stores?near=98101&limit=1{cursor and '&cursor=' + cursor}")).json
        found += page["results"]
        cursor = page["next"]
    assert found == whole["results"]


@pytest.mark.parametrize(
    "cursor", ["17", "7ff0000000000000-1", "c08f400000000000-1", "408f400000000000-9999999999", ""]
)
async def test_a_cursor_that_no_page_gave_is_refused(ask: Ask, cursor: str) -> None:
    heard = await ask(f"/v1/stores?near=98101&cursor={cursor}")
    assert (heard.status, heard.pointers) == (400, ["cursor"])


async def test_stores_near_a_place_tell_their_distance(ask: Ask) -> None:
    heard = (await ask("/v1/stores?near=98101&limit=2")).json
    assert [(store["id"], store["distance_m"]) for store in heard["results"]] == [(1, 222), (2, 1110)]


async def test_stores_can_be_those_of_one_retailer_and_demo_stores_say_so(ask: Ask) -> None:
    (store,) = (await ask("/v1/stores?lat=47.61&lon=-122.33&retailer=indie")).json["results"]
    assert (store["id"], store["demo"]) == (3, True)


async def test_one_store_tells_its_hours(ask: Ask) -> None:
    store = (await ask("/v1/stores/1")).json
    assert (store["opening_hours"], store["city"]) == ("Mo-Su 08:00-22:00", "Seattle")
    assert "demo" not in store


async def test_places_have_a_label_and_a_point(ask: Ask) -> None:
    (place,) = (await ask("/v1/places?q=Sea")).json["results"]
    assert (place["label"], place["lat"], place["lon"]) == ("Seattle, WA 98101", 47.61, -122.33)

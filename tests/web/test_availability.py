"""The body of an answer is that of the contract, and tells nobody more than they may know."""

from datetime import timedelta

import pytest

from inventory_service.domain.stock import Stock
from tests.web.conftest import QUESTION, Ask
from tests.web.twin import MERGED_ID, NOW, Twin

COUNTS = "Bearer sk_counts_0123456789"


async def test_an_answer_has_exactly_the_shape_of_the_contract(ask: Ask) -> None:
    heard = await ask(QUESTION + "&limit=1")
    assert heard.status == 200
    assert heard.json == {
        "product": {
            "id": 17,
            "gtin": "00300691085301",
            "name": "Paxlovid",
            "brand": "Pfizer",
            "image_url": None,
        },
        "origin": {"lat": 47.61, "lon": -122.33, "label": "Seattle, WA 98101"},
        "answered_at": "2026-11-22T03:40:12Z",
        "quantity": 1,
        "results": [
            {
                "store": {
                    "id": 1,
                    "retailer": "cvs",
                    "store_code": "00000000000000000001",
                    "name": "CVS 1",
                    "address": "1 Pike St, Seattle, WA 98101",
                    "lat": 47.612,
                    "lon": -122.33,
                    "phone": "+12065550100",
                    "timezone": "America/Los_Angeles",
                    "open_now": True,
                    "closes_at": "2026-11-22T06:00:00Z",
                    "opens_at": None,
                },
                "distance_m": 222,
                "availability": "in_stock",
                "probability": 0.9,
                "quantity_band": "3+",
                "price": {"amount": "29.90", "currency": "USD"},
                "sale_price": None,
                "pickup": {"method": "buy", "sla": "same_day"},
                "aisle": None,
                "order_in_store": False,
                "as_of": "2026-11-22T03:31:12Z",
                "covered_at": "2026-11-22T03:35:12Z",
                "age_s": 300,
                "evidence": [
                    {
                        "kind": "record",
                        "source": "feed",
                        "observed_at": "2026-11-22T03:31:12Z",
                        "quantity_band": "3+",
                    },
                    {"kind": "confirmation", "source": "staff", "observed_at": "2026-11-22T03:31:12Z", "seen": True},
                ],
            }
        ],
        "nearest_beyond": None,
    }


async def test_a_key_with_the_scope_sees_counts_and_the_exact_probability(ask: Ask) -> None:
    heard = await ask(QUESTION + "&quantity=5", Authorization=COUNTS)
    first = heard.json["results"][0]
    assert (first["quantity"], first["probability"]) == (7, 0.9234)
    assert [seen["quantity"] for seen in first["evidence"]] == [7, None]
    assert heard.headers["Cache-Control"].startswith("private,")


@pytest.mark.parametrize("key", [None, "Bearer sk_reader_0123456789", "Bearer st_staff_0123456789"])
async def test_without_the_scope_a_count_leaves_no_trace(ask: Ask, twin: Twin, key: str | None) -> None:
    headers = {} if key is None else {"Authorization": key}
    few = await ask(QUESTION, **headers)
    twin.shelf.stock, twin.shelf.probability = Stock.exactly(4_111), 0.9111
    many = await ask(QUESTION, **headers)
    assert (few.body, few.headers["ETag"]) == (many.body, many.headers["ETag"])
    linked = await ask(QUESTION, Accept="application/ld+json", **headers)
    assert b"4111" not in linked.body + many.body


async def test_a_publishable_key_never_sees_counts(ask: Ask) -> None:
    heard = await ask(QUESTION + "&key=pk_shop_0123456789", Origin="https://shop.example")
    assert heard.status == 200
    assert "quantity" not in heard.json["results"][0]


async def test_asking_for_more_than_three_needs_the_scope(ask: Ask) -> None:
    assert (await ask(QUESTION + "&quantity=3")).status == 200
    refused = await ask(QUESTION + "&quantity=4")
    assert (refused.status, refused.json["type"]) == (403, "/problems/forbidden")
    assert (await ask(QUESTION + "&quantity=4", Authorization=COUNTS)).status == 200


async def test_unknown_has_no_probability(ask: Ask, twin: Twin) -> None:
    twin.shelf.probability, twin.shelf.covered_at = None, None
    first = (await ask(QUESTION)).json["results"][0]
    assert (first["availability"], first["probability"], first["covered_at"]) == ("unknown", None, None)
    assert first["age_s"] == 540


async def test_evidence_from_a_clock_ahead_of_ours_has_age_zero(ask: Ask, twin: Twin) -> None:
    twin.shelf.covered_at = NOW + timedelta(minutes=2)
    assert (await ask(QUESTION)).json["results"][0]["age_s"] == 0


async def test_the_nearest_beyond_has_the_shape_of_a_result(ask: Ask, twin: Twin) -> None:
    inside = (await ask(QUESTION)).json["results"][0]
    twin.empty_nearby = True
    outside = (await ask(QUESTION)).json
    assert (outside["results"], outside["nearest_beyond"]) == ([], inside)


async def test_every_parameter_reaches_the_question(ask: Ask, twin: Twin) -> None:
    target = "/v1/availability?product=17&lat=47.6&lon=-122.3&radius_m=1234.5&limit=7&quantity=2&arrive_in_s=600"
    heard = await ask(target + "&retailer=cvs&retailer=indie&open_now=true")
    assert heard.json["origin"] == {"lat": 47.6, "lon": -122.3, "label": "47.6, -122.3"}
    (question,) = twin.questions
    assert (question.product.product_id, question.radius_m, question.limit, question.quantity) == (17, 1234.5, 7, 2)
    assert question.retailers == {"cvs", "indie"}
    assert (question.arrive_in, question.open_now) == (timedelta(minutes=10), True)


@pytest.mark.parametrize("scan", ["00300691085301", "%5Dd20100300691085301", "https://id.example/01/00300691085301"])
async def test_what_a_scanner_read_names_the_product(ask: Ask, scan: str) -> None:
    heard = await ask(f"/v1/availability?scan={scan}&near=98101")
    assert heard.json["product"]["id"] == 17


async def test_a_merged_product_leads_to_the_same_question_with_its_new_id(ask: Ask) -> None:
    heard = await ask(f"/v1/availability?product={MERGED_ID}&near=98101&retailer=cvs&limit=3")
    assert heard.status == 308
    assert heard.headers["Location"] == "/v1/availability?product=17&near=98101&retailer=cvs&limit=3"
    assert (await ask(heard.headers["Location"])).status == 200


async def test_linked_data_speaks_of_a_product_and_its_offers(ask: Ask) -> None:
    heard = await ask(QUESTION, Accept="application/ld+json", Authorization=COUNTS)
    assert heard.headers["Content-Type"] == "application/ld+json"
    assert (heard.json["@context"], heard.json["@type"]) == ("https://schema.org", "Product")
    offer = heard.json["offers"][0]
    assert (offer["@type"], offer["availability"]) == ("Offer", "https://schema.org/InStock")
    assert (offer["price"], offer["priceCurrency"]) == ("29.90", "USD")
    assert offer["availableAtOrFrom"]["geo"] == {"@type": "GeoCoordinates", "latitude": 47.612, "longitude": -122.33}
    assert offer["seller"] == {"@type": "Organization", "name": "CVS"}
    assert offer["inventoryLevel"] == {"@type": "QuantitativeValue", "value": 7}
    looked = {"@type": "PropertyValue", "propertyID": "confirmation", "name": "staff", "value": True}
    assert offer["additionalProperty"] == [looked]


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json, application/ld+json;q=0.5", ""])
async def test_everyone_else_gets_plain_json(ask: Ask, accept: str) -> None:
    heard = await ask(QUESTION, Accept=accept)
    assert (heard.status, heard.headers["Content-Type"]) == (200, "application/json")

"""Who may subscribe to what, and what a partner's engineer is told when it does not work."""

from typing import Any

import pytest

from inventory_service.domain.errors import ForbiddenError
from inventory_service.domain.key import Key
from inventory_service.webhooks.service import MOST_OF_A_KEY, Webhooks
from inventory_service.webhooks.subscribing import Order
from tests.sync.world import GTIN, OTHER_GTIN, OWN_GTIN, shop
from tests.webhooks.receiver import Receiver
from tests.webhooks.world import COUNTS, INGEST, OTHER, READER, SHOP, House

ALL = "/v1/webhooks"
PLAIN: dict[str, Any] = {"url": "https://example.com/hook", "gtins": [GTIN], "retailers": ["acme"]}


async def made(house: House, key: str = READER, **about: Any) -> Any:
    heard = await house.send("POST", ALL, key, {**PLAIN, **about})
    assert heard.status == 201, heard.json
    return heard.json


async def test_the_secret_is_told_once(house: House) -> None:
    new = await made(house, description="Shelf lamp", stores=[{"retailer": "zeta", "store_code": "s1"}])
    assert new["secret"].startswith("whsec_")
    shown = await house.send("GET", f"{ALL}/{new['id']}")
    listed = await house.send("GET", ALL)
    assert b"whsec_" not in shown.body + listed.body
    assert listed.json == {"results": [shown.json], "next": None}
    assert shown.json["description"] == "Shelf lamp"
    assert (shown.json["retailers"], shown.json["store_ids"]) == (["acme"], [house.store_ids["zeta/s1"]])
    assert shown.headers["Cache-Control"] == "no-store"


async def test_another_keys_webhook_is_as_good_as_none(house: House) -> None:
    new = await made(house)
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/rotate"),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/1/retry"),
    ):
        others = await house.send(method, f"{ALL}/{new['id']}{path}", OTHER)
        nobodys = await house.send(method, f"{ALL}/{new['id'] + 1}{path}", OTHER)
        assert others.status == nobodys.status == 404
        assert others.json["detail"].replace(str(new["id"]), "") == nobodys.json["detail"].replace(
            str(new["id"] + 1), ""
        )
    assert (await house.send("GET", ALL, OTHER)).json["results"] == []


async def test_webhooks_are_for_secret_keys_that_read(house: House) -> None:
    for key, status in ((None, 401), (SHOP, 403), (INGEST, 403), (COUNTS, 201)):
        assert (await house.send("POST", ALL, key, PLAIN)).status == status
    assert (await house.send("GET", ALL, None)).json["type"] == "/problems/key-required"


FAULTY: list[tuple[dict[str, Any], int, list[str]]] = [
    ({"url": None}, 400, ["/url"]),
    ({"url": "gopher://x"}, 400, ["/url"]),
    ({"url": "http://a:b@127.0.0.1/"}, 400, ["/url"]),
    ({"gtins": None}, 400, ["/gtins"]),
    ({"retailers": []}, 400, ["/retailers"]),
    ({"gtins": [], "retailers": []}, 400, ["/gtins", "/retailers"]),
    ({"gtins": [GTIN, "123"]}, 400, ["/gtins/1"]),
    ({"gtins": "x"}, 400, ["/gtins"]),
    ({"gtins": [OTHER_GTIN]}, 404, ["/gtins/0"]),
    ({"gtins": [OWN_GTIN]}, 404, ["/gtins/0"]),
    ({"products": [1_999_999_999]}, 404, ["/products/0"]),
    ({"products": [0]}, 400, ["/products/0"]),
    ({"products": list(range(1, 1_002))}, 400, ["/products"]),
    ({"store_ids": [1_999_999_999]}, 404, ["/store_ids/0"]),
    ({"stores": [{"retailer": "acme", "store_code": "s9"}]}, 404, ["/stores/0"]),
    ({"stores": [{"retailer": "acme"}]}, 400, ["/stores/0/store_code"]),
    ({"retailers": ["acme", "nobody"]}, 404, ["/retailers/1"]),
    ({"secret": "mine"}, 400, ["/secret"]),
    ({"description": "x" * 201}, 400, ["/description"]),
]


async def test_each_faulty_field_is_named(house: House) -> None:
    for about, status, pointers in FAULTY:
        heard = await house.send("POST", ALL, body={**PLAIN, **about})
        assert (heard.status, heard.pointers) == (status, pointers), (about, heard.json)
    assert (await house.send("GET", ALL)).json["results"] == []


async def test_a_body_is_json_and_not_too_large(house: House) -> None:
    assert (await house.send("POST", ALL, body=b"{")).status == 400
    assert (await house.send("POST", ALL, body=b"[]")).status == 400
    assert (await house.send("POST", ALL, body=b" " * 70_000)).status == 413


async def test_a_key_has_a_bounded_number(house: House) -> None:
    first, *_ = [await made(house) for _ in range(MOST_OF_A_KEY)]
    refused = await house.send("POST", ALL, body=PLAIN)
    assert refused.status == 403
    assert "delete one first" in refused.json["detail"]
    await made(house, OTHER)
    gone = await house.send("DELETE", f"{ALL}/{first['id']}")
    assert (gone.status, gone.json["state"]) == (200, "ended")
    await made(house)


async def test_more_positions_than_are_taken_are_refused_with_their_number(house: House) -> None:
    await house.sync.load([shop(f"x{number}") for number in range(120)])
    rows = await house.pool.fetch(
        "INSERT INTO product (as_of) SELECT now() FROM generate_series(1, 999) RETURNING product_id"
    )
    products = [row["product_id"] for row in rows]
    refused = await house.send("POST", ALL, body={**PLAIN, "products": products})
    assert (refused.status, refused.pointers) == (400, ["/gtins"])
    assert "1,000 products at 122 stores are 122,000 positions" in refused.json["errors"][0]["detail"]
    assert (await house.send("POST", ALL, body={**PLAIN, "products": products[:800]})).status == 201


async def test_a_key_for_some_retailers_subscribes_to_those_alone(house: House) -> None:
    service = Webhooks(house.pool, house.time, 20.0, private=False)
    key = Key(1, "sk", "acme's", "sk_a", frozenset({"read"}), retailers=frozenset({"acme"}))
    await service.create(key, Order("https://example.com/", gtins=[GTIN], retailers=["acme"]))
    for stores in ({"retailers": ["zeta"]}, {"store_ids": [house.store_ids["zeta/s1"]]}):
        with pytest.raises(ForbiddenError):
            await service.create(key, Order("https://example.com/", gtins=[GTIN], **stores))


async def test_deliveries_are_listed_page_by_page(house: House, receiver: Receiver) -> None:
    new = await house.subscribe(receiver)
    sent = [(await house.send("POST", f"{ALL}/{new['id']}/test")).json["webhook_id"] for _ in range(5)]
    await house.settled("delivered", 5)
    found: list[str] = []
    cursor = ""
    while True:
        page = await house.deliveries(new, query=f"?limit=2{cursor}")
        found += [one["webhook_id"] for one in page["results"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == sent[::-1]
    assert (await house.deliveries(new, query="?state=dead"))["results"] == []
    assert (await house.send("GET", f"{ALL}/{new['id']}/deliveries?state=lost")).status == 400
    assert (await house.send("POST", f"{ALL}/{new['id']}/deliveries/999/retry")).status == 404

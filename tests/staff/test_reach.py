"""Staff of one retailer can neither read nor write another's, by any id, at any address."""

from typing import Any

import pytest

from inventory_service.web.staff import ENDPOINTS
from tests.staff.world import CONFIRMATIONS, COUNTING, ONE_STORE, OTHERS, READER, SHOP, STAFF, Counter, Heard, words
from tests.sync.world import OWN_GTIN

OWNERS = {STAFF: ("acme/s1", "acme/s2"), COUNTING: ("acme/s1", "acme/s2"), ONE_STORE: ("acme/s1",)}
OWNERS |= {OTHERS: ("zeta/s1", "zeta/s2")}
STORES = ("acme/s1", "acme/s2", "zeta/s1", "zeta/s2")
STRANGERS: list[tuple[str | None, int]] = [(None, 401), ("st_nobody", 401), (READER, 403), (SHOP, 403)]


async def asked(counter: Counter, key: str | None, store_id: int) -> dict[str, Heard]:
    """Every address that names a store, by what is done there."""
    return {
        "confirm": await counter.confirm(key, store_id=store_id),
        "confirm anew": await counter.confirm(key, store_id=store_id, item_id="new"),
        "position": await counter.get(f"position?store_id={store_id}&item_id=i1", key),
        "trace": await counter.get(f"confirmations?store_id={store_id}", key),
        "checks": await counter.get(f"checks?store_id={store_id}", key),
    }


@pytest.mark.parametrize("key", list(OWNERS))
@pytest.mark.parametrize("store", STORES)
async def test_a_store_is_there_for_its_own_staff_alone(counter: Counter, key: str, store: str) -> None:
    heard = await asked(counter, key, counter.store_ids[store])
    nowhere = await asked(counter, key, 999_999)
    if store in OWNERS[key]:
        assert {one.status for one in heard.values()} <= {200, 201}
    else:
        assert {name: (one.status, one.body) for name, one in heard.items()} == {
            name: (404, one.body) for name, one in nowhere.items()
        }
        assert await counter.pool.fetchval("SELECT count(*) FROM confirmation") == 0


@pytest.mark.parametrize(("key", "code"), [(ONE_STORE, "s2"), (STAFF, "s9")])
async def test_by_its_code_too(counter: Counter, key: str, code: str) -> None:
    confirmed = await counter.confirm(key, store_code=code)
    held = await counter.get(f"position?store_code={code}&item_id=i1", key)
    assert [(one.status, one.pointers) for one in (confirmed, held)] == [(404, ["/store_code"]), (404, ["store_code"])]


async def test_a_code_means_a_store_of_ones_own_retailer(counter: Counter) -> None:
    for key, retailer in ((STAFF, "acme"), (OTHERS, "zeta")):
        assert (await counter.confirm(key)).json["store"]["id"] == counter.store_ids[f"{retailer}/s1"]
        assert (await counter.held(retailer=retailer)).quantity == 0


@pytest.mark.parametrize(("key", "status"), STRANGERS)
async def test_nobody_but_staff_gets_anywhere(counter: Counter, key: str | None, status: int) -> None:
    confirmation = (await counter.confirm()).json
    before = await counter.held()
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace("{id}", confirmation["id"])
        body: Any = words() if endpoint.path == CONFIRMATIONS and endpoint.method == "POST" else None
        heard = await counter.send(endpoint.method, path, key, body)
        assert (heard.status, path) == (status, path)
    assert await counter.held() == before


@pytest.mark.parametrize("key", [OTHERS, ONE_STORE])
async def test_a_confirmation_is_taken_back_by_those_who_have_its_store(counter: Counter, key: str) -> None:
    confirmation = (await counter.confirm(store_code="s2")).json
    heard, nowhere = await counter.undo(confirmation["id"], key), await counter.undo("999999", key)
    assert (heard.status, heard.body) == (404, nowhere.body)
    assert (await counter.held(code="s2")).quantity == 0
    assert (await counter.undo(confirmation["id"])).status == 200


async def test_the_trace_shows_ones_own_stores(counter: Counter) -> None:
    for key in (STAFF, OTHERS):
        for code in ("s1", "s2"):
            await counter.confirm(key, store_code=code)
    shown = {}
    for key in OWNERS:
        results = (await counter.get("confirmations", key)).json["results"]
        shown[key] = {one["store"]["id"] for one in results}
    assert shown == {key: {counter.store_ids[one] for one in stores} for key, stores in OWNERS.items()}


async def test_another_retailers_own_products_are_nobodys(counter: Counter) -> None:
    theirs = [
        (await counter.confirm(OTHERS, item_id="plain")).json["product"]["id"],
        (await counter.confirm(OTHERS, gtin=OWN_GTIN)).json["product"]["id"],
    ]
    for product_id in theirs:
        confirmed, held = (
            await counter.confirm(product=product_id),
            await counter.get(f"position?store_code=s1&product={product_id}"),
        )
        nowhere = await counter.confirm(product=999_999)
        assert (confirmed.status, confirmed.body) == (404, nowhere.body)
        assert held.status == 404
    mine = (await counter.confirm(gtin=OWN_GTIN)).json["product"]["id"]
    assert mine not in theirs


@pytest.mark.parametrize("key", list(OWNERS))
async def test_me_tells_the_stores_that_are_open_to_the_key(counter: Counter, key: str) -> None:
    told = (await counter.get("me", key)).json
    retailer = OWNERS[key][0].partition("/")[0]
    assert (told["retailer"], told["name"]) == (retailer, f"the one that begins with {key[:6]}")
    assert [one["id"] for one in told["stores"]] == [counter.store_ids[one] for one in OWNERS[key]]
    assert set(told["stores"][0]) == {"id", "store_code", "name", "address"}


async def test_a_key_sees_counts_only_with_their_scope(counter: Counter) -> None:
    position = "position?store_code=s1&gtin=300691085301"
    plain, counting = (await counter.get(position)).json, (await counter.get(position, COUNTING)).json
    assert "quantity" not in plain
    assert counting["quantity"] == 5
    confirmed = (await counter.confirm(quantity=4)).json
    assert "quantity" not in confirmed["before"] | confirmed["after"]


async def test_other_origins_may_ask_first_and_read_nothing_of_staff(counter: Counter) -> None:
    asked_first = await counter.send("OPTIONS", CONFIRMATIONS, None, Origin="https://evil.example")
    assert (asked_first.status, asked_first.headers["Access-Control-Allow-Methods"]) == (
        204,
        "GET, HEAD, OPTIONS, POST",
    )
    heard = await counter.send("GET", "/v1/staff/me", Origin="https://evil.example")
    assert heard.status == 200
    assert "Access-Control-Allow-Origin" not in heard.headers
    assert heard.headers["Cache-Control"] == "no-store"

"""What staff see on a shelf becomes what is held of it, at once and once."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from inventory_service.domain.stock import LIMITED, NONE_LEFT, SEEN, Stock
from inventory_service.storage import idempotency
from tests.staff.world import COUNTING, Counter, words
from tests.sync.world import GTIN, NOW, OTHER_GTIN, OWN_GTIN, at, count, item

WORDS = [("seen", SEEN), ("low", LIMITED), ("none", NONE_LEFT)]


async def test_an_empty_shelf_outlives_the_echoes_of_the_record_that_it_contradicts(counter: Counter) -> None:
    heard = await counter.confirm(shelf="none")
    assert heard.status == 201
    await counter.sync.load([count("s1", "i1", 5, at(-2))])
    shelf = await counter.held()
    assert (shelf.stock, shelf.source, shelf.observed_at) == (NONE_LEFT, "staff", NOW)
    await counter.sync.load([count("s1", "i1", 4, at(-4))])
    assert (await counter.held()).quantity == 4


@pytest.mark.parametrize(("word", "stock"), WORDS)
async def test_each_word_is_a_range_of_pieces_where_nobody_ever_told_anything(
    counter: Counter, word: str, stock: Stock
) -> None:
    heard = await counter.confirm(shelf=word, gtin=OWN_GTIN)
    assert heard.status == 201
    assert heard.json["before"] == {"availability": "unknown", "probability": None, "quantity_band": None}
    assert (await counter.held(OWN_GTIN)).stock == stock


async def test_a_word_that_agrees_with_the_count_leaves_it(counter: Counter) -> None:
    heard = await counter.confirm(shelf="seen", key=COUNTING)
    assert (heard.json["before"]["quantity"], heard.json["after"]["quantity"]) == (5, 5)
    assert (await counter.held()).source == "staff"


async def test_the_reply_tells_what_was_answered_before_and_after(counter: Counter) -> None:
    heard = await counter.confirm(quantity=2)
    told = heard.json
    confirmation_id, product_id = told.pop("id"), told["product"].pop("id")
    assert isinstance(confirmation_id, str)
    assert isinstance(product_id, int)
    assert told == {
        "store": {"id": counter.store_ids["acme/s1"], "store_code": "s1", "name": "Store s1"},
        "product": {"gtin": GTIN, "name": "Paxlovid", "brand": None, "image_url": None},
        "shelf": None,
        "quantity": 2,
        "observed_at": "2026-11-22T12:00:00Z",
        "received_at": "2026-11-22T12:00:00Z",
        "before": {"availability": "in_stock", "probability": 0.9, "quantity_band": "3+"},
        "after": {"availability": "limited_availability", "probability": 0.9, "quantity_band": "1-2"},
        "undone_at": None,
    }


async def test_just_before_is_judged_with_coverage_as_an_answer_is(counter: Counter) -> None:
    counter.time.passes(days=20)
    assert (await counter.confirm(quantity=5)).json["before"]["availability"] == "unknown"
    await counter.sync.snapshot([count("s2", "i1", 5)], NOW + timedelta(days=19))
    row = await counter.pool.fetchrow(
        "SELECT word_before, observed_before FROM confirmation WHERE confirmation_id = $1",
        int((await counter.confirm(store_code="s2")).json["id"]),
    )
    assert (row["word_before"], row["observed_before"]) == ("in_stock", at(60))


@pytest.mark.parametrize(
    "product", [{"gtin": "4006381333931"}, {"scan": "]C1010400638133393117271231"}, {"item_id": "nobody's"}]
)
async def test_what_nobody_listed_becomes_known_without_a_name(counter: Counter, product: dict[str, str]) -> None:
    heard = await counter.confirm(shelf="seen", **product)
    again = await counter.confirm(shelf="none", **product)
    assert (heard.status, again.status) == (201, 201)
    assert heard.json["product"]["name"] is None
    assert heard.json["product"]["id"] == again.json["product"]["id"]
    assert again.json["before"]["availability"] == "limited_availability"


async def test_a_number_that_the_retailer_calls_another_product_by_stays_that_products(counter: Counter) -> None:
    await counter.sync.load([item(OTHER_GTIN, name="Rope")])
    heard = await counter.confirm(gtin=OTHER_GTIN)
    rope = await counter.confirm(item_id=OTHER_GTIN)
    assert (heard.json["product"]["gtin"], heard.json["product"]["name"]) == (OTHER_GTIN, None)
    assert (rope.json["product"]["gtin"], rope.json["product"]["name"]) == (None, "Rope")


async def test_by_our_id_a_merged_product_is_the_one_that_it_turned_out_to_be(counter: Counter) -> None:
    twine = (await counter.confirm(item_id="plain")).json["product"]["id"]
    await counter.sync.load([item("plain", GTIN)])
    heard = await counter.confirm(product=twine)
    assert (heard.status, heard.json["product"]["gtin"]) == (201, GTIN)


async def test_who_looks_sees_all_items_that_are_the_product(counter: Counter) -> None:
    await counter.sync.load([item("i2", GTIN), count("s1", "i2", 3, at(50))])
    assert (await counter.held()).quantity == 8
    assert (await counter.confirm(key=COUNTING, quantity=6)).json["after"]["quantity"] == 6
    await counter.confirm(shelf="none")
    assert (await counter.held()).stock == NONE_LEFT


async def test_what_a_device_tells_late_finds_its_place(counter: Counter) -> None:
    await counter.sync.load([count("s1", "i1", 9, at(5))])
    heard = await counter.confirm(key=COUNTING, quantity=1, observed_at="2026-11-22T12:30:00+01:00")
    assert heard.json["observed_at"] == "2026-11-22T11:30:00Z"
    assert heard.json["after"]["quantity"] == 9


async def test_an_answer_can_be_traced_in_the_change_log(counter: Counter) -> None:
    before = len(await counter.sync.log("levels"))
    heard = await counter.confirm()
    (entry,) = (await counter.sync.log("levels"))[before:]
    assert (entry["ids"], entry["store_ids"]) == ([heard.json["product"]["id"]], [counter.store_ids["acme/s1"]])


# Faults


@pytest.mark.parametrize(
    ("told", "pointers"),
    [
        ({"store_code": None}, ["/store_id"]),
        ({"store_code": "s1", "store_id": 1}, ["/store_code", "/store_id"]),
        ({"store_id": "1"}, ["/store_id"]),
        ({"store_id": True}, ["/store_id"]),
        ({"store_id": 0}, ["/store_id"]),
        ({"store_code": ""}, ["/store_code"]),
        ({"store_code": "a\0b"}, ["/store_code"]),
        ({"gtin": None}, ["/gtin"]),
        ({"gtin": GTIN, "item_id": "i1"}, ["/gtin", "/item_id"]),
        ({"gtin": "300691085302"}, ["/gtin"]),
        ({"scan": "nonsense"}, ["/scan"]),
        ({"product": 2**31}, ["/product"]),
        ({"item_id": "x" * 101}, ["/item_id"]),
        ({"shelf": None}, ["/shelf"]),
        ({"shelf": "none", "quantity": 0}, ["/quantity", "/shelf"]),
        ({"shelf": "plenty"}, ["/shelf"]),
        ({"quantity": -1}, ["/quantity"]),
        ({"quantity": 2**31}, ["/quantity"]),
        ({"quantity": 1.5}, ["/quantity"]),
        ({"observed_at": "yesterday"}, ["/observed_at"]),
        ({"observed_at": "2026-11-22T11:00:00"}, ["/observed_at"]),
        ({"observed_at": "2026-11-22T12:05:01Z"}, ["/observed_at"]),
        ({"observed_at": "2026-11-15T11:59:59Z"}, ["/observed_at"]),
        ({"observed_at": "0001-01-01T00:00:00+01:00"}, ["/observed_at"]),
        ({"observed_at": 1}, ["/observed_at"]),
        ({"colour": "red", "a/b~c": 1}, ["/a~1b~0c", "/colour"]),
        ({"quantity": "2", "store_id": 0, "gtin": "1"}, ["/gtin", "/quantity", "/store_id"]),
    ],
)
async def test_each_faulty_field_is_named(counter: Counter, told: dict[str, Any], pointers: list[str]) -> None:
    heard = await counter.confirm(**told)
    assert (heard.status, heard.json["type"]) == (400, "/problems/invalid-input")
    assert heard.pointers == pointers


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"none"', b'{"shelf": "\xff"}', b"[" * 2_000])
async def test_what_is_no_object_is_refused(counter: Counter, body: bytes) -> None:
    heard = await counter.send("POST", "/v1/staff/confirmations", body=body)
    assert (heard.status, heard.json["errors"][0]["pointer"]) == (400, "")


async def test_a_body_has_its_bound(counter: Counter) -> None:
    heard = await counter.send("POST", "/v1/staff/confirmations", body=b" " * 70_000)
    assert (heard.status, heard.json["type"]) == (413, "/problems/too-large")


async def test_a_product_that_nobody_knows_by_its_id_is_not_found(counter: Counter) -> None:
    heard = await counter.confirm(product=4_711)
    assert (heard.status, heard.pointers) == (404, ["/product"])
    assert await counter.pool.fetchval("SELECT count(*) FROM confirmation") == 0


# Asked again


async def test_the_same_request_again_has_the_same_reply_and_no_further_effect(counter: Counter) -> None:
    first = await counter.confirm(name="a1")
    counter.time.passes(hours=1)
    await counter.sync.load([count("s1", "i1", 7, at(-30))])
    again = await counter.confirm(name="a1")
    assert (again.status, again.body) == (201, first.body)
    assert (await counter.held()).quantity == 7


@pytest.mark.parametrize("told", [{"shelf": "low"}, {"store_code": "s2"}, {"observed_at": "2026-11-22T11:00:00Z"}])
async def test_another_request_under_the_same_name_is_refused(counter: Counter, told: dict[str, str]) -> None:
    await counter.confirm(name="a1")
    heard = await counter.confirm(name="a1", **told)
    assert (heard.status, heard.json["type"]) == (422, "/problems/other-request")
    assert await counter.pool.fetchval("SELECT count(*) FROM confirmation") == 1


async def test_a_name_is_a_keys_own(counter: Counter) -> None:
    first, other = await counter.confirm(name="a1"), await counter.confirm(key=COUNTING, name="a1", shelf="low")
    assert (first.status, other.status) == (201, 201)


async def test_a_hundred_at_once_have_one_effect(counter: Counter) -> None:
    heard = await asyncio.gather(*(counter.confirm(name="a1", quantity=3) for _ in range(100)))
    assert {(one.status, one.body) for one in heard} == {(201, heard[0].body)}
    assert await counter.pool.fetchval("SELECT count(*) FROM confirmation") == 1
    assert len([one for one, _ in (await counter.held()).records if one.kind == "confirmation"]) == 1


async def test_without_a_name_each_is_one_of_its_own_even_at_the_same_moment(counter: Counter) -> None:
    first, second = await counter.confirm(), await counter.confirm()
    assert first.json["id"] != second.json["id"]
    assert len([one for one, _ in (await counter.held()).records if one.kind == "confirmation"]) == 2


@pytest.mark.parametrize("name", ["", "x" * 256, "caf\u00e9"])
async def test_a_name_that_cannot_be_kept_is_refused(counter: Counter, name: str) -> None:
    heard = await counter.confirm(name=name)
    assert (heard.status, heard.pointers) == (400, ["Idempotency-Key"])


async def test_a_refused_request_may_be_put_right_under_the_same_name(counter: Counter) -> None:
    assert (await counter.confirm(name="a1", gtin="1")).status == 400
    assert (await counter.confirm(name="a1", product=4_711)).status == 404
    assert (await counter.confirm(name="a1")).status == 201


async def test_names_are_kept_for_seven_days(counter: Counter) -> None:
    await counter.confirm(name="a1")
    counter.time.passes(days=7, seconds=1)
    await counter.confirm(name="a2")
    assert [row["name"] for row in await counter.pool.fetch("SELECT name FROM idempotency")] == ["a2"]


async def test_the_names_of_a_key_are_bounded(counter: Counter) -> None:
    for number in range(4):
        counter.time.passes(seconds=1)
        await counter.confirm(name=f"a{number}")
    async with counter.pool.acquire() as connection:
        key_id = await connection.fetchval("SELECT max(key_id) FROM idempotency")
        await idempotency.let_go(connection, key_id, at_most=2)
    rows = await counter.pool.fetch("SELECT name FROM idempotency ORDER BY name")
    assert [row["name"] for row in rows] == ["a2", "a3"]


async def test_the_reply_lies_there_exactly_if_its_effect_does(counter: Counter) -> None:
    """Cut off at any moment, by a commit that fails: as if it had not been asked, and asked again it is done once."""
    await counter.pool.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON idempotency DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    assert (await counter.confirm(name="a1")).status == 500
    assert (await counter.held()).quantity == 5
    await counter.pool.execute("DROP TRIGGER refuse ON idempotency")
    assert (await counter.confirm(name="a1")).status == 201
    assert (await counter.held()).stock == NONE_LEFT


async def test_a_retry_whose_first_reply_was_lost_is_told_it(counter: Counter) -> None:
    body = orjson.dumps(words())
    request = counter.send("POST", "/v1/staff/confirmations", body=body, Idempotency_Key="a1")
    lost = asyncio.create_task(request)
    async with asyncio.timeout(20):
        while not await counter.pool.fetchval("SELECT count(*) FROM idempotency"):
            await asyncio.sleep(0.001)
    lost.cancel()
    reply = await counter.pool.fetchval("SELECT reply FROM idempotency")
    heard = await counter.send("POST", "/v1/staff/confirmations", body=body, Idempotency_Key="a1")
    assert (heard.status, heard.body) == (201, reply)

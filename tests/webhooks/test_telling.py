"""What is told, to whom and how often: signed, once, and no more than the key may see."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from tests.sync.world import OTHER_GTIN, item
from tests.webhooks.receiver import Receiver
from tests.webhooks.world import COUNTS, OTHER, READER, House, revoke


async def test_a_change_is_told_once_and_signed(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    await house.holds(0)
    [arrival] = await receiver.gets(1)
    event = arrival.verified(made["secret"])
    assert event["type"] == "availability.changed"
    data = event["data"]
    assert (data["product"]["gtin"], data["store"]["store_code"]) == ("00300691085301", "s1")
    assert (data["availability"], data["quantity_band"]) == ("out_of_stock", "0")
    assert (data["previous"]["availability"], data["previous"]["quantity_band"]) == ("in_stock", "3+")
    assert arrival.headers["webhook-id"].startswith("msg_")
    await house.settled("delivered")
    await house.holds(0)
    await house.read_through()
    assert len(receiver.arrivals) == 1
    with pytest.raises(WebhookVerificationError):
        arrival.verified("whsec_" + "A" * 44)


async def test_an_event_has_the_words_of_an_answer(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver)
    await house.holds(2)
    [arrival] = await receiver.gets(1)
    answer = (await house.send("GET", "/v1/availability?gtin=00300691085301&lat=47.7&lon=-122.4&retailer=acme")).json
    [result] = [one for one in answer["results"] if one["store"]["store_code"] == "s1"]
    told = {name: value for name, value in arrival.data.items() if name not in ("product", "previous")}
    assert told == {name: value for name, value in result.items() if name not in ("distance_m", "age_s")}
    assert arrival.data["product"] == answer["product"]


async def test_an_echo_and_a_count_within_its_band_tell_nothing(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver)
    await house.holds(5)
    await house.holds(7)
    await house.holds(4)
    await house.holds(2)
    [arrival] = await receiver.gets(1)
    assert arrival.data["quantity_band"] == "1-2"
    await house.settled("delivered")
    await house.read_through()
    assert await house.pool.fetchval("SELECT count(*) FROM webhook_delivery") == 1


async def test_counts_are_for_keys_of_that_scope(house: House, receiver: Receiver) -> None:
    plain = await house.subscribe(receiver)
    counting = await house.subscribe(receiver, COUNTS)
    await house.holds(2)
    arrivals = await receiver.gets(2)
    by_key = {}
    for arrival in arrivals:
        for name, made in (("plain", plain), ("counting", counting)):
            try:
                by_key[name] = arrival.verified(made["secret"])["data"]
            except WebhookVerificationError:
                continue
    assert b'quantity"' not in next(one.body for one in arrivals if one.data == by_key["plain"])
    assert by_key["counting"]["quantity"] == 2
    assert by_key["counting"]["previous"]["quantity"] == 5
    assert round(by_key["plain"]["probability"] * 20, 9) % 1 == 0


async def test_a_product_that_comes_to_a_store_is_told(house: House, receiver: Receiver) -> None:
    products = await house.pool.fetch("SELECT product_id FROM item WHERE item_id = 'plain'")
    await house.subscribe(receiver, products=[one["product_id"] for one in products])
    await house.holds(9, item_id="plain")
    [arrival] = await receiver.gets(1)
    assert arrival.data["previous"]["availability"] == "unknown"
    assert arrival.data["availability"] == "in_stock"


async def test_only_what_was_subscribed_to_is_told(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver, stores=[{"retailer": "acme", "store_code": "s2"}])
    await house.holds(0, "s1")
    await house.holds(0, "s2", retailer="zeta")
    await house.holds(0, "s2")
    [arrival] = await receiver.gets(1)
    assert (arrival.data["store"]["retailer"], arrival.data["store"]["store_code"]) == ("acme", "s2")
    await house.read_through()
    assert await house.pool.fetchval("SELECT count(*) FROM webhook_delivery") == 1


async def test_what_fades_is_told_by_the_slow_round(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver, stores=[{"retailer": "acme", "store_code": "s1"}])
    house.time.passes(days=400)
    await house.pool.execute("UPDATE webhook SET known_product = 0, known_store = 0")
    [arrival] = await receiver.gets(1)
    assert (arrival.data["availability"], arrival.data["probability"]) == ("unknown", None)
    assert arrival.data["previous"]["availability"] == "in_stock"


async def test_what_is_shown_is_told_to_keys_without_counts(house: House, receiver: Receiver) -> None:
    stores = [{"retailer": "acme", "store_code": "s1"}]
    made = {name: await house.subscribe(receiver, name, stores=stores) for name in (READER, COUNTS)}
    await house.pool.execute(
        "UPDATE position SET shown_source_id = source_id, shown_covered_at = covered_at,"
        " shown_at = observed_at - interval '1 hour'"
    )
    observed_at = await house.pool.fetchval("SELECT observed_at FROM position JOIN item USING (product_id) LIMIT 1")
    house.time.passes(days=400)
    await house.pool.execute("UPDATE webhook SET known_product = 0, known_store = 0")
    told = {}
    for arrival in await receiver.gets(2):
        for name, webhook in made.items():
            with suppress(WebhookVerificationError):
                told[name] = arrival.verified(webhook["secret"])["data"]
    moments = {name: datetime.fromisoformat(data["as_of"]) for name, data in told.items()}
    assert moments[COUNTS] - moments[READER] == timedelta(hours=1)
    assert moments[COUNTS] == observed_at.replace(microsecond=0)
    assert told[READER]["evidence"][0]["observed_at"] == told[READER]["as_of"]


async def test_a_revoked_key_hears_nothing_more(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver)
    await house.subscribe(receiver, OTHER)
    await revoke(house, "sk_reader_01")
    await house.service.memory.catch_up()
    await house.holds(0)
    await receiver.gets(1)
    await house.settled("delivered")
    await house.read_through()
    assert await house.pool.fetchval("SELECT count(*) FROM webhook_delivery") == 1
    assert (await house.send("GET", "/v1/webhooks")).status == 401


async def test_a_pause_holds_back_and_what_changed_meanwhile_is_told_afterwards(
    house: House, receiver: Receiver
) -> None:
    made = await house.subscribe(receiver)
    assert (await house.send("POST", f"/v1/webhooks/{made['id']}/pause")).json["state"] == "paused"
    await house.holds(2)
    await house.holds(0)
    await house.read_through()
    assert receiver.arrivals == []
    assert (await house.send("POST", f"/v1/webhooks/{made['id']}/resume")).json["state"] == "active"
    [arrival] = await receiver.gets(1)
    assert (arrival.data["previous"]["quantity_band"], arrival.data["quantity_band"]) == ("3+", "0")


async def test_a_subscription_follows_a_product_that_turns_out_to_be_another(house: House, receiver: Receiver) -> None:
    old = await house.pool.fetchval(
        "SELECT product_id FROM item JOIN retailer USING (retailer_id) WHERE item_id = 'plain' AND slug = 'acme'"
    )
    await house.holds(9, item_id="plain")
    await house.subscribe(receiver, products=[old])
    house.time.passes(seconds=1)
    await house.sync.load([item("plain", OTHER_GTIN, name="Twine")], "acme")
    await house.holds(0, item_id="plain")
    [arrival] = await receiver.gets(1)
    assert arrival.data["product"]["gtin"] == OTHER_GTIN
    assert arrival.data["previous"]["availability"] == "in_stock"

"""What Shopify and Square send when a count changes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.feed import Refusal, Row, StockRow
from inventory_service.domain.stock import MAX_QUANTITY, NONE_LEFT, Stock
from store_sync.formats import REASONS
from store_sync.formats.signatures import Vendor
from store_sync.formats.webhooks import MAX_BODY, Webhook, read

BIG = 9_007_199_254_740_993
"""2^53 + 1: the first whole number that a double cannot hold."""
LEVEL = {"inventory_item_id": BIG, "location_id": 655441491, "available": 7, "updated_at": "2026-11-22T05:01:30-05:00"}
COUNT = {
    "catalog_object_id": "W62UWFY35CWMYGVWK6TWJDNI",
    "catalog_object_type": "ITEM_VARIATION",
    "location_id": "C6W5YS5QM06F5",
    "state": "IN_STOCK",
    "quantity": "7",
    "calculated_at": "2026-11-22T10:01:30.123456789Z",
}


def shopify(headers: Mapping[str, str] | None = None, /, **changed: object) -> Webhook:
    return read("shopify", headers or {}, json.dumps(LEVEL | changed).encode())


def event(*counts: object, **changed: object) -> bytes:
    whole = {
        "merchant_id": "M",
        "type": "inventory.count.updated",
        "event_id": "df5f3813",
        "data": {"type": "inventory_counts", "id": "84e4ac73", "object": {"inventory_counts": list(counts)}},
    }
    return json.dumps(whole | changed).encode()


def square(**changed: object) -> Webhook:
    return read("square", {}, event(COUNT | changed))


def only_stock(webhook: Webhook) -> StockRow:
    (row,) = webhook.lines
    assert isinstance(row, Row), row
    assert row.stock is not None
    return row.stock


def only_refusal(webhook: Webhook) -> Refusal:
    (row,) = webhook.lines
    assert isinstance(row, Refusal), row
    assert row.reason in REASONS
    return row


def test_a_level_of_shopify_is_a_record_and_no_digit_of_its_ids_is_lost() -> None:
    at = datetime(2026, 11, 22, 10, 1, 30, tzinfo=UTC)
    assert only_stock(shopify()) == StockRow("655441491", "9007199254740993", Stock.exactly(7), observed_at=at)


def test_a_count_of_square_is_a_record_to_the_microsecond() -> None:
    at = datetime(2026, 11, 22, 10, 1, 30, 123_456, tzinfo=UTC)
    row = only_stock(square())
    assert row == StockRow("C6W5YS5QM06F5", "W62UWFY35CWMYGVWK6TWJDNI", Stock.exactly(7), observed_at=at)


@pytest.mark.parametrize("name", ["X-Shopify-Event-Id", "x-shopify-event-id"])
def test_both_vendors_name_their_events(name: str) -> None:
    assert shopify({name: "98880550"}).event_id == "98880550"
    assert shopify().event_id is None
    assert square().event_id == "df5f3813"
    assert read("square", {}, event(COUNT, event_id=[])).event_id is None


def test_an_item_that_shopify_does_not_track_is_refused_rather_than_emptied() -> None:
    refusal = only_refusal(shopify(available=None))
    assert (refusal.field, refusal.reason) == ("available", "not_tracked")
    assert refusal.about == ("655441491", str(BIG))


@pytest.mark.parametrize("available", [0, -1, -12])
def test_what_shopify_oversold_is_not_there(available: int) -> None:
    assert only_stock(shopify(available=available)).stock == NONE_LEFT


@pytest.mark.parametrize(
    ("quantity", "pieces"),
    [("0", 0), ("7", 7), ("7.99999", 7), ("0.5", 0), ("-1", 0), ("-0.5", 0), ("007", 7), ("2147483647", MAX_QUANTITY)],
)
def test_the_whole_part_of_a_decimal_count_is_on_the_shelf(quantity: str, pieces: int) -> None:
    assert only_stock(square(quantity=quantity)).stock == Stock.exactly(pieces)


@pytest.mark.parametrize("state", ["SOLD", "WASTE", "RESERVED_FOR_SALE", "IN_TRANSIT_TO", "NONE", "SOMETHING_NEW"])
def test_counts_of_other_states_say_nothing_of_the_shelf(state: str) -> None:
    assert square(state=state).lines == ()
    in_stock, sold = COUNT, COUNT | {"state": state, "quantity": "900"}
    assert [row.line for row in read("square", {}, event(sold, in_stock)).lines] == [2]


@pytest.mark.parametrize(
    "webhook",
    [
        shopify({"X-Shopify-Topic": "products/update"}),
        shopify({"X-Shopify-Topic": "inventory_levels/disconnect"}, available=None),
        read("shopify", {"x-shopify-topic": "shop/redact"}, b"\xff"),
        read("square", {}, event(type="catalog.version.updated", data={})),
        read("square", {}, event(COUNT, type="inventory.count.updated.v2")),
    ],
)
def test_events_about_anything_else_are_taken_and_have_no_effect(webhook: Webhook) -> None:
    assert webhook.lines == ()


def test_shopifys_own_topic_is_read() -> None:
    assert only_stock(shopify({"X-Shopify-Topic": "inventory_levels/update"})).stock == Stock.exactly(7)


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"inventory_item_id": None}, "inventory_item_id", "missing"),
        ({"location_id": ""}, "location_id", "missing"),
        ({"location_id": 1.5}, "location_id", "invalid_value"),
        ({"updated_at": None}, "updated_at", "missing"),
        ({"updated_at": "0216-11-22"}, "updated_at", "invalid_time"),
        ({"available": 7.5}, "available", "invalid_number"),
        ({"available": True}, "available", "invalid_value"),
        ({"available": {}}, "available", "invalid_value"),
        ({"available": 10**400}, "available", "invalid_number"),
        ({"available": -(10**400)}, "available", "negative"),
    ],
)
def test_a_faulty_level_is_refused_with_its_field_and_reason(
    changed: dict[str, object], field: str, reason: str
) -> None:
    refusal = only_refusal(shopify(**changed))
    assert (refusal.line, refusal.field, refusal.reason) == (1, field, reason)


def test_a_level_without_a_count_is_faulty_and_not_untracked() -> None:
    body = json.dumps({name: value for name, value in LEVEL.items() if name != "available"})
    refusal = only_refusal(read("shopify", {}, body.encode()))
    assert (refusal.field, refusal.reason) == ("available", "missing")


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"catalog_object_id": None}, "catalog_object_id", "missing"),
        ({"location_id": None}, "location_id", "missing"),
        ({"state": None}, "state", "missing"),
        ({"state": ["IN_STOCK"]}, "state", "invalid_value"),
        ({"quantity": "1,5"}, "quantity", "invalid_number"),
        ({"quantity": "NaN"}, "quantity", "invalid_number"),
        ({"quantity": "99999999999"}, "quantity", "invalid_number"),
        ({"quantity": None}, "quantity", "missing"),
        ({"calculated_at": "now"}, "calculated_at", "invalid_time"),
        ({"calculated_at": None}, "calculated_at", "missing"),
    ],
)
def test_a_faulty_count_is_refused_and_the_others_of_the_event_are_taken(
    changed: dict[str, object], field: str, reason: str
) -> None:
    first, faulty, last = read("square", {}, event(COUNT, COUNT | changed, COUNT)).lines
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert isinstance(faulty, Refusal)
    assert (faulty.line, faulty.field, faulty.reason) == (2, field, reason)


@pytest.mark.parametrize(
    ("vendor", "body", "reason"),
    [
        ("shopify", b"", "invalid_json"),
        ("square", b"[]", "invalid_json"),
        ("square", b"\xff", "encoding"),
        ("shopify", b'{"available": 1, "available": 2}', "invalid_json"),
        ("square", b"{" + b" " * MAX_BODY + b"}", "too_long"),
        ("square", b"{}", "missing"),
        ("square", b'{"type": "inventory.count.updated"}', "missing"),
        ("square", b'{"type": "inventory.count.updated", "data": [1]}', "missing"),
        ("square", event(1), "invalid_value"),
        ("square", event(data={"object": {"inventory_counts": {}}}), "missing"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_a_reason(vendor: Vendor, body: bytes, reason: str) -> None:
    assert only_refusal(read(vendor, {}, body)).reason == reason


def test_an_event_of_many_counts_is_read_whole() -> None:
    lines = read("square", {}, event(*(COUNT | {"location_id": f"L{n}"} for n in range(1_000)))).lines
    assert [row.stock.store_code for row in lines if isinstance(row, Row) and row.stock] == [
        f"L{n}" for n in range(1_000)
    ]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from([*COUNT.values()]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*COUNT, *LEVEL]), inner, max_size=4),
    max_leaves=8,
)


@given(st.binary(max_size=200), st.sampled_from(["shopify", "square"]))
def test_whatever_the_bytes_nothing_is_raised(body: bytes, vendor: Vendor) -> None:
    assert all(row.line for row in read(vendor, {}, body).lines)


@given(st.dictionaries(st.sampled_from([*COUNT, *LEVEL]), _VALUES), st.lists(_VALUES, max_size=3))
def test_whatever_the_members_each_count_is_a_row_or_is_refused(members: dict[str, Any], further: list[Any]) -> None:
    for vendor, body in (
        ("shopify", json.dumps(LEVEL | members).encode()),
        ("square", event(COUNT | members, *further)),
        ("square", event(data=members)),
    ):
        for row in read(vendor, {}, body).lines:  # type: ignore[arg-type]
            assert isinstance(row, Row) or row.reason in REASONS

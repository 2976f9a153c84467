"""JSON Lines: files, uploads and live events."""

import io
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.point import Point
from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import MovementRow, ProductRow, Refusal, Row, StockColumns, StockRow
from inventory_service.domain.gtin import check_digit
from inventory_service.domain.offer import Money, Pickup
from inventory_service.domain.stock import IN_STOCK, LIMITED, MAX_QUANTITY, NONE_LEFT, Stock
from store_sync.formats import REASONS, parser_for
from store_sync.formats.json_lines import KINDS, parse_line

AT = datetime(2026, 11, 22, 10, 1, 30, tzinfo=UTC)
GTIN = "04006381333931"
RECORD = {"store_code": "0017", "item_id": "SKU-1", "quantity": 12}
SALE = {"kind": "sale", "id": "e1", "store_code": "0017", "item_id": "SKU-1", "quantity": 1, "at": AT.isoformat()}


def file_of(
    text: str | bytes, kind: str | None = None, format_name: str = "jsonl"
) -> list[Row | Refusal | StockColumns]:
    data = text.encode() if isinstance(text, str) else text
    return list(parser_for(format_name, kind, None)(io.BytesIO(data)))


def said(**line: object) -> Row:
    row = parse_line(7, json.dumps(line).encode())
    assert isinstance(row, Row), row
    assert row.line == 7
    return row


def stock(**line: object) -> StockRow:
    row = said(**(RECORD | line))
    assert row.stock is not None
    return row.stock


def movement(**line: object) -> MovementRow:
    row = said(**(SALE | line))
    assert row.movement is not None
    return row.movement


def refused(line: str | bytes) -> Refusal:
    row = parse_line(1, line.encode() if isinstance(line, str) else line)
    assert isinstance(row, Refusal), row
    assert row.reason in REASONS
    assert row.detail.endswith(".")
    assert len(row.raw) <= 2_000
    assert "\0" not in row.raw
    return row


def test_a_line_without_a_kind_is_a_record() -> None:
    row = said(**RECORD)
    assert row.stock == StockRow("0017", "SKU-1", Stock.exactly(12))
    assert (row.store, row.product, row.movement) == (None, None, None)
    assert json.loads(row.raw) == RECORD


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ({"kind": "record"}, Stock.exactly(12)),
        ({"kind": "RECORD", "availability": "limited availability"}, LIMITED),
        ({"quantity": None, "availability": "in_stock"}, IN_STOCK),
        ({"kind": "count", "quantity": 0}, NONE_LEFT),
        ({"type": "count", "quantity": 22.0}, Stock.exactly(22)),
        ({"kind": "count", "quantity": "22"}, Stock.exactly(22)),
        ({"kind": "absent", "quantity": None}, NONE_LEFT),
        ({"kind": "absent", "quantity": 0}, NONE_LEFT),
    ],
)
def test_a_record_says_how_much_there_is(line: dict[str, object], held: Stock) -> None:
    assert stock(**line).stock == held


@pytest.mark.parametrize(
    ("line", "kind", "quantity"),
    [
        ({}, "sale", 1),
        ({"quantity": -2}, "sale", -2),
        ({"kind": "return", "quantity": 2}, "sale", -2),
        ({"kind": "delivery", "quantity": 24}, "delivery", 24),
        ({"kind": None, "type": "delivery", "quantity": "-3.0"}, "delivery", -3),
    ],
)
def test_a_movement_says_how_many_pieces_left_or_came(line: dict[str, object], kind: str, quantity: int) -> None:
    moved = movement(**line)
    assert (moved.kind, moved.quantity, moved.event_id, moved.observed_at) == (kind, quantity, "e1", AT)


@pytest.mark.parametrize("name", ["observed_at", "at", "sale_time", "time"])
@pytest.mark.parametrize("time", ["2026-11-22T10:01:30Z", "2026-11-22T11:01:30+01:00", AT.timestamp()])
def test_the_time_of_a_movement_has_several_names_and_spellings(name: str, time: object) -> None:
    assert movement(**{"at": None, name: time}).observed_at == AT


@pytest.mark.parametrize("name", ["observed_at", "at", "time"])
def test_a_record_may_have_its_own_time(name: str) -> None:
    assert stock(**{name: AT.isoformat()}).observed_at == AT
    assert stock().observed_at is None


def test_observed_at_stands_above_its_other_names() -> None:
    assert movement(observed_at="2026-11-22T09:00:00Z").observed_at == AT.replace(hour=9, minute=0, second=0)


def test_a_gtin_alone_names_the_item() -> None:
    for row in (stock(item_id=None, gtin="4006381333931"), movement(item_id=None, gtin="4006381333931")):
        assert (row.item_id, row.gtin) == (None, GTIN)


def test_ids_keep_every_digit_as_texts_and_as_whole_numbers() -> None:
    row = parse_line(1, b'{"store_code": 12345678901234567890, "item_id": "00012345678901234567890", "quantity": 1}')
    assert isinstance(row, Row)
    assert row.stock is not None
    assert (row.stock.store_code, row.stock.item_id) == ("12345678901234567890", "00012345678901234567890")


def test_a_record_tells_its_offer_as_googles_fields() -> None:
    details = stock(
        price="29.99 USD",
        sale_price="19.99 USD",
        sale_price_effective_date="2026-11-22T00:00Z/2026-11-29T00:00Z",
        pickup_method="buy",
        pickup_sla="same day",
        instore_product_location="Aisle 12",
    ).details
    assert details.price == Money(Decimal("29.99"), "USD")
    assert details.sale_price is not None
    assert details.sale_price.ends_at == datetime(2026, 11, 29, tzinfo=UTC)
    assert (details.pickup, details.aisle) == (Pickup("buy", "same_day"), "Aisle 12")
    assert stock(aisle="Aisle 12").details.aisle == "Aisle 12"
    assert stock(availability="on display to order").details.order_in_store


@pytest.mark.parametrize(
    "price",
    [
        '"29.90 USD"',
        '{"amount": "29.90", "currency": "USD"}',
        '{"amount": 29.90, "currency": "USD"}',
        '29.90, "currency": "USD"',
    ],
)
def test_a_price_may_be_text_an_object_or_an_amount_beside_its_currency(price: str) -> None:
    row = parse_line(1, f'{{"store_code": "1", "item_id": "A", "quantity": 1, "price": {price}}}'.encode())
    assert isinstance(row, Row)
    assert row.stock is not None
    assert row.stock.details.price == Money(Decimal("29.90"), "USD")
    assert str(row.stock.details.price.amount) == "29.90"


def test_stores_and_products_may_be_described_too() -> None:
    store = said(
        kind="store", store_code="17", name="Pike", lat=47.6097, lon=-122.3422, country="USA", postcode="1201",
        phone="206 555 0100", opening_hours="Mo-Sa 09:00-21:00", timezone="America/Los_Angeles",
    ).store  # fmt: skip
    assert store is not None
    assert (store.store_code, store.name, store.point) == ("17", "Pike", Point(47.6097, -122.3422))
    assert (store.country, store.postcode, store.phone) == ("US", "01201", "+12065550100")
    assert said(kind="product", gtin="4006381333931", name="Hammer", price=5, currency="EUR").product == ProductRow(
        "4006381333931", GTIN, "Hammer", price=Money(Decimal(5), "EUR"), stands_in=True
    )


def test_the_kind_of_a_file_is_that_of_its_lines_that_name_none() -> None:
    text = '{"item_id": "A", "name": "Hammer"}\n' + json.dumps(RECORD | {"kind": "record"})
    product, record = file_of(text, "products")
    assert isinstance(product, Row)
    assert isinstance(record, Row)
    assert product.product == ProductRow("A", name="Hammer")
    assert record.stock is not None


def line(**changed: object) -> str:
    return json.dumps(RECORD | changed)


def sale(**changed: object) -> str:
    return json.dumps(SALE | changed)


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (line(store_code=None), "store_code", "missing"),
        (line(item_id=None), "item_id", "missing"),
        (line(quantity=None), "quantity", "missing"),
        (line(kind="count", quantity=None, availability="in stock"), "quantity", "missing"),
        (line(quantity=-1), "quantity", "negative"),
        (line(quantity=2.5), "quantity", "invalid_number"),
        (line(quantity=1e300), "quantity", "invalid_number"),
        (line(quantity=MAX_QUANTITY + 1), "quantity", "invalid_number"),
        ('{"quantity": ' + "9" * 20_000 + ', "store_code": "1", "item_id": "A"}', "quantity", "invalid_number"),
        (line(quantity=True), "quantity", "invalid_value"),
        (line(quantity=[1]), "quantity", "invalid_value"),
        (line(store_code={"a": 1}), "store_code", "invalid_value"),
        (line(store_code=1.5), "store_code", "invalid_value"),
        (line(store_code="1" * 501), "store_code", "too_long"),
        (line(availability="plenty"), "availability", "invalid_value"),
        (line(kind="absent", quantity=3), "quantity", "invalid_value"),
        (line(kind="sell"), "kind", "invalid_value"),
        (line(type=4), "type", "invalid_value"),
        (line(gtin="4006381333932"), "gtin", "invalid_gtin"),
        (line(gtin=36000291452), "gtin", "invalid_gtin"),
        (line(price="29,99 USD"), "price", "invalid_price"),
        (line(price=29.99), "price", "invalid_price"),
        (line(price={"amount": "5"}), "price.currency", "missing"),
        (line(price={"amount": [], "currency": "USD"}), "price.amount", "invalid_value"),
        (line(price="5 USD", sale_price="4 EUR"), "sale_price", "invalid_price"),
        (line(pickup_method="buy"), "pickup_sla", "missing"),
        (line(observed_at="yesterday"), "observed_at", "invalid_time"),
        (line(observed_at="0216-11-22T10:00:00Z"), "observed_at", "invalid_time"),
        (line(time=1_795_341_690_000), "time", "invalid_time"),
        (line(sale_time=AT.isoformat()), "kind", "missing"),
        (sale(at=None), "observed_at", "missing"),
        (sale(at="2026-13-01"), "at", "invalid_time"),
        (sale(id=None), "id", "missing"),
        (sale(id="  "), "id", "missing"),
        (sale(id=["e1"]), "id", "invalid_value"),
        (sale(quantity=0), "quantity", "invalid_number"),
        (sale(quantity=-0.0), "quantity", "invalid_number"),
        (sale(quantity=0.5), "quantity", "invalid_number"),
        (sale(quantity=None), "quantity", "missing"),
        (sale(item_id=None), "item_id", "missing"),
        (sale(kind="return", quantity=-1), "quantity", "negative"),
        (line(kind="store", name="A", lat=91, lon=0), "lat", "invalid_point"),
        (line(kind="store", name="A", lat=47), "lon", "missing"),
        (line(kind="product", item_id=None), "item_id", "missing"),
    ],
)  # fmt: skip
def test_a_faulty_line_is_refused_with_its_field_and_reason(text: str, field: str, reason: str) -> None:
    refusal = refused(text)
    assert (refusal.field, refusal.reason) == (field, reason)


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (line()[:-4], None, "invalid_json"),
        (line() + line(), None, "invalid_json"),
        ("store_code\titem_id\tquantity", None, "invalid_json"),
        ("[" + line() + "]", None, "invalid_json"),
        ("12", None, "invalid_json"),
        ("null", None, "invalid_json"),
        ('"a"', None, "invalid_json"),
        ("'a'", None, "invalid_json"),
        (line().replace("12", "NaN"), None, "invalid_json"),
        (line().replace("12", "-Infinity"), None, "invalid_json"),
        (line().replace("12", "012"), None, "invalid_json"),
        (line().replace("12", '12, "quantity": 13'), "quantity", "invalid_json"),
        ('{"x": {"y": 1, "y": 1}}', "y", "invalid_json"),
        ('{"x": ' + "[" * 30_000 + "]" * 30_000 + "}", None, "invalid_json"),
        ('{"x":' * 10_000, None, "invalid_json"),
        (line(store_code="a\0b"), "store_code", "encoding"),
        ('{"store_code": "\\ud800", "item_id": "A", "quantity": 1}', "store_code", "encoding"),
        (line(store_code="a") + "\0", None, "encoding"),
        (line(x="x" * 66_000), None, "too_long"),
    ],
)
def test_what_is_no_clean_json_object_is_refused(text: str, field: str | None, reason: str) -> None:
    refusal = refused(text)
    assert (refusal.field, refusal.reason) == (field, reason)


def test_bytes_that_are_no_utf_8_are_refused_and_shown() -> None:
    refusal = refused(line(store_code="Zürich").encode("latin-1").replace(b"\\u00fc", b"\xfc"))
    assert refusal.reason == "encoding"
    assert "Z\\xfcrich" in refusal.raw


def test_a_refused_line_still_tells_what_it_speaks_of() -> None:
    assert refused(line(quantity=-1)).about == ("0017", "SKU-1")
    assert refused(line(quantity=-1, item_id=None)).about is None
    assert refused("{").about is None


def test_names_that_are_not_known_are_ignored() -> None:
    assert stock(cashier="Ann", till=3, tags=["a", {"b": None}]) == stock()


def test_blank_lines_do_not_count_and_lines_keep_their_numbers() -> None:
    assert parse_line(1, b" \t\r\n") is None
    rows = file_of("\ufeff" + line() + "\r\n\r\n  \n" + sale() + "\n{\n")
    assert [(type(row), row.line) for row in rows if not isinstance(row, StockColumns)] == [
        (Row, 1),
        (Row, 4),
        (Refusal, 5),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("format_name", ["jsonl", "auto"])
def test_files_are_read_in_the_encoding_that_their_mark_tells(encoding: str, format_name: str) -> None:
    text = "\n" + json.dumps(RECORD | {"store_code": "Zürich"}, ensure_ascii=False) + "\n"
    (row,) = file_of(text.encode(encoding), format_name=format_name)
    assert isinstance(row, Row)
    assert row.stock is not None
    assert row.stock.store_code == "Zürich"


def test_a_live_line_may_begin_with_a_byte_order_mark_only_where_the_stream_begins() -> None:
    marked = b"\xef\xbb\xbf" + line().encode()
    assert isinstance(parse_line(1, marked), Row)
    assert isinstance(parse_line(2, marked), Refusal)


@pytest.mark.parametrize("text", ["", "\n \r\n"])
def test_an_empty_file_is_refused_lest_it_passes_for_a_full_one(text: str) -> None:
    with pytest.raises(FeedRefusedError, match="empty"):
        file_of(text)


class Breaking:
    """A stream that gives `data` and then breaks, as a cut gzip does."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        if block := self._stream.read(size):
            return block
        raise FeedRefusedError("The file is cut.")


def test_whole_lines_before_a_cut_land_and_the_half_line_does_not() -> None:
    rows = parser_for("jsonl", None, None)(Breaking((line() + "\n" + line() + "\n" + line()[:-5]).encode()))
    assert isinstance(next(rows), Row)
    assert isinstance(next(rows), Row)
    with pytest.raises(FeedRefusedError, match="cut"):
        next(rows)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_only_a_whole_file_is_ever_refused_by_raising(data: bytes) -> None:
    for head in (b"", b"{", line().encode() + b"\n", b"\xff\xfe"):
        with suppress(FeedRefusedError):
            assert file_of(head + data)
        parse_line(1, head + data)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*KINDS, AT.isoformat()]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.sampled_from(
    [
        *("kind", "type", "id", "store_code", "item_id", "gtin", "quantity", "availability", "observed_at", "at"),
        *("price", "currency", "sale_price", "sale_price_effective_date", "pickup_method", "aisle", "name", "lat"),
        *("lon", "phone", "country", "postcode", "opening_hours", "timezone", "image_url"),
    ]
)


@given(st.dictionaries(_NAMES, _ANYTHING), st.sampled_from([*KINDS, "none"]))
def test_whatever_the_members_a_line_is_a_row_or_is_refused(members: dict[str, Any], kind: str) -> None:
    row = parse_line(3, json.dumps(members if kind == "none" else members | {"kind": kind}).encode())
    assert isinstance(row, Row | Refusal)
    assert row.line == 3
    if isinstance(row, Refusal):
        assert row.reason in REASONS


_CODES = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60).map(str.strip).filter(bool)
)
_GTINS = (
    st.from_regex(r"[0-9]{12}", fullmatch=True)
    .filter(lambda body: body.strip("0"))
    .map(lambda body: body + check_digit(body))
)
_TIMES = st.datetimes(datetime(1900, 1, 2), datetime(9999, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
_PIECES = st.integers(-MAX_QUANTITY, MAX_QUANTITY).filter(bool)
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    st.sampled_from(["sale", "delivery"]), _CODES, _CODES, st.none() | _GTINS, _PIECES, _TIMES, _OFFSETS, st.booleans()
)
def test_every_event_that_a_till_can_write_comes_back_as_it_was(
    kind: str, code: str, name: str, gtin: str | None, pieces: int, moment: datetime, offset: timezone, ascii_only: bool
) -> None:
    event = {"kind": kind, "id": name, "store_code": code, "item_id": name, "gtin": gtin, "quantity": pieces}
    text = json.dumps(event | {"at": moment.astimezone(offset).isoformat()}, ensure_ascii=ascii_only)
    row = parse_line(1, text.encode() + b"\r\n")
    assert isinstance(row, Row), row
    padded = gtin.zfill(14) if gtin else None
    assert row.movement == MovementRow(code, kind, pieces, moment, name, name, padded)  # type: ignore[arg-type]


@given(_CODES, _CODES, st.integers(0, MAX_QUANTITY), st.none() | _TIMES)
def test_every_count_comes_back_as_it_was(code: str, item_id: str, pieces: int, moment: datetime | None) -> None:
    text = json.dumps({
        "kind": "count", "store_code": code, "item_id": item_id, "quantity": pieces,
        "observed_at": moment and moment.isoformat(),
    })  # fmt: skip
    row = parse_line(1, text.encode())
    assert isinstance(row, Row), row
    assert row.stock == StockRow(code, item_id, Stock.exactly(pieces), observed_at=moment)

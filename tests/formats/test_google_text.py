"""Google's feeds as tab-separated text."""

import io
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import ProductRow, Refusal, Row, StockRow
from inventory_service.domain.offer import NO_DETAILS, Money, Pickup
from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, Stock
from store_sync.formats import REASONS, parser_for
from tests.formats.flat import by_line


def results(text: str | bytes, format_name: str = "google", kind: str | None = None) -> list[Row | Refusal]:
    data = text.encode() if isinstance(text, str) else text
    return by_line(parser_for(format_name, kind, None)(io.BytesIO(data)))


def feed(*rows: str, header: str = "store_code\tid\tquantity\tavailability\tprice") -> str:
    return "\n".join((header, *rows)) + "\n"


def only_stock(text: str) -> StockRow:
    (row,) = results(text)
    assert isinstance(row, Row), row
    assert row.stock is not None
    return row.stock


def only_refusal(text: str | bytes) -> Refusal:
    (row,) = results(text)
    assert isinstance(row, Refusal), row
    assert row.reason in REASONS
    return row


def test_a_line_of_local_inventory_becomes_stock() -> None:
    (row,) = results(feed("0017\tSKU-1\t22.0\tin stock\t29.99 USD"))
    assert isinstance(row, Row)
    assert (row.line, row.store, row.product) == (2, None, None)
    assert row.raw == "0017\tSKU-1\t22.0\tin stock\t29.99 USD"
    assert row.stock is not None
    assert (row.stock.store_code, row.stock.item_id, row.stock.stock) == ("0017", "SKU-1", Stock.exactly(22))
    assert row.stock.details.price == Money(Decimal("29.99"), "USD")
    assert row.stock.observed_at is None


@pytest.mark.parametrize(
    "header",
    [
        "store code\titemid\tquantity\tavailability\tprice",
        "Store_Code\titem_id\tQuantity\tAVAILABILITY\tPrice",
        "store-code\titem id\tquantity\tavailability\tprice",
        "g:store_code\tg:id\tg:quantity\tg:availability\tg:price",
        '"store code"\t"id"\tquantity\tavailability\tprice',
        "\ufeffstore code\tid\tquantity\tavailability\tprice\r",
    ],
)
def test_all_spellings_of_the_column_names_are_understood(header: str) -> None:
    assert only_stock(feed("1\tA\t5\tin_stock\t", header=header)).item_id == "A"


def test_a_store_code_of_20_digits_keeps_every_digit() -> None:
    assert only_stock(feed(" 00123456789012345678 \tA\t1\t\t")).store_code == "00123456789012345678"


@pytest.mark.parametrize(
    ("quantity", "availability", "stock"),
    [
        ("17", "", Stock.exactly(17)),
        ("", "in stock", IN_STOCK),
        ("", "Limited_Availability", LIMITED),
        ("", "out-of-stock", NONE_LEFT),
        ("17", "in stock", Stock.exactly(17)),
        ("17", "limited availability", LIMITED),
        ("17", "out of stock", NONE_LEFT),
        ("2", "in stock", Stock.exactly(2)),
        ("1", "limited availability", Stock.exactly(1)),
        ("0", "in stock", Stock.exactly(0)),
        ("5", "on display to order", NONE_LEFT),
    ],
)
def test_the_lower_of_quantity_and_availability_holds(quantity: str, availability: str, stock: Stock) -> None:
    assert only_stock(feed(f"1\tA\t{quantity}\t{availability}\t")).stock == stock


def test_on_display_to_order_is_out_of_stock_and_can_be_ordered() -> None:
    row = only_stock(feed("1\tA\t3\ton_display_to_order\t"))
    assert row.stock == NONE_LEFT
    assert row.details.order_in_store


def test_a_row_that_says_nothing_further_has_no_details() -> None:
    assert only_stock(feed("1\tA\t3\tin stock\t")).details is NO_DETAILS


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("1\tA\t-3\t\t", "quantity", "negative"),
        ("1\tA\t1,234\t\t", "quantity", "invalid_number"),
        ("1\tA\t22.5\t\t", "quantity", "invalid_number"),
        ("1\tA\tNaN\t\t", "quantity", "invalid_number"),
        ("1\tA\t1e309\t\t", "quantity", "invalid_number"),
        ("1\tA\t٣\t\t", "quantity", "invalid_number"),
        ("1\tA\t99999999999\t\t", "quantity", "invalid_number"),
        ("1\tA\t" + "9" * 5_000 + "\t\t", "quantity", "invalid_number"),
        ("1\tA\t\tplenty\t", "availability", "invalid_value"),
        ("1\tA\t\t\t", "quantity", "missing"),
        ("\tA\t1\t\t", "store_code", "missing"),
        ("1\t\t1\t\t", "id", "missing"),
        ("1\t" + "A" * 51 + "\t1\t\t", "id", "too_long"),
        ("1\tA\t1\t\t29,99 USD", "price", "invalid_price"),
        ("1\tA\t1\t\tUSD 29.99", "price", "invalid_price"),
        ("1\tA\t1\t\t29.99", "price", "invalid_price"),
        ("1\tA\t1\t\t29.99999 USD", "price", "invalid_price"),
        ("1\tA\t1\t\t29.99 dollars", "price", "invalid_price"),
        ("1\tA\t1\t\t-1 USD", "price", "negative"),
        ("1\tA\t1\t", None, "columns"),
        ("\t1\tA\t1\t\t", None, "columns"),
        ("1\tA\t1\t\t\0", None, "encoding"),
        ("1\tA\t1\t\t" + "x" * 70_000, None, "too_long"),
    ],
)
def test_a_faulty_row_is_refused_with_its_field_and_reason(row: str, field: str | None, reason: str) -> None:
    refusal = only_refusal(feed(row))
    assert (refusal.line, refusal.field, refusal.reason) == (2, field, reason)
    assert refusal.detail.endswith(".")
    assert len(refusal.raw) <= 2_000
    assert "\0" not in refusal.raw


OFFER = (
    "store_code\tid\tquantity\tsale_price\tsale_price_effective_date\t"
    "pickup_method\tpickup_sla\tinstore_product_location"
)


@pytest.mark.parametrize("between", ["/", ",", " ", " / "])
def test_a_sale_has_two_times_however_they_are_joined(between: str) -> None:
    row = only_stock(feed(f"1\tA\t1\t9 EUR\t2026-02-24T13:00-0800{between}2026-02-28T13:00Z\t\t\t", header=OFFER))
    sale = row.details.sale_price
    assert sale is not None
    assert sale.starts_at == datetime(2026, 2, 24, 21, tzinfo=UTC)
    assert sale.ends_at == datetime(2026, 2, 28, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "sla", "pickup"),
    [
        ("buy", "same day", Pickup("buy", "same_day")),
        ("Ship to Store", "2-day", Pickup("ship_to_store", "2_day")),
        ("not_supported", "", Pickup("not_supported")),
        ("reserve", "multi-week", Pickup("reserve", "multi_week")),
    ],
)
def test_pickup_is_read_in_all_spellings(method: str, sla: str, pickup: Pickup) -> None:
    assert only_stock(feed(f"1\tA\t1\t\t\t{method}\t{sla}\t", header=OFFER)).details.pickup == pickup


@pytest.mark.parametrize(
    ("offer", "field", "reason"),
    [
        ("\t\tbuy\t\t", "pickup_sla", "missing"),
        ("\t\t\tsame day\t", "pickup_method", "missing"),
        ("\t\tteleport\tsame day\t", "pickup_method", "invalid_value"),
        ("\t\tbuy\tsoon\t", "pickup_sla", "invalid_value"),
        ("\t\t\t\tAisle 12, shelf 3, left", "instore_product_location", "too_long"),
        ("\t\t\t\tÄÖÜÄÖÜÄÖÜÄ1", "instore_product_location", "too_long"),
        ("9\t\t\t\t", "sale_price", "invalid_price"),
        ("9 EUR\t2026-02-24\t\t\t", "sale_price_effective_date", "invalid_time"),
        ("9 EUR\t2026-02-24/2026-02-23\t\t\t", "sale_price_effective_date", "invalid_time"),
        ("9 EUR\t0216-02-24/2026-02-23\t\t\t", "sale_price_effective_date", "invalid_time"),
        ("9 EUR\t9999-12-31T23:59-1200/9999-12-31T23:59-1200\t\t\t", "sale_price_effective_date", "invalid_time"),
    ],
)
def test_a_faulty_offer_refuses_the_row_and_names_the_field(offer: str, field: str, reason: str) -> None:
    refusal = only_refusal(feed(f"1\tA\t1\t{offer}", header=OFFER))
    assert (refusal.field, refusal.reason) == (field, reason)


def test_a_file_without_a_store_code_is_a_product_feed() -> None:
    header = "id\ttitle\tbrand\tgtin\tmpn\timage_link\tlink\tprice"
    (row,) = results(feed("A\tHammer  16oz\tAcme\t4006381333931\t\thttps://i.example/a.jpg\t\t5 EUR", header=header))
    assert isinstance(row, Row)
    assert row.product == ProductRow(
        "A",
        "04006381333931",
        "Hammer 16oz",
        "Acme",
        "https://i.example/a.jpg",
        price=Money(Decimal(5), "EUR"),
    )


def test_a_wrong_check_digit_is_refused_in_the_products() -> None:
    refusal = only_refusal(feed("A\tHammer\t4006381333932", header="id\ttitle\tgtin"))
    assert (refusal.field, refusal.reason) == ("gtin", "invalid_gtin")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("store_code\tprice\n", "id, availability or quantity"),
        ("name\tcity\n", "id, title"),
        ("store code\tstore_code\tid\tquantity\n", "store_code twice"),
        ("id\titemid\ttitle\n", "id twice"),
        ("a\0b\n", "NUL"),
        ('"id\tstore_code\n', "header"),
        ("x" * 100_000, "longer"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(FeedRefusedError, match=says):
        results(text)


def test_the_refusal_of_a_file_tells_what_was_found() -> None:
    with pytest.raises(FeedRefusedError, match="the file has: shop, sku, qty"):
        results("shop\tsku\tqty\n", kind="stock")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_byte_order_marks_tell_the_encoding(encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    (row,) = results((mark + feed("Zürich\tA\t1\t\t")).encode(encoding))
    assert isinstance(row, Row)
    assert row.stock is not None
    assert row.stock.store_code == "Zürich"


def test_one_line_in_another_encoding_does_not_cost_the_others() -> None:
    text = feed("1\tA\t1\t\t").encode() + "Zürich\tB\t1\t\t\n".encode("latin-1") + b"3\tC\t1\t\t\n"
    first, second, third = results(text)
    assert isinstance(first, Row)
    assert isinstance(third, Row)
    assert isinstance(second, Refusal)
    assert (second.line, second.reason) == (3, "encoding")
    assert "Z\\xfcrich" in second.raw


def test_half_a_character_in_utf_16_refuses_its_line_only() -> None:
    text = "\ufeff" + feed("1\tA\t1\t\t", "2\tX\t1\t\t", "3\tC\t1\t\t")
    broken = text.encode("utf-16-le").replace("X".encode("utf-16-le"), b"\x00\xd8")
    kinds = [type(row) for row in results(broken)]
    assert kinds == [Row, Refusal, Row]


def test_blank_lines_and_carriage_returns_do_not_count() -> None:
    rows = results("store_code\tid\tquantity\r\n\r\n1\tA\t1\r\n   \r\n2\tB\t2")
    assert [row.line for row in rows if isinstance(row, Row)] == [3, 5]
    assert len(rows) == 2


def test_a_lone_quote_costs_its_own_line_only() -> None:
    rows = results(feed('1\t"A\t1\t\t', *(f"{n}\tB\t1\t\t" for n in range(2, 40))))
    assert isinstance(rows[0], Refusal)
    assert rows[0].reason == "quoting"
    assert [row.line for row in rows] == list(range(2, 41))
    assert all(isinstance(row, Row) for row in rows[1:])


def test_two_lone_quotes_do_not_swallow_the_lines_between_them() -> None:
    rows = results(feed('1\t"A\t1\t\t', "2\tB\t1\t\t", '3\tC"\t1\t\t', "4\tD\t1\t\t"))
    assert [row.line for row in rows] == [2, 3, 4, 5]
    assert [type(row) for row in rows] == [Refusal, Row, Row, Row]


def test_a_lone_quote_at_the_end_does_not_swallow_the_last_lines() -> None:
    rows = results(feed("1\tA\t1\t\t", '2\t"B\t1\t\t', "3\tC\t1\t\t"))
    assert [type(row) for row in rows] == [Row, Refusal, Row]


def test_quotes_inside_a_value_are_just_characters() -> None:
    assert only_stock(feed('1\t5" nail\t1\t\t')).item_id == '5" nail'


def test_a_quoted_value_may_hold_delimiters_and_line_ends() -> None:
    (row,) = results(feed('A\t"Claw\thammer\n16 ""oz"""', header="id\ttitle"))
    assert isinstance(row, Row)
    assert row.product is not None
    assert row.product.name == 'Claw hammer 16 "oz"'


@given(st.binary(max_size=400))
def test_whatever_the_bytes_only_the_whole_file_is_ever_refused_by_raising(data: bytes) -> None:
    for head in (b"", b"store_code\tid\tquantity\n", b"id\ttitle\n", b"\xff\xfe"):
        with suppress(FeedRefusedError):
            lines = [row.line for row in results(head + data)]
            assert lines == sorted(set(lines))


_LINE = st.text(st.characters(exclude_characters='"\n', codec="utf-8") | st.sampled_from("\t\t\0\r1a"), max_size=30)


@given(st.lists(_LINE))
def test_every_line_that_is_not_blank_yields_one_row_or_refusal(lines: list[str]) -> None:
    rows = results("\n".join(("store_code\tid\tquantity", *lines)))
    expected = [number for number, line in enumerate(lines, start=2) if line.strip(" \r")]
    assert [row.line for row in rows] == expected


@given(st.lists(st.text('"\t\na1 ', max_size=20), max_size=8))
def test_quotes_never_lose_a_good_line_that_follows(lines: list[str]) -> None:
    good = [f"9\tgood{n}\t1" for n in range(30)]
    rows = results("\n".join(("store_code\tid\tquantity", *lines, *good)))
    kept = [row.stock.item_id for row in rows if isinstance(row, Row) and row.stock]
    assert kept[-29:] == [f"good{n}" for n in range(1, 30)]


def test_a_sale_price_in_another_currency_than_the_price_is_refused() -> None:
    header = "store_code\tid\tquantity\tprice\tsale_price"
    refusal = only_refusal(feed("1\ta\t3\t5.00 USD\t4.00 EUR", header=header))
    assert (refusal.field, refusal.reason, refusal.about) == ("sale_price", "invalid_price", ("1", "a"))

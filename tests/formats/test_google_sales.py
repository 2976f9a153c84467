"""Google's local feeds partnership sales."""

import io
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import MovementRow, Refusal, Row
from store_sync.formats import google_lfp, parser_for

HEADER = "gtin\tprice\tsale_time\tquantity\tstore_code"
SOLD = "4006381333931\t15.99 USD\t2026-11-22T10:01:30Z\t1\t0017"


def feed(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def results(text: str, format_name: str = "google-lfp", kind: str | None = None) -> list[Row | Refusal]:
    found = list(parser_for(format_name, kind, None)(io.BytesIO(text.encode())))
    assert all(isinstance(row, Row | Refusal) for row in found)
    return [row for row in found if isinstance(row, Row | Refusal)]


def sales(text: str, format_name: str = "google-lfp") -> list[MovementRow]:
    found = [row.movement for row in results(text, format_name) if isinstance(row, Row)]
    assert all(found)
    return [one for one in found if one is not None]


def ids(text: str) -> list[str]:
    return [one.event_id for one in sales(text)]


@pytest.mark.parametrize("format_name", ["google-lfp", "google", "google-tsv", "auto"])
def test_a_line_becomes_a_sale_whatever_the_feed_is_called(format_name: str) -> None:
    (row,) = results(feed(SOLD), format_name)
    assert isinstance(row, Row)
    assert (row.line, row.raw, row.stock, row.product) == (2, SOLD, None, None)
    sale = row.movement
    assert sale is not None
    assert (sale.store_code, sale.item_id, sale.gtin, sale.kind) == ("0017", None, "04006381333931", "sale")
    assert (sale.quantity, sale.observed_at) == (1, datetime(2026, 11, 22, 10, 1, 30, tzinfo=UTC))


def test_sales_count_as_stock_where_a_kind_is_asked_for() -> None:
    assert len(results(feed(SOLD), kind="stock")) == 1
    with pytest.raises(FeedRefusedError, match="holds sales, not products"):
        parser_for("google-lfp", "products", None)


def test_the_same_sales_as_xml_are_the_same_events() -> None:
    names = HEADER.split("\t")
    item = "".join(f"<g:{name}>{value}</g:{name}>" for name, value in zip(names, SOLD.split("\t"), strict=True))
    xml = f'<rss xmlns:g="http://base.google.com/ns/1.0"><item>{item}</item><item>{item}</item></rss>'
    assert sales(xml, "auto") == sales(feed(SOLD, SOLD))


@pytest.mark.parametrize(("quantity", "pieces"), [("1", 1), ("2.0", 2), ("-1", -1), ("-3.0", -3)])
def test_a_negative_quantity_is_a_return(quantity: str, pieces: int) -> None:
    (sale,) = sales(feed(SOLD.replace("\t1\t", f"\t{quantity}\t")))
    assert (sale.kind, sale.quantity) == ("sale", pieces)


def test_an_item_id_may_stand_in_for_the_gtin() -> None:
    (sale,) = sales(feed("SKU-1\t2026-11-22T10:01:30Z\t1\t0017", header="id\tsale time\tquantity\tstore code"))
    assert (sale.item_id, sale.gtin) == ("SKU-1", None)


def test_a_file_sent_again_says_nothing_new() -> None:
    text = feed(SOLD, SOLD, SOLD.replace("0017", "0018"))
    assert ids(text) == ids(text)


def test_two_equal_lines_are_two_sales() -> None:
    first, second = ids(feed(SOLD, SOLD))
    assert first != second


def test_another_order_and_another_spelling_are_the_same_sales() -> None:
    other = "0017;2026-11-22T11:01:30+01:00;1.0;04006381333931;15.99 usd"
    again = feed(other, other, header="Store Code;Sale Time;Quantity;GTIN;Price")
    assert sorted(ids(again)) == sorted(ids(feed(SOLD, SOLD)))


@pytest.mark.parametrize(
    ("old", "new"),
    [("0017", "0018"), ("3931", "3948"), ("15.99", "15.98"), (":30Z", ":31Z"), ("\t1\t", "\t2\t"), ("\t1\t", "\t-1\t")],
)
def test_whatever_differs_makes_another_sale(old: str, new: str) -> None:
    changed = SOLD.replace(old, new).replace("4006381333948", "036000291452")
    first, second = ids(feed(SOLD, changed))
    assert first.partition("-")[0] != second.partition("-")[0]


_LINES = st.lists(st.sampled_from([SOLD, SOLD.replace("0017", "0018"), SOLD.replace("\t1\t", "\t2\t")]), max_size=12)


@given(_LINES, _LINES)
def test_a_file_has_as_many_events_as_lines_and_an_overlap_adds_only_what_is_new(
    old: list[str], new: list[str]
) -> None:
    before, both = ids(feed(*old)), ids(feed(*old, *new))
    assert len(set(both)) == len(old) + len(new)
    assert both[: len(old)] == before
    fresh = Counter(new) - Counter(old)
    assert len(set(ids(feed(*new))) - set(before)) == fresh.total()


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (SOLD.replace("\t1\t", "\t0\t"), "quantity", "invalid_number"),
        (SOLD.replace("\t1\t", "\t-0\t"), "quantity", "invalid_number"),
        (SOLD.replace("\t1\t", "\t--1\t"), "quantity", "invalid_number"),
        (SOLD.replace("\t1\t", "\t1.5\t"), "quantity", "invalid_number"),
        (SOLD.replace("\t1\t", "\t9999999999\t"), "quantity", "invalid_number"),
        (SOLD.replace("\t1\t", "\t\t"), "quantity", "missing"),
        (SOLD.replace("2026-11-22T10:01:30Z", ""), "sale_time", "missing"),
        (SOLD.replace("2026-11", "0216-11"), "sale_time", "invalid_time"),
        (SOLD.replace("2026-11-22", "22.11.2026 "), "sale_time", "invalid_time"),
        (SOLD.replace("3931", "3932"), "gtin", "invalid_gtin"),
        (SOLD.replace("4006381333931", ""), "gtin", "missing"),
        (SOLD.replace("0017", ""), "store_code", "missing"),
        ("\t" + SOLD.rpartition("\t")[0], "gtin", "missing"),
    ],
)
def test_a_faulty_sale_is_refused_with_its_field_and_reason(row: str, field: str, reason: str) -> None:
    good, refusal = results(feed(SOLD, row))
    assert isinstance(good, Row)
    assert isinstance(refusal, Refusal), refusal
    assert (refusal.line, refusal.field, refusal.reason) == (3, field, reason)


def test_a_refused_line_does_not_number_the_ones_after_it() -> None:
    assert ids(feed(SOLD, SOLD.replace("\t1\t", "\t0\t"), SOLD)) == ids(feed(SOLD, SOLD))


@pytest.mark.parametrize("column", HEADER.split("\t"))
def test_a_feed_that_lacks_a_column_is_refused_whole(column: str) -> None:
    if column == "price":
        assert results(feed("4006381333931\t2026-11-22\t1\t7", header="gtin\tsale_time\tquantity\tstore_code"))
        return
    with pytest.raises(FeedRefusedError, match=column):
        results(feed(header=HEADER.replace(column, "other")))


def test_more_sales_than_can_be_told_apart_end_the_file_with_a_word() -> None:
    read = google_lfp.SaleReader(max_sales=2)

    def texts(store_code: str) -> tuple[str, ...]:
        return ("4006381333931", "", store_code, "2026-11-22T10:01:30Z", "1", "")

    assert len({read(texts(code)).event_id for code in ("0017", "0018", "0017", "0018")}) == 4
    with pytest.raises(FeedRefusedError, match="split it"):
        read(texts("0019"))

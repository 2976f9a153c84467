"""Local inventory in columns: the same as row by row, in bounded pieces."""

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row, StockColumns, StockRow
from inventory_service.domain.offer import NO_DETAILS
from inventory_service.domain.stock import IN_STOCK
from store_sync.formats import ByteSource, google_columns, google_text, parser_for
from store_sync.formats.codes import MAX_REMEMBERED, MOST, MOST_CHARS, Meanings
from store_sync.formats.google_columns import MAX_CHARS, MAX_LINES
from store_sync.formats.runs import RUN
from store_sync.formats.values import code, stock
from tests.formats.flat import by_line, flat

HEADER = "store_code\tid\tquantity\tavailability\tprice\tpickup_method\tpickup_sla\n"
GOOD = "17\tSKU-{}\t{}\tin stock\t9.99 USD\tbuy\tsame day\n"


class Dribbling:
    """A stream that gives at most `piece` bytes at a time, and may break off at its end."""

    def __init__(self, data: bytes, piece: int, failure: str | None) -> None:
        self._data, self._piece, self._failure = io.BytesIO(data), piece, failure

    def read(self, size: int, /) -> bytes:
        block = self._data.read(min(size, self._piece))
        if not block and self._failure is not None:
            raise FeedRefusedError(self._failure)
        return block


Parse = Callable[[ByteSource, None], Iterator[Row | Refusal | StockColumns]]


def outcome(parse: Parse, stream: ByteSource) -> tuple[list[Row | Refusal], str | None]:
    """What a parser gives, and what it then raises."""
    given: list[Row | Refusal | StockColumns] = []
    try:
        given.extend(parse(stream, None))
    except FeedRefusedError as refused:
        return by_line(given), str(refused)
    return by_line(given), None


def assert_same(data: bytes, piece: int = 1 << 20, failure: str | None = None) -> None:
    told = outcome(google_columns.parse, Dribbling(data, piece, failure))
    assert told == outcome(google_text.parse, Dribbling(data, piece, failure))


def columns_of(text: str) -> list[StockColumns]:
    results = list(parser_for("google", "stock", None)(io.BytesIO(text.encode())))
    assert all(isinstance(result, StockColumns) for result in results)
    return [result for result in results if isinstance(result, StockColumns)]


VALUES = {
    "id": ("A", " SKU-1 ", "", "x" * 50, "x" * 51, "\xa0é\x1f", "a\rb"),
    "store_code": ("17", " 0017", "", "s" * 500, "s" * 501, "Zürich"),
    "availability": ("in stock", "on display to order", "Out_of-stock ", "", "plenty"),
    "quantity": ("5", "2.0", " 0", "", "-1", "1,234", "٣"),
    "price": ("", "29.99 USD", "5 EUR ", "29,99", "-1 USD"),
    "sale_price": ("", "9 EUR", "9"),
    "sale_price_effective_date": ("", "2026-02-24T13:00Z/2026-02-28T13:00Z", "soon"),
    "pickup_method": ("", "buy", "not supported", "teleport"),
    "pickup_sla": ("", "same day", "soon"),
    "instore_product_location": ("", "Aisle 12", "Aisle 12, shelf 3, left"),
    "colour": ("", "red"),
}
ALWAYS = ("quantity", "store_code", "id")


@st.composite
def inventories(draw: st.DrawFn) -> str:
    """Well-formed tables of any columns with good and bad values."""
    names = draw(st.permutations(sorted(VALUES)))[: draw(st.integers(0, len(VALUES)))]
    names = list(dict.fromkeys([*names, *ALWAYS]))
    delimiter = draw(st.sampled_from("\t\t\t|;"))
    mostly = st.tuples(*(st.sampled_from((*VALUES[name][:2] * 8, *VALUES[name])) for name in names))
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    return ends.join(delimiter.join(cells) for cells in [names, *draw(st.lists(mostly, max_size=40))])


@given(inventories())
def test_good_and_bad_values_are_told_as_row_by_row(text: str) -> None:
    assert_same(text.encode())
    results = google_columns.parse(io.BytesIO(text.encode()), None)
    assert not [result for result in results if isinstance(result, Row)]


ODD = st.sampled_from(
    [
        *('1\t"A"\t5\t\t\t\t\n', '1\t"A\t5\t\t\t\t\n', '"1"\t"A\nB"\t5\t\t\t\t\n'),
        *("1\tA\t5\t\t\t\n", "1\tA\t5\t\t\t\t\t\n", "1\tA\t5\t\t\t\n1\tA\t5\t\t\t\t\t\n"),
        *("\n", " \r\n", "1\tA\0\t1\t\t\t\t\n"),
    ]
)
NOISE = st.one_of(ODD.map(str.encode), st.binary(max_size=30), st.text('"\t\r\na1 ', max_size=20).map(str.encode))


def block(lines: int) -> bytes:
    return "".join(GOOD.format(n, n % 7 - (n % 97 == 0)) for n in range(lines)).encode()


BLOCKS = st.sampled_from([1, 2, RUN - 1, RUN, RUN + 1, 2 * RUN + 3]).map(block)


@given(
    st.lists(st.one_of(NOISE, BLOCKS), max_size=6),
    st.sampled_from([1_000, 4_096, 1 << 20]),
    st.sampled_from([None, "The gzip data ends early."]),
)
def test_odd_lines_and_breaks_among_many_good_lines_are_told_as_row_by_row(
    pieces: list[bytes], piece: int, failure: str | None
) -> None:
    assert_same(HEADER.encode() + b"".join(pieces), piece, failure)


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "utf-16"]), st.integers(1, 60))
def test_any_bytes_are_told_as_row_by_row(data: bytes, encoding: str, piece: int) -> None:
    assert_same(data, piece)
    assert_same("store_code\tid\tquantity\n1\tA\t5\n".encode(encoding) + data, piece, "cut")


@pytest.mark.parametrize(("field", "text"), [("quantity", "3"), ("availability", "in stock")])
def test_a_feed_may_tell_nothing_but_a_count_or_an_availability(field: str, text: str) -> None:
    (columns,) = columns_of(f"id\tstore_code\t{field}\nA\t17\t{text}\n")
    assert columns.row(0).stock == StockRow("17", "A", stock("", "3") if field == "quantity" else IN_STOCK)
    assert columns.details[0] is NO_DETAILS


def test_columns_hold_at_most_10_000_lines_in_the_files_order() -> None:
    text = HEADER + "".join(GOOD.format(n, -(n % 500 == 7)) for n in range(25_000))
    results = list(parser_for("google", "stock", None)(io.BytesIO(text.encode())))
    columns = [result for result in results if isinstance(result, StockColumns)]
    assert len(columns) == 3
    assert all(len(one) <= MAX_LINES and list(one.lines) == sorted(one.lines) for one in columns)
    assert [row.line for row in by_line(results)] == list(range(2, 25_002))
    assert sum(isinstance(row, Refusal) for row in flat(results)) == 50


def test_columns_of_long_lines_hold_fewer_of_them() -> None:
    text = "id\tstore_code\tquantity\tabout\n" + f"A\t17\t5\t{'x' * 12_000}\n" * 2_000
    columns = columns_of(text)
    assert sum(map(len, columns)) == 2_000
    assert all(len(one) * 12_000 <= MAX_CHARS + RUN * 12_010 for one in columns)


def test_what_is_remembered_of_a_field_is_bounded() -> None:
    meanings = Meanings(["store_code"], {"store_code": 0}, code)
    codes = [meanings[str(n)] for n in range(MOST + 9)]
    assert [meanings.meant[one] for one in codes] == [str(n) for n in range(MOST + 9)]
    given = meanings.column(np.array(codes, dtype=np.int32))
    meanings.renew()
    assert (len(meanings), meanings.meant) == (0, [])
    assert given[MOST + 8] == str(MOST + 8)


def test_long_texts_are_read_each_time_and_are_bounded_too() -> None:
    meanings = Meanings(["store_code"], {"store_code": 0}, code)
    long = " " * MAX_REMEMBERED + "17"
    assert [meanings.meant[meanings[long]] for _ in range(2)] == ["17", "17"]
    assert len(meanings) == 0
    for _ in range(MOST_CHARS // len(long)):
        assert meanings[long] >= 0
    meanings.renew()
    assert not meanings.meant

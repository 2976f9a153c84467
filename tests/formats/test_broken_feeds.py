"""What goes wrong with real feeds, in every format that can carry it: good rows land, the rest is listed."""

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from inventory_service.domain.stock import Stock
from store_sync.formats import ByteSource, parser_for
from store_sync.inflate import Gunzip
from tests.formats.flat import flat

Line = Mapping[str, str]
GOOD = {"store_code": "0017", "item_id": "SKU-1", "quantity": "5"}
GOOGLE = {"store_code": "store_code", "item_id": "id", "quantity": "quantity"}


def as_tsv(lines: Iterable[Line]) -> str:
    head = "\t".join(GOOGLE.values())
    return "\n".join((head, *("\t".join(line[name] for name in GOOGLE) for line in lines))) + "\n"


def as_csv(lines: Iterable[Line]) -> str:
    names = ("store_code", "item_id", "quantity", "observed_at")
    return "\n".join((",".join(names), *(",".join(line.get(name, "") for name in names) for line in lines))) + "\n"


def as_xml(lines: Iterable[Line]) -> str:
    def item(line: Line) -> str:
        return "".join(f"<g:{element}>{line[name]}</g:{element}>" for name, element in GOOGLE.items())

    items = "".join(f"<item>{item(line)}</item>\n" for line in lines)
    return f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}</channel></rss>'


def as_json(lines: Iterable[Line]) -> str:
    return "".join(json.dumps(dict(line), ensure_ascii=False) + "\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    write: Callable[[Iterable[Line]], str]
    mapping: str | None = None

    def read(self, stream: ByteSource) -> Iterator[Row | Refusal]:
        return flat(parser_for(self.name, None, self.mapping)(stream))

    def results(self, feed: str | bytes) -> list[Row | Refusal]:
        """In the order of the lines."""
        data = feed.encode() if isinstance(feed, str) else feed
        return sorted(self.read(io.BytesIO(data)), key=lambda one: one.line)

    def of(self, *lines: Line) -> list[Row | Refusal]:
        return self.results(self.write(lines))


TSV, CSV = Format("google", as_tsv), Format("csv", as_csv, "stock-simple")
XML, JSON = Format("google-xml", as_xml), Format("jsonl", as_json)
ALL, TIMED, TEXT = (TSV, CSV, XML, JSON), (CSV, JSON), (TSV, CSV, JSON)
every_format = pytest.mark.parametrize("feed", ALL, ids=lambda feed: feed.name)


def codes(results: Iterable[Row | Refusal]) -> list[str]:
    return [row.stock.store_code for row in results if isinstance(row, Row) and row.stock]


@every_format
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_cut_gzip_lands_its_whole_rows_and_says_that_it_is_cut(feed: Format, kept: float) -> None:
    written = [str(number) for number in range(3_000)]
    packed = gzip.compress(feed.write(GOOD | {"store_code": code} for code in written).encode(), 1)
    landed: list[Row | Refusal] = []
    with pytest.raises(FeedRefusedError, match=r"cut|breaks off"):
        landed.extend(feed.read(Gunzip(io.BytesIO(packed[: int(len(packed) * kept)]))))
    assert sorted(codes(landed), key=int) == written[: len(landed)]
    assert landed


@every_format
def test_a_store_code_of_20_digits_keeps_all_of_them(feed: Format) -> None:
    assert codes(feed.of(GOOD | {"store_code": "00123456789012345678"})) == ["00123456789012345678"]


@every_format
def test_22_0_are_22_pieces(feed: Format) -> None:
    (row,) = feed.of(GOOD | {"quantity": "22.0"})
    assert isinstance(row, Row)
    assert row.stock is not None
    assert row.stock.stock == Stock.exactly(22)


@every_format
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"quantity": "1,5"}, "invalid_number"),
        ({"quantity": "22.5"}, "invalid_number"),
        ({"quantity": "-1"}, "negative"),
        ({"quantity": "#REF!"}, "invalid_number"),
        ({"quantity": ""}, "missing"),
        ({"store_code": ""}, "missing"),
        ({"item_id": ""}, "missing"),
        ({"item_id": "1" * 600}, "too_long"),
    ],
)
def test_one_bad_row_costs_itself_alone(feed: Format, fault: Line, reason: str) -> None:
    if feed is CSV and fault.get("quantity") == "1,5":
        reason = "columns"
    first, bad, last = feed.of(GOOD, GOOD | fault, GOOD)
    assert isinstance(first, Row)
    assert isinstance(bad, Refusal)
    assert isinstance(last, Row)
    assert (bad.line - first.line, bad.reason) == (1, reason)


@pytest.mark.parametrize("feed", TIMED, ids=lambda feed: feed.name)
@pytest.mark.parametrize("time", ["0216-11-22T10:00:00Z", "0216-11-22", "1899-12-31", "0001-01-01T00:00:00+14:00"])
def test_a_slip_in_the_year_is_refused_and_never_taken_for_an_old_count(feed: Format, time: str) -> None:
    good, bad = feed.of(GOOD | {"observed_at": "2016-11-22T10:00:00Z"}, GOOD | {"observed_at": time})
    assert isinstance(good, Row)
    assert good.stock is not None
    assert good.stock.observed_at == datetime(2016, 11, 22, 10, tzinfo=UTC)
    assert isinstance(bad, Refusal)
    assert (bad.field, bad.reason) == ("observed_at", "invalid_time")


@every_format
def test_a_position_that_stands_twice_is_handed_on_twice_in_the_files_order(feed: Format) -> None:
    rows = feed.of(GOOD, GOOD | {"quantity": "9"}, GOOD)
    assert [row.stock.stock.low for row in rows if isinstance(row, Row) and row.stock] == [5, 9, 5]


@pytest.mark.parametrize("feed", [TSV, CSV], ids=lambda feed: feed.name)
def test_a_full_feed_of_a_header_alone_names_no_store_that_could_be_emptied(feed: Format) -> None:
    assert feed.of() == []


@pytest.mark.parametrize("feed", [XML, JSON], ids=lambda feed: feed.name)
def test_a_full_feed_without_header_and_rows_is_refused(feed: Format) -> None:
    with pytest.raises(FeedRefusedError):
        feed.of()


@pytest.mark.parametrize("feed", TEXT, ids=lambda feed: feed.name)
def test_lines_in_another_encoding_are_listed_and_the_others_land(feed: Format) -> None:
    written = feed.write([GOOD, GOOD | {"store_code": "Zürich"}, GOOD])
    first, bad, last = feed.results(written.encode("cp1252"))
    assert isinstance(bad, Refusal)
    assert bad.reason == "encoding"
    assert codes([first, last]) == ["0017", "0017"]


@pytest.mark.parametrize("feed", [TSV, CSV], ids=lambda feed: feed.name)
def test_utf_16_without_its_mark_is_refused_whole(feed: Format) -> None:
    with pytest.raises(FeedRefusedError, match="NUL"):
        feed.results(feed.write([GOOD]).encode("utf-16-le"))


def test_xml_in_an_encoding_that_it_does_not_tell_is_refused_after_the_items_before() -> None:
    written = XML.write([GOOD, GOOD | {"store_code": "Zürich"}])
    rows = XML.read(io.BytesIO(written.encode("latin-1")))
    with pytest.raises(FeedRefusedError, match="breaks off in line 2"):
        assert codes(rows) == ["0017"]
    told = '<?xml version="1.0" encoding="ISO-8859-1"?>' + written
    assert codes(XML.results(told.encode("latin-1"))) == ["0017", "Zürich"]


COLUMNS = ("store_code", "id", "quantity", "availability", "price", "pickup_method", "pickup_sla")
CELLS = ["0017", "SKU-1", "5", "in stock", "29.99 USD", "buy", "same day"]
_ORDERS = st.permutations(range(len(COLUMNS)))


@given(_ORDERS, st.integers(1, len(COLUMNS) - 1))
def test_a_row_whose_cells_stand_a_column_too_far_is_refused_whatever_the_columns(order: list[int], by: int) -> None:
    cells = [CELLS[place] for place in order]
    around = cells[by:] + cells[:by]
    moved_right, moved_left = [""] * by + cells[:-by], cells[by:] + [""] * by
    lines = ["\t".join(line) for line in (cells, around, moved_right, moved_left, cells)]
    first, *shifted, last = TSV.results("\n".join(("\t".join(COLUMNS[place] for place in order), *lines)))
    assert codes([first, last]) == ["0017", "0017"]
    assert [type(one) for one in shifted] == [Refusal] * 3, shifted


@pytest.mark.parametrize("feed", [TSV, CSV], ids=lambda feed: feed.name)
def test_a_row_with_a_cell_too_many_or_too_few_is_refused(feed: Format) -> None:
    head, row = feed.write([GOOD]).splitlines()
    delimiter = head[len("store_code")]
    broken = (row + delimiter, delimiter + row, row.partition(delimiter)[2])
    for one in feed.results("\n".join((head, *broken))):
        assert isinstance(one, Refusal)
        assert (one.reason, one.about) == ("columns", None)


@pytest.mark.parametrize(
    ("format_name", "text"),
    [
        ("google", "chain,store_id,name\nA,1,B\n"),
        ("google-lfp", "store_code\tid\tquantity\n0017\tSKU-1\t5\n"),
        ("google-local-inventory", "id\ttitle\tgtin\nA\tHammer\t4006381333931\n"),
        ("google-products", "store_code\tid\tquantity\n0017\tSKU-1\t5\n"),
        ("auto", "shop;sku;stock\n1;2;3\n"),
        ("csv", "shop;sku;stock\n1;2;3\n"),
    ],
)
def test_a_feed_of_another_kind_is_refused_whole_and_told_its_columns(format_name: str, text: str) -> None:
    mapping = "stock-simple" if format_name == "csv" else None
    with pytest.raises(FeedRefusedError, match=r"columns .+; the file has: "):
        list(parser_for(format_name, None, mapping)(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("feed", "head"),
    [
        (TSV, ""),
        (TSV, "\ufeff"),
        (TSV, " \r\n\n"),
        (JSON, ""),
        (JSON, "\ufeff"),
        (JSON, " \r\n\n"),
        (XML, ""),
        (XML, "\ufeff"),
    ],
)
def test_auto_tells_each_container_by_its_content(feed: Format, head: str) -> None:
    assert codes(Format("auto", feed.write).results(head + feed.write([GOOD]))) == ["0017"]


@pytest.mark.parametrize(
    ("format_name", "kind", "mapping", "says"),
    [
        ("jsonl", None, "stock-simple", "takes no mapping"),
        ("auto", None, "stock-simple", "takes no mapping"),
        ("google-lfp", "stores", None, "no stores"),
        ("json", None, None, "there are .*jsonl.*auto"),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_is_read(
    format_name: str, kind: str | None, mapping: str | None, says: str
) -> None:
    with pytest.raises(FeedRefusedError, match=says):
        parser_for(format_name, kind, mapping)


def test_auto_reads_no_stores_out_of_googles_text() -> None:
    with pytest.raises(FeedRefusedError, match="no stores"):
        list(parser_for("auto", "stores", None)(io.BytesIO(as_tsv([GOOD]).encode())))

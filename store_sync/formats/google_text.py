"""Google's feeds as tab-separated text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from store_sync.formats import google
from store_sync.formats.google import GoogleKind
from store_sync.formats.lines import ByteSource
from store_sync.formats.rows import row_of
from store_sync.formats.table import Record, Table, read_rows


@dataclass(frozen=True, slots=True)
class Layout:
    """What a text feed is and where its fields stand in a line of `width` columns."""

    kind: GoogleKind
    columns: Mapping[str, int]
    width: int


def parse(stream: ByteSource, kind: GoogleKind | None) -> Iterator[Row | Refusal]:
    """Rows of a text feed; `kind` None: told by its header. Raises FeedRefusedError."""
    table = Table(stream)
    return read_rows(table, row_reader(layout_of(table.header, kind)))


def layout_of(header: list[str], kind: GoogleKind | None) -> Layout:
    """Raises FeedRefusedError where the header lacks a column that the kind needs, or has one twice."""
    columns = _columns(header)
    kind = kind or google.kind_of(columns)
    google.require(kind, columns, header)
    return Layout(kind, columns, len(header))


def row_reader(layout: Layout) -> Callable[[Record], Row]:
    """A reader for the records of one file; it raises Unusable."""
    pick = itemgetter(*(layout.columns.get(name, layout.width) for name in google.FIELDS[layout.kind]))
    read_texts = google.reader(layout.kind)

    def read(record: Record) -> Row:
        return row_of(record.line, read_texts([text.strip() for text in pick([*record.cells, ""])]), record.raw)

    return read


def _columns(header: list[str]) -> dict[str, int]:
    """Where each field stands. Raises FeedRefusedError where two columns are the same field."""
    columns: dict[str, int] = {}
    for place, written in enumerate(header):
        name = google.field_name(written)
        if name is None:
            continue
        if name in columns:
            raise FeedRefusedError(f"The header names {name} twice: {header[columns[name]]} and {written}.")
        columns[name] = place
    return columns

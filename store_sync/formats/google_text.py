"""Google's feeds as tab-separated text."""

from collections.abc import Iterator
from operator import itemgetter

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import ProductRow, Refusal, Row
from store_sync.formats import google
from store_sync.formats.google import GoogleKind
from store_sync.formats.lines import ByteSource
from store_sync.formats.table import Record, Table, read_rows


def parse(stream: ByteSource, kind: GoogleKind | None) -> Iterator[Row | Refusal]:
    """Rows of a text feed; `kind` None: told by its header. Raises FeedRefusedError."""
    table = Table(stream)
    columns = _columns(table.header)
    kind = kind or google.kind_of(columns)
    google.require(kind, columns, table.header)
    width = len(table.header)
    pick = itemgetter(*(columns.get(name, width) for name in google.FIELDS[kind]))
    parse_part = google.READERS[kind]

    def read(record: Record) -> Row:
        part = parse_part([text.strip() for text in pick([*record.cells, ""])])
        if isinstance(part, ProductRow):
            return Row(record.line, None, part, None, record.raw)
        return Row(record.line, None, None, part, record.raw)

    return read_rows(table, read)


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

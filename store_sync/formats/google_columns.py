"""Google's local inventory as text, in columns: the hot path of a load.

A text that occurs in many lines is read once, as the row reader reads it; a line with a fault goes to that reader.
"""

from collections.abc import Iterable, Iterator
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.feed import Coded, Refusal, Row, StockColumns
from inventory_service.domain.offer import Details
from inventory_service.domain.stock import Stock
from store_sync.formats import google, google_text, values
from store_sync.formats.codes import REFUSED, Meanings
from store_sync.formats.google import GoogleKind
from store_sync.formats.google_text import Layout
from store_sync.formats.lines import ByteSource
from store_sync.formats.runs import RUN, Run, RunTable
from store_sync.formats.table import read_rows
from store_sync.formats.values import missing

MAX_LINES = 10_000
"""Lines of one StockColumns."""
MAX_CHARS = 8_000_000
"""Characters of the lines of one StockColumns; the run that goes beyond is its last."""

_OFFER = tuple(name for name in google.STOCK_FIELDS if name not in ("id", "store_code", "quantity"))


def parse(stream: ByteSource, kind: GoogleKind | None) -> Iterator[Row | Refusal | StockColumns]:
    """A text feed: local inventory in columns, all else in rows; `kind` None: told by its header.

    Each line is in one result; the results are not in the order of their lines. Raises FeedRefusedError.
    """
    table = RunTable(stream)
    layout = google_text.layout_of(table.header, kind)
    if layout.kind == "stock":
        return _results(table, _Judge(layout))
    return read_rows(table, google_text.row_reader(layout))


def _results(table: RunTable, judge: "_Judge") -> Iterator[Row | Refusal | StockColumns]:
    gathered = _Gathered(judge)
    for run in table.runs():
        yield from run.refusals
        yield from judge.take_in(run, gathered)
        if gathered.is_full:
            yield gathered.as_columns()
            gathered = _Gathered(judge)
    if gathered.raws:
        yield gathered.as_columns()
    table.confirm_end()


class _Gathered:
    """The columns of a StockColumns to come."""

    def __init__(self, judge: "_Judge") -> None:
        judge.renew()
        self._judge = judge
        self._lines: list[NDArray[np.int64]] = []
        self._codes: list[NDArray[np.int32]] = []
        self.raws: list[str] = []
        self.chars = 0

    def add(self, lines: NDArray[np.int64], codes: NDArray[np.int32], raws: Iterable[str], chars: int) -> None:
        """`codes` in four rows, as the judge gives them."""
        self._lines.append(lines)
        self._codes.append(codes)
        self.raws.extend(raws)
        self.chars += chars

    @property
    def is_full(self) -> bool:
        return len(self.raws) + RUN > MAX_LINES or self.chars > MAX_CHARS

    def as_columns(self) -> StockColumns:
        columns = self._judge.columns(np.concatenate(self._codes, axis=1))
        return StockColumns(np.concatenate(self._lines), *columns, self._raw)

    def _raw(self, place: int) -> str:
        return self.raws[place].rstrip("\r")


class _Judge:
    """Tells good lines from others: a line is good if its store code, its id, its count and its offer each are."""

    def __init__(self, layout: Layout) -> None:
        self._layout, self._read_record = layout, google_text.row_reader(layout)
        self._store_codes = Meanings(["store_code"], layout.columns, _store_code)
        self._item_ids = Meanings(["id"], layout.columns, google.item_id_of)
        self._stocks = Meanings(["availability", "quantity"], layout.columns, values.stock)
        self._details = Meanings(_OFFER, layout.columns, _details)

    def take_in(self, run: Run, gathered: _Gathered) -> Iterable[Row | Refusal]:
        """Adds the good lines to `gathered`; what the row reader makes of the others."""
        fields = (self._store_codes, self._item_ids, self._stocks, self._details)
        codes = np.stack([one.of(run, self._layout.width) for one in fields])
        lines = np.arange(run.lines.start, run.lines.stop) if isinstance(run.lines, range) else np.array(run.lines)
        if codes.size == 0 or codes.min() != REFUSED:
            gathered.add(lines, codes, run.raws, run.chars)
            return ()
        good = codes.min(axis=0) != REFUSED
        gathered.add(lines[good], codes[:, good], compress(run.raws, good.tolist()), run.chars)
        return read_rows(map(run.record, np.flatnonzero(~good).tolist()), self._read_record)

    def columns(self, codes: NDArray[np.int32]) -> tuple[Coded[str], Coded[str], Coded[Stock], Coded[Details]]:
        store_codes, item_ids, stocks, details = codes
        return (
            self._store_codes.column(store_codes),
            self._item_ids.column(item_ids),
            self._stocks.column(stocks),
            self._details.column(details),
        )

    def renew(self) -> None:
        for one in (self._store_codes, self._item_ids, self._stocks, self._details):
            one.renew()


def _store_code(text: str) -> str:
    if not text:
        raise missing("store_code")
    return values.code(text)


def _details(availability: str, *offer: str) -> Details:
    return google.details(values.word(availability), *offer)

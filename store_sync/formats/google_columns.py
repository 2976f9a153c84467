"""Google's local inventory as text, in columns: the hot path of a load.

A text that occurs in many lines is read once, as the row reader reads it; a line with a fault goes to that reader.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import Any

from inventory_service.domain.feed import Refusal, Row, StockColumns
from inventory_service.domain.offer import Details
from store_sync.formats import google, google_text, values
from store_sync.formats.google import GoogleKind
from store_sync.formats.google_text import Layout
from store_sync.formats.lines import ByteSource
from store_sync.formats.reasons import Unusable
from store_sync.formats.runs import RUN, Run, RunTable
from store_sync.formats.table import read_rows

MAX_LINES = 10_000
"""Lines of one StockColumns."""
MAX_CHARS = 8_000_000
"""Characters of the lines of one StockColumns; the run that goes beyond is its last."""
MAX_MEANINGS = 65_536
"""Different texts of a field that are remembered with their meaning; beyond, all of them are forgotten."""
MAX_REMEMBERED = 500
"""Characters of such a text; longer ones are read each time."""

_OFFER = tuple(name for name in google.STOCK_FIELDS if name not in ("id", "store_code", "quantity"))
_REFUSED: Any = None
"""Stands in a column for what makes its line unusable, until that line is taken out; so does an empty code or id."""


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
    gathered = _Gathered()
    for run in table.runs():
        yield from run.refusals
        yield from judge.take_in(run, gathered)
        if gathered.is_full:
            yield gathered.as_columns()
            gathered = _Gathered()
    if gathered.raws:
        yield gathered.as_columns()
    table.confirm_end()


class _Gathered:
    """The columns of a StockColumns to come."""

    def __init__(self) -> None:
        self.columns: tuple[list[Any], ...] = ([], [], [], [], [])
        self.raws: list[str] = []
        self.chars = 0

    def add(self, columns: Iterable[Iterable[Any]], raws: Iterable[str], chars: int) -> None:
        for column, further in zip(self.columns, columns, strict=True):
            column.extend(further)
        self.raws.extend(raws)
        self.chars += chars

    @property
    def is_full(self) -> bool:
        return len(self.raws) + RUN > MAX_LINES or self.chars > MAX_CHARS

    def as_columns(self) -> StockColumns:
        lines, store_codes, item_ids, stocks, details = self.columns
        return StockColumns(lines, store_codes, item_ids, stocks, details, self._raw)

    def _raw(self, place: int) -> str:
        return self.raws[place].rstrip("\r")


class Meanings(dict[tuple[str, ...], Any]):
    """The texts of `fields` in a line → what `read` makes of them, or _REFUSED; remembered, in bounded memory."""

    def __init__(self, fields: Sequence[str], read: Callable[..., Any]) -> None:
        super().__init__()
        self.fields, self._read = fields, read

    def __missing__(self, texts: tuple[str, ...]) -> Any:
        try:
            meaning = self._read(*map(str.strip, texts))
        except Unusable:
            meaning = _REFUSED
        if sum(map(len, texts)) <= MAX_REMEMBERED:
            if len(self) >= MAX_MEANINGS:
                self.clear()
            self[texts] = meaning
        return meaning


class _Judge:
    """Tells good lines from others: a line is good if its store code, its id, its count and its offer each are."""

    def __init__(self, layout: Layout) -> None:
        self._layout, self._read_record = layout, google_text.row_reader(layout)
        self._store_codes = Meanings(["store_code"], values.code)
        self._stocks = Meanings(["availability", "quantity"], values.stock)
        self._details = Meanings(_OFFER, _details)

    def take_in(self, run: Run, gathered: _Gathered) -> Iterable[Row | Refusal]:
        """Adds the good lines to `gathered`; what the row reader makes of the others."""
        judged = (
            self._meant(run, self._store_codes),
            _item_ids(self._texts(run, "id")),
            self._meant(run, self._stocks),
            self._meant(run, self._details),
        )
        if all(map(all, judged)):
            gathered.add((run.lines, *judged), run.raws, run.chars)
            return ()
        good = [all(line) for line in zip(*judged, strict=True)]
        columns = (compress(column, good) for column in (run.lines, *judged))
        gathered.add(columns, compress(run.raws, good), run.chars)
        return read_rows((run.record(place) for place, is_good in enumerate(good) if not is_good), self._read_record)

    def _meant(self, run: Run, meanings: Meanings) -> list[Any]:
        texts = zip(*(self._texts(run, name) for name in meanings.fields), strict=True)
        return list(map(meanings.__getitem__, texts))

    def _texts(self, run: Run, name: str) -> list[str]:
        place = self._layout.columns.get(name)
        return [""] * len(run.lines) if place is None else run.cells[place :: self._layout.width]


def _details(availability: str, *offer: str) -> Details:
    return google.details(values.word(availability), *offer)


def _item_ids(texts: list[str]) -> list[str]:
    """The ids; "" for one that its line is refused for."""
    ids = list(map(str.strip, texts))
    if max(map(len, ids), default=0) > google.MAX_ID:
        return [text if len(text) <= google.MAX_ID else "" for text in ids]
    return ids

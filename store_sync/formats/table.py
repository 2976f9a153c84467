"""Delimited text → records: quoting is the csv module's, and a stray quote costs its own line only."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from store_sync.formats.lines import MAX_RECORD, UTF8, ByteSource, Lines, Unreadable
from store_sync.formats.reasons import Unusable, readable

DELIMITERS = "\t,;|"
"""Tried in this order where the header has as many of one as of another."""
MAX_LINES = 20
"""Physical lines of one record: more, and its opening quote is taken for a stray one."""
CARRIAGE_RETURNS = (
    "The header holds a carriage return in the middle: some lines of the file end in CR, others in LF. Save it with one"
    " kind of line ends."
)
_NAMES_DELIMITER = re.compile(rf'\s*"?sep=([{re.escape(DELIMITERS)}])"?\s*\Z', re.IGNORECASE)
"""What Excel writes, and reads, above the header."""
_QUOTED = re.compile(r'"[^"]*"')


class Record(NamedTuple):
    """One row of cells as they stand; `line` is the physical line it begins in, from 1."""

    line: int
    cells: list[str]
    raw: str


class Table:
    """A header, and the records below it: each with as many cells as the header, or refused.

    The delimiter is the one that a line `sep=;` above the header names, else the given one, else the one that the
    header has most of. Blank lines are skipped.
    Raises FeedRefusedError where there is no header, and at the end where the stream broke off.
    """

    def __init__(self, stream: ByteSource, delimiter: str | None = None, encoding: str = UTF8) -> None:
        self._source = Lines(stream, encoding)
        self._lines = _Numbered(self._source)
        line = self._header_line()
        if named := _NAMES_DELIMITER.match(line):
            delimiter, line = named[1], self._header_line()
        self._delimiter = delimiter or _sniff(line)
        self.header = self._header_cells(line)

    def __iter__(self) -> Iterator[Record | Refusal]:
        delimiter, width = self._delimiter, len(self.header)
        for number, line in self._lines:
            if isinstance(line, Unreadable):
                yield Refusal(number, None, line.reason, line.detail, line.raw)
            elif '"' in line:
                yield self._quoted(number, line)
            elif line.strip(" \r"):
                raw = line.rstrip("\r")
                cells = raw.split(delimiter)
                yield Record(number, cells, raw) if len(cells) == width else self._misfit(number, len(cells), raw)
        if self._source.failure is not None:
            raise self._source.failure

    def _header_line(self) -> str:
        for _, line in self._lines:
            if isinstance(line, Unreadable):
                raise FeedRefusedError(f"The file has no readable header. {line.detail}")
            if line.strip():
                return line.rstrip("\r")
        raise self._source.failure or FeedRefusedError("The file is empty.")

    def _header_cells(self, line: str) -> list[str]:
        try:
            return [name.strip() for name in next(csv.reader([line], delimiter=self._delimiter, strict=True))]
        except csv.Error as error:
            if "\r" in line:
                raise FeedRefusedError(CARRIAGE_RETURNS) from None
            raise FeedRefusedError(f"The file has no readable header: {error}.") from None

    def _quoted(self, number: int, line: str) -> Record | Refusal:
        """The record that begins in `line`; where its quotes do not close, the lines after it are read anew."""
        further: deque[tuple[int, str | Unreadable]] = deque()
        try:
            cells = next(csv.reader(self._taken(line, further), delimiter=self._delimiter, strict=True))
            if self._swallows_rows(line, [str(text) for _, text in further]):
                raise csv.Error
        except csv.Error:
            self._lines.give_back(further)
            return Refusal(number, None, "quoting", "A quote is not closed where a value ends.", readable(line))
        if len(cells) == len(self.header):
            raw = "\n".join((line, *(str(text) for _, text in further))).rstrip("\r")
            return Record(number, cells, raw)
        self._lines.give_back(further)
        return self._misfit(number, len(cells), line)

    def _taken(self, line: str, further: deque[tuple[int, str | Unreadable]]) -> Iterator[str]:
        yield line + "\n"
        size = len(line)
        for number, text in self._lines:
            further.append((number, text))
            size += MAX_RECORD if isinstance(text, Unreadable) else len(text)
            if size > MAX_RECORD or len(further) >= MAX_LINES or isinstance(text, Unreadable):
                raise csv.Error
            yield text + "\n"

    def _swallows_rows(self, line: str, further: list[str]) -> bool:
        """Whether a line inside of quotes has all columns by itself: then two stray quotes stand around good rows.

        The last line may have them by right: where the first column is quoted, or commas stand in the text.
        """
        whole = self._delimiter == "\t" and not line.startswith('"')
        delimiters = len(self.header) - 1
        inside = further if whole else further[:-1]
        return delimiters > 1 and any(text.count(self._delimiter) == delimiters for text in inside)

    def _misfit(self, number: int, found: int, raw: str) -> Refusal:
        detail = f"The row has {found} columns, the header has {len(self.header)}."
        return Refusal(number, None, "columns", detail, readable(raw))


def read_rows(table: Iterable[Record | Refusal], read: Callable[[Record], Row]) -> Iterator[Row | Refusal]:
    """Each record as a row, or as a refusal where `read` raises Unusable."""
    for record in table:
        if isinstance(record, Refusal):
            yield record
            continue
        result: Row | Refusal
        try:
            result = read(record)
        except Unusable as fault:
            result = fault.refusal(record.line, record.raw)
        yield result


class _Numbered:
    """Lines with their numbers; lines that were taken too far can be given back."""

    def __init__(self, lines: Iterable[str | Unreadable]) -> None:
        self._fresh = enumerate(lines, start=1)
        self._again: deque[tuple[int, str | Unreadable]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str | Unreadable]]:
        return self

    def __next__(self) -> tuple[int, str | Unreadable]:
        return self._again.popleft() if self._again else next(self._fresh)

    def give_back(self, lines: deque[tuple[int, str | Unreadable]]) -> None:
        self._again.extendleft(reversed(lines))


def _sniff(header: str) -> str:
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)

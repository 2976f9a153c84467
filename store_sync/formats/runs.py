"""Delimited text → runs of records: the lines of a table, many at a time, without an object for each."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal
from store_sync.formats.lines import Unreadable
from store_sync.formats.table import Record, Table

RUN = 500
"""Lines of one run: few enough for their cells to stay in the processor's own memory."""


@dataclass(frozen=True, slots=True)
class Run:
    """Good records, in parallel sequences with the cells of all of them in one, and the lines that are no record.

    `lines` are the records' first lines, `raws` may end in carriage returns, `chars` is what the raws hold, about.
    """

    lines: Sequence[int]
    raws: Sequence[str]
    cells: list[str]
    chars: int
    refusals: Sequence[Refusal] = ()

    def record(self, place: int) -> Record:
        width = len(self.cells) // len(self.lines)
        cells = self.cells[place * width : (place + 1) * width]
        return Record(self.lines[place], cells, self.raws[place].rstrip("\r"))


class RunTable(Table):
    """A table to be read in runs: plain lines are split all at once, and a run with an odd one record by record."""

    def runs(self) -> Iterator[Run]:
        """All runs that are whole; then `confirm_end` must be asked."""
        while numbered := list(islice(self._lines, RUN)):
            run = self._plain(numbered)
            if run is None:
                self._lines.give_back(deque(numbered))
                run = self._odd()
            yield run

    def confirm_end(self) -> None:
        """Raises FeedRefusedError where the stream broke off."""
        if self._source.failure is not None:
            raise self._source.failure

    def _plain(self, numbered: list[tuple[int, str | Unreadable]]) -> Run | None:
        """The lines as a run, where all are readable, without quotes and as wide as the header.

        A line feed, which no line holds, is put after each line as a cell of its own; it stands in its place only if
        every line before it has the right width.
        """
        lines = [line for _, line in numbered if isinstance(line, str)]
        width, delimiter, count = len(self.header), self._delimiter, len(numbered)
        text = f"{delimiter}\n{delimiter}".join(lines) + f"{delimiter}\n"
        cells = text.split(delimiter)
        if '"' in text or cells[width :: width + 1] != ["\n"] * count:
            return None
        del cells[width :: width + 1]
        first = numbered[0][0]
        return Run(range(first, first + count), lines, cells, len(text))

    def _odd(self) -> Run:
        records: list[Record] = []
        refusals: list[Refusal] = []
        with suppress(FeedRefusedError):  # the failure stays in the source
            for record in islice(self, RUN):
                if isinstance(record, Refusal):
                    refusals.append(record)
                else:
                    records.append(record)
        cells = [cell for record in records for cell in record.cells]
        lines, raws = [record.line for record in records], [record.raw for record in records]
        return Run(lines, raws, cells, sum(map(len, raws)), refusals)

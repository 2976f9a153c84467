"""What is kept of a position's reports, so that whatever arrives late still finds its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from inventory_service.domain.clock import EARLIEST
from inventory_service.domain.level import Level, Shown, Standing, stand
from inventory_service.domain.report import Movement, Record, Report, merge
from inventory_service.domain.showing import Showing
from inventory_service.domain.stock import NOTHING_KNOWN

RECORDS_KEPT = 12
"""Reports kept a position, newest by order: whatever arrives late among them finds its place.

The oldest may stand for many: of one source's records it is the first of an unbroken run of echoes, or of a band.
"""
KEPT_BEHIND = timedelta(days=7)
"""A sale or delivery from longer than this before the anchor comes too late."""
MOST_BEHIND, MOST = 256, 1_000
"""Reports kept at most where there is more than records: of those KEPT_BEHIND the newest, and of all."""


@dataclass(frozen=True, slots=True)
class History:
    """Ordered `reports`, and what those before them, which are not kept, add up to: `standings`, and what was `shown`.

    Reports up to and with `closed_at` have been folded into `standings`: another one of that time comes too late.
    Reports of `retracted` loads are kept and do not count.
    """

    reports: tuple[Report, ...] = ()
    standings: tuple[Standing, ...] = ()
    closed_at: datetime | None = None
    retracted: frozenset[int] = frozenset()
    shown: Shown | None = None

    @property
    def level(self) -> Level:
        """Raises ValueError where nothing was ever told."""
        return Showing(self.standings, self.shown).hear(self.counted).level or _nothing(self.reports[-1])

    @property
    def counted(self) -> tuple[Report, ...]:
        if not self.retracted:
            return self.reports
        return tuple(one for one in self.reports if one.load_id not in self.retracted)

    @property
    def is_plain(self) -> bool:
        """Whether there are records of one source about one item alone, all of which count."""
        if not self.reports or self.standings or self.retracted:
            return False
        first = self.reports[0]
        if first.rank or first.kind != "record":
            return False
        return all(_goes_on(one, before) for before, one in pairwise(self.reports))

    def too_late(self, arrived: Iterable[Report]) -> frozenset[Report]:
        """Those of a time of which nothing is kept any more, or whose count has been taken long since."""
        anchored_at = max((one.anchored_at for one in stand(self.counted, self.standings)), default=EARLIEST)
        return frozenset(
            report
            for report in arrived
            if (self.closed_at is not None and report.observed_at <= self.closed_at)
            or (isinstance(report, Movement) and report.observed_at < anchored_at - KEPT_BEHIND)
        )

    def joined(self, arrived: Iterable[Report]) -> "History":
        """With `arrived`; no more than is worth keeping. What was retracted may be told anew by another load."""
        if not self.retracted:
            return _trimmed(replace(self, reports=merge(self.reports, arrived)))
        void = {one for one in self.reports if one.load_id in self.retracted}
        told = merge(self.counted, arrived)
        together = sorted([*void, *told], key=lambda report: report.order)
        return _trimmed(replace(self, reports=tuple(together)))

    def without(self, load_id: int) -> "History":
        """As if a load had not been; nothing is deleted."""
        return replace(self, retracted=self.retracted | {load_id})

    def emptied_by(self, absence: Record) -> list[int]:
        """The ranks of items to which it would be news that a file does not list them."""
        told = (one for one in self.counted if one.observed_at < absence.observed_at)
        standings = [one for one in stand(told, self.standings) if one.heeds(absence)]
        return [one.rank for one in standings if one.voices[-1].expected != absence.stock]


def _nothing(report: Report) -> Level:
    return Level(NOTHING_KNOWN, report.observed_at, report.as_of, report.observed_at, report.source_id)


def _goes_on(report: Report, before: Report) -> bool:
    """Whether a record plainly follows another of its source."""
    if isinstance(report, Movement) or report.kind == "confirmation" or report.voice != before.voice:
        return False
    return report.kind == "record" or (before.observed_at < report.observed_at and before.as_of < report.as_of)


def _trimmed(history: History) -> History:
    if history.is_plain:
        return replace(history, reports=_shortened(history.reports))
    history = _thinned(history)
    reports, cut = history.reports, _cut(history)
    while 0 < cut < len(reports) and reports[cut].observed_at == reports[cut - 1].observed_at:
        cut -= 1
    if cut <= 0:
        return history
    dropped = replace(history, reports=reports[:cut])
    before = Showing(history.standings, history.shown).hear(dropped.counted)
    last_at = dropped.reports[-1].observed_at
    return replace(
        history,
        reports=reports[cut:],
        standings=before.standings,
        closed_at=max(history.closed_at or last_at, last_at),
        shown=before.shown,
    )


def _shortened(reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """The newest records of one voice, which make the same level: the first of an unbroken run of echoes stays, and the
    first of its band.
    """
    kept = [one for one in reports if isinstance(one, Record)]
    while len(kept) > RECORDS_KEPT:
        del kept[_spare(kept)]
        kept[0] = replace(kept[0], kind="record")
    return tuple(kept)


def _spare(kept: Sequence[Record]) -> slice:
    """Old records without which neither the last run of echoes nor its band begins at another time."""
    bands = [(one.stock.band, one.kind) for one in kept[:2]]
    first, second, third, fourth = [(one.stock, one.kind) for one in kept[:4]]
    if bands[0] != bands[1]:
        return slice(0, 1)
    if first == second or first != third != second:
        return slice(1, 2)
    if second == third:
        return slice(2, 3)
    return slice(3, 4) if third == fourth else slice(1, 3)


def _thinned(history: History) -> History:
    """Without what stands amid an unbroken run of echoes, but for the newest; where somebody looked, so that this can
    be taken back long after.
    """
    reports = history.reports
    if not _are_records(reports) or _looked_at(history) == len(reports):
        return history
    words = [_word(one, history.retracted) for one in reports]
    runs = zip(words, words[1:], words[2:], strict=False)
    kept_from = len(reports) - RECORDS_KEPT
    amid = {place for place, run in enumerate(runs, 1) if place < kept_from and len(set(run)) == 1}
    return replace(history, reports=tuple(one for place, one in enumerate(reports) if place not in amid))


def _word(report: Report, retracted: frozenset[int]) -> tuple[object, ...]:
    """What an echo repeats; who looked repeats nothing."""
    if isinstance(report, Movement) or report.kind != "record":
        return report.identity
    return (report.voice, report.stock, report.load_id in retracted)


def _are_records(reports: Iterable[Report]) -> bool:
    return all(isinstance(one, Record) for one in reports)


def _looked_at(history: History) -> int:
    """The place of the first look that may still be taken back; behind all reports where there is none."""
    since = history.reports[-1].observed_at - KEPT_BEHIND
    for place, one in enumerate(history.reports):
        look = isinstance(one, Record) and one.kind == "confirmation" and one.load_id not in history.retracted
        if look and one.observed_at >= since:
            return place
    return len(history.reports)


def _cut(history: History) -> int:
    """How many of the oldest are not worth keeping."""
    reports = history.reports
    usual = len(reports) - RECORDS_KEPT
    if usual <= 0:
        return usual
    if _are_records(reports):
        return min(usual, max(_looked_at(history), len(reports) - MOST_BEHIND))
    old = sum(one.observed_at < reports[-1].observed_at - KEPT_BEHIND for one in reports)
    return max(min(usual, old - MOST_BEHIND), len(reports) - MOST)

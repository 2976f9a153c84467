"""Whose word, and of when, those are shown who are told no counts: folded beside the level, moved by its band alone.

Whether a record repeats a count or changes it within its band decides nothing here: it only stands by what is shown.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from inventory_service.domain.level import Level, Shown, Standing, nothing_before, summed
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import Band

_OBSERVED_AT = attrgetter("observed_at")


class Showing:
    """What the reports of a position add up to so far: its standings, as `stand` makes them, and what is shown."""

    def __init__(self, standings: Iterable[Standing] = (), shown: Shown | None = None) -> None:
        """`shown` None: the own evidence of what stands."""
        self._by_rank = {standing.rank: standing for standing in standings}
        self._band = self._summed_band()
        self.shown = shown
        """None where nothing was ever told."""
        if shown is None and self._by_rank:
            self.shown = summed(self.standings).own

    @property
    def level(self) -> Level | None:
        """None where nothing was ever told."""
        if not self._by_rank:
            return None
        level = summed(self.standings)
        return level if self.shown == level.own else replace(level, shown=self.shown)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """In order of the items' ranks."""
        return tuple(self._by_rank[rank] for rank in sorted(self._by_rank))

    def hear(self, reports: Iterable[Report]) -> "Showing":
        """Ordered reports later. Those of one moment are one change: what stands amid them was never seen."""
        for _, moment in groupby(reports, key=_OBSERVED_AT):
            self._hear(moment)
        return self

    def _hear(self, moment: Iterable[Report]) -> None:
        shown, news = self.shown, None
        for report in moment:
            before = self._by_rank.get(report.rank)
            if report.kind == "absence" and (before is None or not before.heeds(report)):
                continue
            after = self._by_rank[report.rank] = (before or nothing_before(report)).after(report)
            shown = None if shown is None else _stood_by(shown, report)
            news = _news(report, before, after) or news
        if not self._by_rank:
            return
        before_it, self._band = self._band, self._summed_band()
        self.shown = (news if self._band != before_it else None) or shown or summed(self.standings).own

    def _summed_band(self) -> Band | None:
        if not self._by_rank:
            return None
        if len(self._by_rank) == 1:
            (standing,) = self._by_rank.values()
            return standing.level.stock.band
        return summed(self.standings).stock.band


def _news(report: Report, before: Standing | None, after: Standing) -> Shown | None:
    """Whose word another band would be."""
    moment = report.observed_at
    if isinstance(report, Record):
        is_echo = before is not None and before.repeats(report)
        return None if is_echo else Shown(report.source_id, moment, moment)
    is_refilled = before is not None and before.level.source_id != after.level.source_id
    return Shown(after.level.source_id, moment, moment) if is_refilled else None


def _stood_by(shown: Shown, report: Report) -> Shown:
    """What is shown after a report that left the band as it was."""
    moment = report.observed_at
    if report.kind == "confirmation":
        return Shown(report.source_id, moment, moment)
    if isinstance(report, Movement):
        return Shown(shown.source_id, moment, max(shown.covered_at, moment))
    if report.source_id == shown.source_id:
        return Shown(shown.source_id, shown.observed_at, max(shown.covered_at, moment))
    return shown

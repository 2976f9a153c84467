"""Whose word, and of when, those are shown who are told no counts: folded beside the level, moved by its band alone.

Whether a record repeats a count or changes it within its band decides nothing here: it only stands by what is shown.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from inventory_service.domain.level import Level, Shown, Standing, nothing_before, summed
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import Band


class Showing:
    """What the reports of a position add up to so far: its standings, as `stand` makes them, and what is shown."""

    def __init__(self, standings: Iterable[Standing] = (), shown: Shown | None = None) -> None:
        """`shown` None: the own evidence of what stands."""
        self._by_rank = {standing.rank: standing for standing in standings}
        self._level = self._summed()
        self._shown = shown or (None if self._level is None else self._level.own)

    @property
    def level(self) -> Level | None:
        """None where nothing was ever told."""
        if self._level is None or self._shown == self._level.own:
            return self._level
        return replace(self._level, shown=self._shown)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """In order of the items' ranks."""
        return tuple(self._by_rank[rank] for rank in sorted(self._by_rank))

    @property
    def shown(self) -> Shown | None:
        return self._shown

    def hear(self, reports: Iterable[Report]) -> "Showing":
        """Ordered reports later. Those of one moment are one change: what stands amid them was never seen."""
        for _, moment in groupby(reports, key=_observed_at):
            self._hear(list(moment))
        return self

    def _hear(self, moment: list[Report]) -> None:
        band, shown, news = self._band, self._shown, None
        for report in moment:
            before = self._by_rank.get(report.rank)
            if report.kind == "absence" and (before is None or not before.heeds(report)):
                continue
            after = (before or nothing_before(report)).after(report)
            self._by_rank[report.rank] = after
            shown = None if shown is None else _stood_by(shown, report)
            news = _news(report, before, after) or news
        self._level = self._summed()
        if self._level is not None:
            changed = news if self._band != band else None
            self._shown = changed or shown or self._level.own

    @property
    def _band(self) -> Band | None:
        return None if self._level is None else self._level.stock.band

    def _summed(self) -> Level | None:
        return summed(self.standings) if self._by_rank else None


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
        return replace(shown, covered_at=max(shown.covered_at, moment))
    return shown


def _observed_at(report: Report) -> datetime:
    return report.observed_at

"""A history as it was at an earlier moment, and what each of its reports did to the level."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from inventory_service.domain.clock import FUTURE_TOLERANCE
from inventory_service.domain.history import RECORDS_KEPT, History
from inventory_service.domain.level import Standing, nothing_before
from inventory_service.domain.report import Movement, Report

FEWEST_OF_MANY = RECORDS_KEPT - 1
"""Where a position has fewer reports, none was ever left out."""
Effect = Literal["anchor", "moved", "echo", "repeated", "unheeded", "taken back"]
"""What a report did. `anchor`: it is what is held from then on. `moved`: a sale or delivery changed the count.

`echo`: its source repeats what is held: it still stands by it. `repeated`: its source repeats what somebody else has
contradicted: no news. `unheeded`: a file did not list what another source had told. `taken back`: it does not count.
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the reports of a load had reached us (`at`), surely not before `not_before`, and when they were taken back.

    None: not known. Where `at` is not, reports are taken to have come as they were observed.
    """

    at: datetime | None = None
    not_before: datetime | None = None
    taken_back_at: datetime | None = None

    def came_at(self, observed_at: datetime) -> datetime | None:
        """When a report reached us; None: not known, as where a later file repeated what this load had told first."""
        return None if self.at is None or observed_at > self.at + FUTURE_TOLERANCE else self.at

    def had_come(self, observed_at: datetime, moment: datetime) -> bool:
        """Whether a report had reached us by `moment`."""
        came_at = self.came_at(observed_at)
        if came_at is not None:
            return came_at <= moment
        return observed_at <= moment and (self.not_before is None or self.not_before <= moment)


UNKNOWN_ARRIVAL = Arrival()


@dataclass(frozen=True, slots=True)
class Step:
    """One report, what it did, and what was held of its item right after."""

    report: Report
    effect: Effect
    standing: Standing | None
    """None: nothing yet."""


def begins_at(history: History) -> datetime:
    """From when on what was held can be told: before, nothing had been told yet, or it is not kept any more."""
    if not history.reports and history.closed_at is not None:
        return history.closed_at
    is_long = len(history.reports) >= FEWEST_OF_MANY
    return history.reports[1 if is_long and _has_changed(*history.reports[:2]) else 0].observed_at


def as_of(history: History, moment: datetime, arrivals: Mapping[int, Arrival]) -> History:
    """What of it was held at `moment`; `arrivals` by load id. Its reports may be none.

    Only for moments from `begins_at` on.
    """
    known = tuple(one for one in history.reports if _had_come(one, moment, arrivals))
    void = (load_id for load_id in history.retracted if _was_taken_back(load_id, moment, arrivals))
    return replace(history, reports=known, retracted=frozenset(void))


def late(history: History, moment: datetime, arrivals: Mapping[int, Arrival]) -> History:
    """The reports of the time up to `moment` that nobody had told us of yet."""
    told = (one for one in history.reports if one.observed_at <= moment)
    return History(tuple(one for one in told if not _had_come(one, moment, arrivals)))


def steps(history: History) -> tuple[Step, ...]:
    """What each report did, in their order."""
    standings: dict[int, Standing] = {one.rank: one for one in history.standings}
    found = []
    for report in history.reports:
        before = standings.get(report.rank)
        if report.load_id in history.retracted:
            found.append(Step(report, "taken back", before))
        elif before is None and report.kind == "absence":
            found.append(Step(report, "unheeded", None))
        else:
            after = standings[report.rank] = (before or nothing_before(report)).after(report)
            found.append(Step(report, _effect(report, before, after), after))
    return tuple(found)


def _has_changed(first: Report, second: Report) -> bool:
    """Whether a source has changed its count: others of the first one's band, between them, may not be kept."""
    if isinstance(first, Movement) or isinstance(second, Movement):
        return False
    return first.voice == second.voice and first.stock != second.stock


def _effect(report: Report, before: Standing | None, after: Standing) -> Effect:
    if isinstance(report, Movement):
        return "moved"
    if after is before:
        return "unheeded"
    held = None if before is None else replace(before.level, covered_at=after.level.covered_at)
    if report.kind == "confirmation" or held != after.level:
        return "anchor"
    return "echo" if report.source_id == after.level.source_id else "repeated"


def _had_come(report: Report, moment: datetime, arrivals: Mapping[int, Arrival]) -> bool:
    return arrivals.get(report.load_id, UNKNOWN_ARRIVAL).had_come(report.observed_at, moment)


def _was_taken_back(load_id: int, moment: datetime, arrivals: Mapping[int, Arrival]) -> bool:
    taken_back_at = arrivals.get(load_id, UNKNOWN_ARRIVAL).taken_back_at
    return taken_back_at is None or taken_back_at <= moment

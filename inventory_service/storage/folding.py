"""Single reports of a position folded into what is held of it, and what of that has to be written."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from inventory_service.domain.clock import EARLIEST
from inventory_service.domain.history import History
from inventory_service.domain.level import Level
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import NONE_LEFT
from inventory_service.storage import positions
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import Position, reports_of, tail_of
from inventory_service.storage.stocking import Mode

Times = Mapping[int, Sequence[datetime]]
"""source_id → when its newest snapshots spoke of the position's store, oldest first."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A position after its fold, and what became of the reports that arrived."""

    position: Position
    fate: Literal["changed", "remembered", "as it was"]
    changed: int
    duplicates: int
    too_late: frozenset[Report]
    conflicting: int = 0

    @property
    def key(self) -> Key:
        return (self.position.product_id, self.position.store_id)


def fold_into(key: Key, before: Position | None, arrived: Sequence[Report], times: Times, mode: Mode) -> Folded:
    """Folds what arrived, at least one report, for one position."""
    known = _known(before, arrived, times, mode)
    closed = known.too_late(arrived) if before else frozenset()
    news = [report for report in arrived if report not in closed]
    too_late = frozenset(report for report in closed if isinstance(report, Movement))
    held = {report.identity for report in before.history.counted} if before else set()
    repeats = sum((Counter(one.identity for one in news) - Counter({one.identity for one in news})).values())
    duplicates = repeats + sum(one.identity in held for one in {one.identity: one for one in news}.values())
    if before is not None and not news:
        return Folded(before, "as it was", 0, duplicates, too_late)
    history = known.joined([*news, *_left_out(known, before, news, times, mode)])
    after = Position(*key, _shown_as(before, history, mode), history)
    fate = "changed" if before is None else _fate(before, after, mode)
    conflicting = _conflicting(known.reports, news)
    return Folded(after, fate, _count(before, after, news, held), duplicates, too_late, conflicting)


def _conflicting(held: Iterable[Report], news: Iterable[Report]) -> int:
    """How many records of the news another count of the same item, source and moment overrules, or is overruled by."""
    counts = {_moment(one): {one.stock} for one in news if isinstance(one, Record) and one.kind == "record"}
    for one in (*held, *news):
        if isinstance(one, Record) and one.kind == "record" and (moment := _moment(one)) in counts:
            counts[moment].add(one.stock)
    return sum(len(stocks) - 1 for stocks in counts.values())


def _moment(record: Record) -> tuple[object, ...]:
    return (record.voice, record.observed_at, record.as_of)


async def write(connection: Connection, folded: Iterable[Folded]) -> None:
    """Writes what changed or has to be remembered."""
    by_fate: dict[str, list[Position]] = {"changed": [], "remembered": []}
    for one in folded:
        if one.fate != "as it was":
            by_fate[one.fate].append(one.position)
    if by_fate["changed"]:
        await positions.write(connection, by_fate["changed"])
    if by_fate["remembered"]:
        await positions.remember(connection, by_fate["remembered"])


def stood_by(position: Position, times: Times) -> History:
    """A position's history with the repetitions that snapshots did not write.

    Where a newer file had the last word on the time before a snapshot, what that repeated is written already; if
    nothing is, it did not list the item.
    """
    history = position.history
    if not history.is_plain:
        return history
    told = history.reports
    spoken = [at for at in times.get(position.level.source_id, ()) if not any(_is_word_of(one, at) for one in told)]
    until = ((at, [one for one in told if one.observed_at < at]) for at in spoken)
    repeated = ((at, before[-1]) for at, before in until if before and before[-1].as_of < at)
    return history.joined(replace(one, observed_at=at, as_of=at) for at, one in repeated)


def _known(before: Position | None, arrived: Sequence[Report], times: Times, mode: Mode) -> History:
    """What is held; with what snapshots left unwritten, where that makes a difference to what arrived."""
    if before is None:
        return History()
    source_id = before.level.source_id
    alike = all(isinstance(one, Record) and one.kind == "record" and one.source_id == source_id for one in arrived)
    return before.history if alike and not _late(arrived, before.history, times, mode) else stood_by(before, times)


def _late(arrived: Sequence[Report], known: History, times: Times, mode: Mode) -> list[Report]:
    """What is new and speaks of a time before its source's newest snapshot of the store.

    A newer snapshot may well speak of an older time, where its rows have clocks of their own.
    """
    held = {report.identity for report in known.reports}
    newest = {source_id: some[-1] for source_id, some in times.items() if some}
    return [
        one
        for one in arrived
        if one.source_id in newest
        and one.observed_at < newest[one.source_id]
        and (mode == "delta" or one.as_of < newest[one.source_id])
        and one.identity not in held
    ]


def _left_out(
    known: History, before: Position | None, news: Sequence[Report], times: Times, mode: Mode
) -> list[Record]:
    """Absences that made no difference to what was held, and may make one to news that come late.

    Snapshots have covered the store after the news were observed and did not list them. What a plain history of their
    own source held by then they did list, or have emptied.
    """
    listing = before.level.source_id if before is not None and before.history.is_plain else None
    told = [*known.reports, *news]
    since: dict[tuple[int, int], datetime] = {}
    for one in _late(news, known, times, mode):
        since[one.voice] = min(one.observed_at, since.get(one.voice, one.observed_at))
    absent = [
        (at, source_id, rank)
        for (source_id, rank), first in sorted(since.items())
        for at in times[source_id]
        if first < at
        and not any(one.source_id == source_id and _is_word_of(one, at) for one in told)
        and not (source_id == listing and any(one.observed_at < at for one in known.reports))
    ]
    spoken = {one.voice for one in told if _is_record(one)}
    return [
        Record(at, at, NONE_LEFT, source_id, rank=rank, kind="absence")
        for at, source_id, rank in absent
        if (source_id, rank) in spoken
    ]


def _is_record(report: Report) -> bool:
    return isinstance(report, Record) and report.kind != "confirmation"


def _is_word_of(report: Report, as_of: datetime) -> bool:
    """Whether it is what its source's snapshot of this time said."""
    return _is_record(report) and as_of in (report.as_of, report.observed_at)


def _shown_as(before: Position | None, history: History, mode: Mode) -> Level:
    """The level; what a snapshot changes within its band is shown as if it had repeated it, which is left unwritten."""
    level = history.level
    if before is None or mode == "delta" or not history.is_plain or level.details != before.level.details:
        return level
    was, shown = before.level.in_bands, level.in_bands
    goes_on = (was.source_id, was.observed_at) == (shown.source_id, shown.observed_at)
    return replace(level, shown=was) if goes_on and level.shown is not None else level


def _fate(before: Position, after: Position, mode: Mode) -> Literal["changed", "remembered", "as it was"]:
    """What a snapshot merely repeats is left unwritten; where more is written, the level is as its reports tell it."""
    level = after.level
    if mode == "snapshot" and after.history.is_plain:
        level = replace(level, covered_at=before.level.covered_at)
    if level != before.level:
        return "changed"
    if (tail_of(after), reports_of(after)) == (tail_of(before), reports_of(before)):
        return "as it was"
    newest = max((one.observed_at for one in before.reports), default=EARLIEST)
    older = any(one.observed_at < newest for one in {*after.reports} - {*before.reports})
    if not (older or not after.history.is_plain or mode == "delta"):
        return "as it was"
    return "remembered" if after.level == before.level else "changed"


def _count(before: Position | None, after: Position, news: Sequence[Report], held: set[tuple[object, ...]]) -> int:
    """How many of the news count as applied: of records the last of each item, of events each that is new."""
    if before is not None and _undated(after.level) == _undated(before.level):
        return 0
    events = {one.identity for one in news if isinstance(one, Movement)} - held
    return len(events) + len({one.rank for one in news if isinstance(one, Record)})


def _undated(level: Level) -> Level:
    return replace(level, covered_at=EARLIEST, shown=None)

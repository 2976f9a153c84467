"""The merge rule: a level is a fold over reports in their own order, never in the order they arrived."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inventory_service.domain.clock import EARLIEST
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import MAX_QUANTITY, NOTHING_KNOWN, Stock

TO_THE_TILL = timedelta(minutes=5)
"""A sale so soon after somebody saw the shelf empty may be of the piece that left it last."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The evidence that is shown to those who are told no counts: a count that changes within its band is no news."""

    source_id: int
    observed_at: datetime
    covered_at: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """What we hold true of a position.

    `observed_at` and `as_of` are those of the newest report that was news: the anchor, or a sale or delivery since.
    `source_id` and `load_id` are the anchor's. `covered_at` is the newest record of the same source that only repeated
    what we hold.
    """

    stock: Stock
    observed_at: datetime
    as_of: datetime
    covered_at: datetime
    source_id: int
    details: Details = NO_DETAILS
    load_id: int = field(default=0, compare=False)
    leaning: int = field(default=0, compare=False)
    """What shoppers said since, in hundredths of log-odds (domain/shoppers.py); no part of the fold."""
    shown: Shown | None = None
    """None where it is the level's own evidence."""

    @property
    def own(self) -> Shown:
        """The level's own evidence."""
        return Shown(self.source_id, self.observed_at, self.covered_at)

    @property
    def in_bands(self) -> Shown:
        """The evidence that is shown to those who are told no counts."""
        return self.shown or self.own


@dataclass(frozen=True, slots=True)
class Voice:
    """A source's last record of an item, less its sales and plus its deliveries since: what would be an echo."""

    source_id: int
    expected: Stock
    observed_at: datetime
    as_of: datetime
    details: Details = NO_DETAILS


@dataclass(frozen=True, slots=True)
class Standing:
    """What the reports of one item add up to so far; folding goes on from here."""

    rank: int
    level: Level
    anchored_at: datetime
    """When the anchor was observed."""
    voices: tuple[Voice, ...] = ()
    """In order of their last records."""

    def after(self, report: Report) -> "Standing":
        """One report later."""
        if isinstance(report, Movement):
            return self._moved(report)
        if report.kind == "absence" and not self.heeds(report):
            return self
        return self._confirmed(report) if report.kind == "confirmation" else self._recorded(report)

    def heeds(self, absence: Record) -> bool:
        """Whether the last record was its own source's, from before the file that does not list the item."""
        last = self.voices[-1] if self.voices else None
        return (
            last is not None
            and last.source_id == absence.source_id
            and last.observed_at < absence.observed_at
            and last.as_of < absence.as_of
        )

    def repeats(self, record: Record) -> bool:
        """Whether a record is an echo: it equals what its source would be expected to say."""
        return any(voice.source_id == record.source_id and voice.expected == record.stock for voice in self.voices)

    def _recorded(self, record: Record) -> "Standing":
        """An echo moves coverage only."""
        level, anchored_at = self.level, self.anchored_at
        if not self.repeats(record):
            level, anchored_at = _anchored(record, record.stock), record.observed_at
        elif record.source_id == level.source_id:
            level = replace(level, covered_at=max(level.covered_at, record.observed_at))
        voice = Voice(record.source_id, record.stock, record.observed_at, record.as_of, record.details)
        others = tuple(one for one in self.voices if one.source_id != record.source_id)
        return Standing(self.rank, level, anchored_at, (*others, voice))

    def _moved(self, movement: Movement) -> "Standing":
        """Sales and deliveries adjust the anchor, and what their own source would be expected to say."""
        moment = movement.observed_at
        level = replace(
            self.level,
            stock=self.level.stock.moved(movement.change),
            observed_at=moment,
            as_of=movement.as_of,
            covered_at=max(self.level.covered_at, moment),
        )
        voices = tuple(
            replace(voice, expected=voice.expected.moved(movement.change))
            if voice.source_id == movement.source_id
            else voice
            for voice in self.voices
        )
        moved = Standing(self.rank, level, self.anchored_at, voices)
        return moved._refilled(movement) if self._is_refuted_by(movement) else moved

    def _is_refuted_by(self, movement: Movement) -> bool:
        """Whether it is a sale from a shelf that somebody has seen empty: it must have been filled since."""
        seen = all(voice.source_id != self.level.source_id for voice in self.voices)
        since = movement.observed_at - self.anchored_at
        return seen and self.level.stock.high == 0 and movement.change < 0 and since >= TO_THE_TILL

    def _refilled(self, sale: Movement) -> "Standing":
        """The seller's own count stands again, where it has one that leaves some."""
        seller = next((voice for voice in self.voices if voice.source_id == sale.source_id), None)
        if seller is None or seller.expected.high == 0:
            return self
        level = replace(self.level, stock=seller.expected, source_id=seller.source_id, load_id=sale.load_id)
        return replace(self, level=level, anchored_at=sale.observed_at)

    def _confirmed(self, record: Record) -> "Standing":
        """Who looked is the new anchor; a count on which both agree stands."""
        level = _anchored(record, self.level.stock.agreed_with(record.stock))
        return Standing(self.rank, level, record.observed_at, self.voices)


def nothing_before(report: Report) -> Standing:
    """Where nobody has told anything before `report`."""
    level = Level(NOTHING_KNOWN, report.observed_at, report.as_of, report.observed_at, report.source_id)
    return Standing(report.rank, level, EARLIEST)


def stand(reports: Iterable[Report], standings: Iterable[Standing] = ()) -> tuple[Standing, ...]:
    """Folds ordered `reports` of several items onto what stood before; in order of the items' ranks."""
    by_rank = {standing.rank: standing for standing in standings}
    for report in reports:
        if report.rank in by_rank or report.kind != "absence":
            by_rank[report.rank] = (by_rank.get(report.rank) or nothing_before(report)).after(report)
    return tuple(by_rank[rank] for rank in sorted(by_rank))


def summed(standings: Sequence[Standing]) -> Level:
    """The level of all items of a position together: they add up, and the newest of their words dates the sum."""
    levels = [standing.level for standing in standings]
    newest = max(levels, key=lambda level: (level.observed_at, level.as_of, level.source_id))
    return replace(
        newest,
        stock=levels[0].stock if len(levels) == 1 else _sum(level.stock for level in levels),
        covered_at=max(level.covered_at for level in levels),
        details=_newest_details(standings),
    )


def _anchored(record: Record, stock: Stock) -> Level:
    moment = record.observed_at
    return Level(stock, moment, record.as_of, moment, record.source_id, load_id=record.load_id)


def _sum(parts: Iterable[Stock]) -> Stock:
    low, high = 0, 0.0
    for part in parts:
        low += part.low
        high += math.inf if part.high is None else part.high
    return Stock(min(low, MAX_QUANTITY), None if math.isinf(high) else min(int(high), MAX_QUANTITY))


def _newest_details(standings: Sequence[Standing]) -> Details:
    """The latest word of the source that last said anything beside a count."""
    latest: dict[int, Voice] = {}
    for voice in (voice for standing in standings for voice in standing.voices):
        known = latest.get(voice.source_id)
        if known is None or (known.observed_at, known.as_of) <= (voice.observed_at, voice.as_of):
            latest[voice.source_id] = voice
    telling = [voice for voice in latest.values() if voice.details != NO_DETAILS]
    return max(telling, key=_told_at).details if telling else NO_DETAILS


def _told_at(voice: Voice) -> tuple[datetime, datetime, int, str]:
    return (voice.observed_at, voice.as_of, voice.source_id, repr(voice.details))

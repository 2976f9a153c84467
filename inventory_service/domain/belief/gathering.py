"""What histories teach, in columns: looks at shelves and what was held just before, records after a while, sales."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zlib import crc32

from inventory_service.domain.belief.histories import Histories, Position
from inventory_service.domain.belief.walking import Sight, Walk
from inventory_service.domain.report import Report
from inventory_service.domain.stock import Stock

PROBES = 3
"""Pairs of moments taken from each position: what was recorded then, and what a while later."""
LATEST = datetime.max.replace(tzinfo=UTC)
MOST_SKIPPED = 0.4
"""Share of a history that the later moment is away at most."""


@dataclass(frozen=True, slots=True)
class Look:
    """Evidence as of a moment, and what turned out to be true then; `looked` where somebody looked at the shelf."""

    number: int
    before: Sight
    found: Stock
    looked: bool


@dataclass(frozen=True, slots=True)
class Sales:
    """A position's sales in all the time that it was heard with stock, and how its record came and went.

    `sold_squared` and `spans_s2` as of a walk.
    """

    position: Position
    source_id: int
    sold: float
    sold_squared: float
    exposed_s: float
    spans_s2: float
    held_s: float
    empty_s: float
    sold_out: int
    restocked: int


@dataclass(slots=True)
class Gathered:
    """`looks` refer to `sales` by number; `ends` is each position's evidence when it was last heard."""

    looks: list[Look] = field(default_factory=list)
    sales: list[Sales] = field(default_factory=list)
    ends: list[tuple[int, Sight]] = field(default_factory=list)


def gathered(histories: Histories) -> Gathered:
    found = Gathered()
    for position in histories.positions.values():
        if position.reports:
            _gather(histories, position, found)
    return found


def _gather(histories: Histories, position: Position, found: Gathered) -> None:
    number, walk = len(found.sales), Walk(histories, position.place)
    for at, report, pair in _steps(histories, position):
        if report is None:
            pair.meet(walk.sight(at))
            if look := pair.look(number):
                found.looks.append(look)
            continue
        before = walk.sight(at) if report.kind == "confirmation" else None
        if before is not None:
            found.looks.append(Look(number, before, report.stock, looked=True))  # type: ignore[union-attr]
        walk.take(report)
    end = walk.sight(position.reports[-1].observed_at)
    assert end is not None
    found.sales.append(_sales(walk, position, end))
    found.ends.append((number, end))


def _sales(walk: Walk, position: Position, end: Sight) -> Sales:
    """The quiet at the end counts as heard, and as a time without a sale."""
    heard = walk.histories.covered_at(position.place, end.source_id, LATEST)
    last = position.reports[-1].observed_at
    quiet_s = end.still_s + max(0.0, (heard - last).total_seconds() if heard else 0.0)
    held_s = quiet_s if end.stock.low > 0 else 0.0
    empty_s = quiet_s if end.stock.high == 0 else 0.0
    return Sales(
        position,
        end.source_id,
        walk.sold,
        walk.sold_squared,
        walk.exposed_s + held_s,
        walk.spans_s2,
        walk.held_s + held_s,
        walk.empty_s + empty_s,
        walk.sold_out,
        walk.restocked,
    )


@dataclass(slots=True)
class _Pair:
    """Two moments at which a position's source was heard."""

    first: Sight | None = None
    second: Sight | None = None
    apart_s: float = 0.0
    met: int = 0

    def meet(self, sight: Sight | None) -> None:
        self.first, self.second = (sight, None) if self.met == 0 else (self.first, sight)
        self.met += 1

    def look(self, number: int) -> Look | None:
        """The first as if its source had been silent since; None unless both are records of one source."""
        if self.first is None or self.second is None or self.first.source_id != self.second.source_id:
            return None
        if self.first.anchor != "record" or self.second.silent_s > 0.0:
            return None
        one = self.first
        before = Sight(one.stock, one.source_id, "record", one.still_s, self.apart_s, one.sold, one.exposed_s)
        return Look(number, before, self.second.stock, looked=False)


def _steps(histories: Histories, position: Position) -> Iterator[tuple[datetime, Report | None, _Pair]]:
    """Reports and the moments of pairs, in order of time; of one moment, reports first."""
    steps: list[tuple[datetime, int, Report | None, _Pair]] = [
        (report.observed_at, place, report, _NO_PAIR) for place, report in enumerate(position.reports)
    ]
    after = len(steps)
    for first, second in _pairs(histories, position):
        pair = _Pair(apart_s=(second - first).total_seconds())
        steps += [(first, after, None, pair), (second, after, None, pair)]
    steps.sort(key=lambda step: step[:2])
    yield from ((at, report, pair) for at, _, report, pair in steps)


def _pairs(histories: Histories, position: Position) -> Iterator[tuple[datetime, datetime]]:
    """Spread over the history, how far apart differing by magnitudes; the same ones each time."""
    heard = _heard(histories, position)
    seed = crc32("|".join(position.place).encode())
    for probe in range(PROBES if len(heard) > 1 else 0):
        first = int((probe + seed % 97 / 97) / PROBES * (len(heard) - 1))
        most = max(1.0, len(heard) * MOST_SKIPPED)
        second = first + max(1, round(most ** (((seed >> 7) + probe * 37) % 100 / 100)))
        if second < len(heard):
            yield heard[first], heard[second]


def _heard(histories: Histories, position: Position) -> list[datetime]:
    """When the source of the position's last record spoke of it."""
    records = [report for report in position.reports if report.kind == "record"]
    if not records:
        return []
    source_id = records[-1].source_id
    covered = histories.covered.get((position.place.retailer, position.place.store), {}).get(source_id, [])
    own = {report.observed_at for report in records if report.source_id == source_id}
    return sorted(own.union(moment for moment in covered if moment >= records[0].observed_at))


_NO_PAIR = _Pair()

"""Reports in short, and DESIGN's merge rule a second time: by looking back from the end instead of walking forward."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf

from hypothesis import strategies as st

from inventory_service.domain.history import History
from inventory_service.domain.level import Level
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Movement, MovementKind, Record, Report
from inventory_service.domain.showing import Showing
from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, SEEN, Stock

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
"""Minute 0 of every test."""


def at(minute: float) -> datetime:
    return TEN + timedelta(minutes=minute)


def count(
    minute: float, quantity: int, *, source: int = 1, told_at: float | None = None, aisle: str = "", **more: int
) -> Record:
    return said(minute, Stock.exactly(quantity), source=source, told_at=told_at, aisle=aisle, **more)


def said(
    minute: float, stock: Stock, *, source: int = 1, told_at: float | None = None, aisle: str = "", **more: int
) -> Record:
    details = Details(aisle=aisle) if aisle else NO_DETAILS
    return Record(at(minute), at(minute if told_at is None else told_at), stock, source, details, **more)


def seen(minute: float, stock: Stock, *, source: int = 9) -> Record:
    """Staff looked."""
    return Record(at(minute), at(minute), stock, source, kind="confirmation")


def absent(minute: float, *, source: int = 1, told_at: float | None = None, **more: int) -> Record:
    """A full file does not list it."""
    return Record(at(minute), at(minute if told_at is None else told_at), NONE_LEFT, source, kind="absence", **more)


def sale(minute: float, quantity: int = 1, *, source: int = 1, event: str | None = None, **more: int) -> Movement:
    return _moved("sale", minute, quantity, source, event, more)


def delivery(minute: float, quantity: int, *, source: int = 1, event: str | None = None, **more: int) -> Movement:
    return _moved("delivery", minute, quantity, source, event, more)


def _moved(
    kind: MovementKind, minute: float, quantity: int, source: int, event: str | None, more: dict[str, int]
) -> Movement:
    event_id = event or f"{kind} at {minute}"
    return Movement(at(minute), at(minute), kind, quantity, source, event_id, **more)


STOCKS = st.sampled_from([NONE_LEFT, Stock.exactly(1), Stock.exactly(2), Stock.exactly(3), LIMITED, IN_STOCK, SEEN])
DETAILS = st.sampled_from([NO_DETAILS, NO_DETAILS, Details(aisle="A1"), Details(aisle="A2")])


def reports(*, sources: int, ranks: int = 1, minutes: int = 9) -> st.SearchStrategy[Report]:
    """Any report of a few crowded minutes. Loads are numbered at random and make no difference to what is equal."""
    times = {"observed_at": st.integers(0, minutes).map(at), "as_of": st.integers(0, 1).map(at)}
    who = {"source_id": st.integers(1, sources), "rank": st.integers(0, ranks - 1), "load_id": st.integers(1, 5)}
    moved = st.builds(
        Movement,
        **times,
        kind=st.sampled_from(["sale", "delivery"]),
        quantity=st.integers(-2, 4),
        event_id=st.integers(0, 30).map(str),
        **who,
    )
    recorded = records(sources=sources, ranks=ranks, minutes=minutes)
    return st.one_of(
        recorded, moved, confirmations(times, who), absences(sources=sources, ranks=ranks, minutes=minutes)
    )


def absences(*, sources: int, ranks: int = 1, minutes: int = 9) -> st.SearchStrategy[Record]:
    return st.builds(
        Record,
        observed_at=st.integers(0, minutes).map(at),
        as_of=st.integers(0, 1).map(at),
        stock=st.just(NONE_LEFT),
        source_id=st.integers(1, sources),
        rank=st.integers(0, ranks - 1),
        kind=st.just("absence"),
        load_id=st.integers(1, 5),
    )


def records(*, sources: int, ranks: int = 1, minutes: int = 9) -> st.SearchStrategy[Record]:
    return st.builds(
        Record,
        observed_at=st.integers(0, minutes).map(at),
        as_of=st.integers(0, 1).map(at),
        stock=STOCKS,
        source_id=st.integers(1, sources),
        details=DETAILS,
        rank=st.integers(0, ranks - 1),
        load_id=st.integers(1, 5),
    )


def confirmations(
    times: dict[str, st.SearchStrategy[datetime]], who: dict[str, st.SearchStrategy[int]]
) -> st.SearchStrategy[Record]:
    words = st.sampled_from([NONE_LEFT, LIMITED, SEEN, Stock.exactly(2)])
    return st.builds(Record, **times, stock=words, kind=st.just("confirmation"), **who)


@dataclass(frozen=True)
class LookedBack:
    """The rule of DESIGN §4.1 from the end of `told`, the reports of one item in their order, backwards."""

    told: Sequence[Report]

    def stock(self, end: int) -> tuple[float, float]:
        """(low, high) after the first `end` reports."""
        place = self.anchor(end)
        if place is None:
            return moved((0, inf), self.changes(0, end))
        anchor = self.told[place]
        assert isinstance(anchor, Record)
        base = bounds(anchor.stock)
        if anchor.kind == "confirmation":
            before = self.stock(place)
            both = max(before[0], base[0]), min(before[1], base[1])
            base = both if both[0] <= both[1] else base
        return moved(base, self.changes(place + 1, end))

    def anchor(self, end: int) -> int | None:
        return next((place for place in reversed(range(end)) if self.anchors(place)), None)

    def anchors(self, place: int) -> bool:
        report = self.told[place]
        if isinstance(report, Movement):
            return False
        return report.kind == "confirmation" or self.expected(place, report.source_id) != bounds(report.stock)

    def expected(self, end: int, source_id: int) -> tuple[float, float] | None:
        """What a source would repeat: its previous record less its own sales and plus its own deliveries since."""
        for place in reversed(range(end)):
            record = self.told[place]
            if is_record(record) and record.source_id == source_id:
                assert isinstance(record, Record)
                return moved(bounds(record.stock), self.changes(place + 1, end, source_id))
        return None

    def changes(self, start: int, end: int, source_id: int | None = None) -> list[int]:
        return [
            one.quantity if one.kind == "delivery" else -one.quantity
            for one in self.told[start:end]
            if isinstance(one, Movement) and source_id in (None, one.source_id)
        ]

    def newest_news(self) -> Report:
        return next(
            one
            for place, one in reversed(list(enumerate(self.told)))
            if isinstance(one, Movement) or self.anchors(place)
        )

    def source_id(self) -> int:
        place = self.anchor(len(self.told))
        return self.told[0 if place is None else place].source_id

    def covered_at(self) -> datetime:
        """The newest that was news, or an echo by the source whose count stands."""
        start = self.anchor(len(self.told)) or 0
        return max(
            one.observed_at
            for one in self.told[start:]
            if isinstance(one, Movement) or one.source_id == self.source_id() or one is self.told[start]
        )


def looked_back(arrived: Iterable[Report]) -> tuple[Stock, datetime, datetime, datetime, int]:
    """(stock, observed_at, as_of, covered_at, source_id) of all items of a position together."""
    by_rank: dict[int, list[Report]] = {}
    for report in in_order(arrived):
        by_rank.setdefault(report.rank, []).append(report)
    heard = [heeded(told) for _, told in sorted(by_rank.items())]
    items = [LookedBack(told) for told in heard if told]
    parts = [item.stock(len(item.told)) for item in items]
    low, high = sum(part[0] for part in parts), sum(part[1] for part in parts)
    newest = max((one.newest_news().observed_at, one.newest_news().as_of, one.source_id()) for one in items)
    return (
        Stock(int(low), None if high == inf else int(high)),
        newest[0],
        newest[1],
        max(item.covered_at() for item in items),
        newest[2],
    )


def heeded(told: Sequence[Report]) -> list[Report]:
    """Without absences that speak against another source's last record, or against one of the same time or later."""
    kept: list[Report] = []
    for one in told:
        last = next((known for known in reversed(kept) if is_record(known)), None)
        is_older = last is not None and last.observed_at < one.observed_at and last.as_of < one.as_of
        if one.kind != "absence" or (is_older and last is not None and last.source_id == one.source_id):
            kept.append(one)
    return kept


def is_record(one: Report) -> bool:
    return one.kind in ("record", "absence")


def in_order(arrived: Iterable[Report]) -> list[Report]:
    """Each once, by observation, file, kind, larger quantity first, and then by content. An event first told counts."""
    unique: dict[object, Report] = {}
    for one in arrived:
        if isinstance(one, Movement):
            identity: object = ("event", one.source_id, one.event_id)
        else:
            identity = (one.kind, one.source_id, one.rank, one.observed_at, one.as_of, one.stock)
        known = unique.get(identity)
        if known is None or (
            told_order(one) < told_order(known) if isinstance(one, Movement) else told_order(one) > told_order(known)
        ):
            unique[identity] = one
    return sorted(unique.values(), key=told_order)


def told_order(one: Report) -> tuple[object, ...]:
    if isinstance(one, Movement):
        precedence, claim = 1 + (one.kind == "delivery"), (-one.quantity, 0)
        return (one.observed_at, one.as_of, precedence, claim, one.source_id, one.rank, one.event_id)
    low, high = bounds(one.stock)
    precedence = 3 if one.kind == "confirmation" else 0
    return (one.observed_at, one.as_of, precedence, (-high, -low), one.source_id, one.rank, repr(one.details), one.kind)


def bounds(stock: Stock) -> tuple[float, float]:
    return stock.low, inf if stock.high is None else stock.high


def moved(stock: tuple[float, float], changes: Sequence[int]) -> tuple[float, float]:
    """Never below 0 at any step: Lindley's formula, from the sums of what came last."""
    tails = [sum(changes[start:]) for start in range(1, len(changes) + 1)]
    low, high = (max(one + sum(changes), *tails) if tails else one for one in stock)
    return low, high


def fold(ordered: Iterable[Report]) -> Level:
    """The level that ordered reports add up to; something has to be told."""
    level = Showing().hear(ordered).level
    assert level is not None
    return level


def arriving(batches: Iterable[Sequence[Report]]) -> History:
    history = History()
    for batch in batches:
        history = history.joined(batch)
    return history


def one_by_one(told: Iterable[Report]) -> History:
    return arriving([one] for one in told)


def summary(level: Level) -> tuple[Stock, datetime, datetime, datetime, int]:
    return (level.stock, level.observed_at, level.as_of, level.covered_at, level.source_id)

"""A small world of files, events and looks, how they are loaded, and what their levels have to be, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hypothesis import strategies as st

from inventory_service.domain.feed import MovementRow, Row, StockRow
from inventory_service.domain.report import MovementKind, Record
from inventory_service.domain.stock import LIMITED, NONE_LEFT, SEEN, Stock
from inventory_service.storage.apply import apply_reports
from inventory_service.storage.postgres import connected
from tests.sync.world import NOW, Syncer, at, count, item, order, shop

STORES, ITEMS = ("1", "2"), ("a", "b", "c", "d")
SOURCES = ("night", "till")
STAFF = "staff"
Place = tuple[str, str]
"""(store_code, item_id)"""
PLACES = tuple((code, item_id) for code in STORES for item_id in ITEMS)


@dataclass(frozen=True)
class File:
    """Counts of one source; `told_at` its as_of in minutes before our clock, `clocks` those of its rows."""

    source: str
    told_at: float
    counts: tuple[tuple[Place, int], ...]
    clocks: tuple[float, ...] = ()
    is_full: bool = False


@dataclass(frozen=True)
class Event:
    """A sale or delivery."""

    source: str
    told_at: float
    place: Place
    kind: MovementKind
    quantity: int


@dataclass(frozen=True)
class Count:
    """A count as it was taken, told live."""

    source: str
    told_at: float
    place: Place
    quantity: int


@dataclass(frozen=True)
class Look:
    """Staff looked."""

    told_at: float
    place: Place
    stock: Stock


Happening = File | Event | Count | Look


async def load(sync: Syncer, retailer: str, one: Happening) -> None:
    """Brings it in the way that such a thing comes in."""
    if isinstance(one, File):
        await sync.load(_lines(one), retailer, source=one.source, as_of=at(one.told_at), snapshot=one.is_full)
    elif isinstance(one, Look):
        await _look(sync, retailer, one)
    else:
        await sync.loader.take(order(retailer, source=one.source), [_line(one)])


async def found_shops(sync: Syncer, retailer: str) -> None:
    lines = [*(shop(code) for code in STORES), *(item(item_id) for item_id in ITEMS)]
    await sync.load(lines, retailer)


def _lines(file: File) -> list[Row]:
    clocks = [at(minute) for minute in file.clocks] or [None] * len(file.counts)
    return [
        count(code, item_id, quantity, clock, line=line)
        for line, (((code, item_id), quantity), clock) in enumerate(zip(file.counts, clocks, strict=True), 2)
    ]


def _line(one: Event | Count) -> Row:
    code, item_id = one.place
    if isinstance(one, Count):
        return Row(1, stock=StockRow(code, item_id, Stock.exactly(one.quantity), observed_at=at(one.told_at)))
    event_id = f"{one.kind} {one.told_at}"
    return Row(1, movement=MovementRow(code, one.kind, one.quantity, at(one.told_at), event_id, item_id))


async def _look(sync: Syncer, retailer: str, one: Look) -> None:
    ids = await sync.fetch(
        "SELECT r.retailer_id, i.product_id, s.store_id FROM retailer r JOIN item i USING (retailer_id)"
        " JOIN store s USING (retailer_id) WHERE r.slug = $1 AND s.store_code = $2 AND i.item_id = $3",
        retailer,
        *one.place,
    )
    retailer_id, *key = ids[0]
    async with connected(sync.pool, deadline_s=30) as connection, connection.transaction():
        source_id = await connection.fetchval(
            "INSERT INTO source (retailer_id, slug) VALUES ($1, $2)"
            " ON CONFLICT (retailer_id, slug) DO UPDATE SET slug = excluded.slug RETURNING source_id",
            retailer_id,
            STAFF,
        )
        record = Record(at(one.told_at), at(one.told_at), one.stock, source_id, kind="confirmation")
        await apply_reports(connection, [((key[0], key[1]), record)], NOW)


# The same in memory


@dataclass(frozen=True)
class Told:
    """One statement about a place. `left_out`: a full file of this time lists its store and not it."""

    observed_at: datetime
    as_of: datetime
    precedence: int
    source: str
    stock: Stock = NONE_LEFT
    change: int = 0
    left_out: bool = False


@dataclass
class Truth:
    """What a place comes to when everything is told in its order."""

    stock: Stock
    observed_at: datetime
    source: str


def truths(happened: Sequence[Happening]) -> dict[Place, Truth]:
    told: dict[Place, list[Told]] = {}
    for one in dict.fromkeys(happened):
        for place, statement in _statements(one):
            told.setdefault(place, []).append(statement)
    found = {place: _truth(sorted(some, key=_order)) for place, some in told.items()}
    return {place: truth for place, truth in found.items() if truth is not None}


def _statements(one: Happening) -> list[tuple[Place, Told]]:
    moment = at(one.told_at)
    if isinstance(one, Look):
        return [(one.place, Told(moment, moment, 3, STAFF, one.stock))]
    if isinstance(one, Count):
        return [(one.place, Told(moment, moment, 0, one.source, Stock.exactly(one.quantity)))]
    if isinstance(one, Event):
        is_sale = one.kind == "sale"
        return [
            (one.place, Told(moment, moment, 1 if is_sale else 2, one.source, change=one.quantity * (1 - 2 * is_sale)))
        ]
    clocks = [at(minute) for minute in one.clocks] or [moment] * len(one.counts)
    listed = [
        (place, Told(clock, moment, 0, one.source, Stock.exactly(quantity)))
        for (place, quantity), clock in zip(one.counts, clocks, strict=True)
    ]
    if not one.is_full:
        return listed
    stores, places = {place[0] for place, _ in listed}, {place for place, _ in listed}
    missing = [place for place in PLACES if place[0] in stores and place not in places]
    return [*listed, *((place, Told(moment, moment, 0, one.source, left_out=True)) for place in missing)]


def _order(one: Told) -> tuple[datetime, datetime, int, int]:
    return (one.observed_at, one.as_of, one.precedence, -one.stock.low)


def _truth(told: Sequence[Told]) -> Truth | None:
    level: Truth | None = None
    expected: dict[str, Stock] = {}
    last: Told | None = None
    for one in told:
        if one.precedence in (1, 2):
            level = Truth((level.stock if level else Stock(0, None)).moved(one.change), one.observed_at,
                          level.source if level else one.source)  # fmt: skip
            if one.source in expected:
                expected[one.source] = expected[one.source].moved(one.change)
        elif one.precedence == 3:
            before = level.stock if level else Stock(0, None)
            level = Truth(before.agreed_with(one.stock), one.observed_at, one.source)
        elif not one.left_out or _is_older(last, one):
            if expected.get(one.source) != one.stock:
                level = Truth(one.stock, one.observed_at, one.source)
            expected[one.source], last = one.stock, one
    return level


def _is_older(last: Told | None, absence: Told) -> bool:
    """Whether the source of the absence had the last word until then, in an earlier file."""
    return (
        last is not None
        and last.source == absence.source
        and last.observed_at < absence.observed_at
        and last.as_of < absence.as_of
    )


# Any of it


PLACE = st.sampled_from(PLACES[:3])
"""Few places are crowded, so that things happen to them."""
WORDS = st.sampled_from([NONE_LEFT, LIMITED, SEEN])


def files(minutes: st.SearchStrategy[float], *, is_full: bool, has_clocks: bool) -> st.SearchStrategy[File]:
    counts = st.dictionaries(st.sampled_from(PLACES), st.integers(1, 3), min_size=1, max_size=5)
    plain = st.builds(
        File, st.sampled_from(SOURCES), minutes, counts.map(lambda one: tuple(sorted(one.items()))),
        is_full=st.just(is_full),
    )  # fmt: skip
    return plain.flatmap(_with_clocks) if has_clocks else plain


def _with_clocks(file: File) -> st.SearchStrategy[File]:
    """Rows were counted a while before the file was written."""
    behind = st.lists(st.sampled_from([0.25, 2.25, 5.25]), min_size=len(file.counts), max_size=len(file.counts))
    return behind.map(
        lambda some: File(
            file.source, file.told_at, file.counts, tuple(file.told_at + one for one in some), file.is_full
        )
    )


def events(minutes: st.SearchStrategy[float]) -> st.SearchStrategy[Event]:
    kinds: st.SearchStrategy[MovementKind] = st.sampled_from(["sale", "delivery"])
    return st.builds(Event, st.sampled_from(SOURCES), minutes, PLACE, kinds, st.integers(-1, 2).filter(bool))


def counts(minutes: st.SearchStrategy[float]) -> st.SearchStrategy[Count]:
    return st.builds(Count, st.sampled_from(SOURCES), minutes, PLACE, st.integers(1, 3))


def looks(minutes: st.SearchStrategy[float]) -> st.SearchStrategy[Look]:
    return st.builds(Look, minutes, PLACE, WORDS)

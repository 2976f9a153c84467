"""A chunk of parsed lines becomes stores, items and levels: one transaction, good rows in, bad rows listed."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from geo.distance import distance_m
from geo.point import Point
from inventory_service.domain.clock import clock_fault
from inventory_service.domain.feed import ProductRow, Refusal, Row
from inventory_service.domain.level import Record
from inventory_service.storage import loads, products, stores
from inventory_service.storage.apply import Applied, apply_records, lock_retailer
from inventory_service.storage.describe_items import Described, describe_items
from inventory_service.storage.describe_stores import describe_stores
from inventory_service.storage.loads import Rejected
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from store_sync import parking

SAME_PLACE_M = 1_000.0
"""Two rows of a store may differ so much in where it is."""
CLOCK_FAULTS = {
    "future": "The row was observed more than 5 minutes ahead of our clock.",
    "too_old": "The row was observed before the year 2000.",
}


Apply = Callable[[Connection, int, Iterable[tuple[Key, Record]], datetime], Awaitable[Applied]]
"""How records become levels: as a delta's or as a snapshot's."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a load knows of itself. `as_of` orders reports of one moment; `observed_at` stands for rows without time."""

    load_id: int
    source_id: int
    profile: stores.RetailerProfile
    as_of: datetime
    observed_at: datetime
    apply: Apply = apply_records
    points: dict[tuple[str, str], Point] = field(default_factory=dict)
    """Where the file first put each (retailer, store_code)."""


@dataclass(slots=True)
class Tally:
    """rows = applied + unchanged + rejected."""

    applied: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    """The positions that rows spoke of, refused or not."""
    unread: int = 0
    """Refused lines of which nobody can tell what they spoke of."""
    shared: int = 0
    """Rows of items that are the same product as another item of the retailer: their counts add up."""

    @property
    def rows(self) -> int:
        return self.applied + self.unchanged + len(self.rejected)

    def add(self, other: "Tally") -> None:
        self.applied += other.applied
        self.unchanged += other.unchanged
        self.rejected += other.rejected
        self.keys += other.keys
        self.unread += other.unread
        self.shared += other.shared


async def take_in(connection: Connection, intake: Intake, chunk: Sequence[Row | Refusal], now: datetime) -> Tally:
    """Applies a chunk within the caller's transaction and writes its progress."""
    refusals = [one for one in chunk if isinstance(one, Refusal)]
    tally = Tally(rejected=[_rejected(one) for one in refusals])
    alone = [one for one in chunk if isinstance(one, Row) and not _is_elsewhere(one, intake, tally)]
    rows = sorted(alone, key=lambda row: _retailer(row, intake))
    by_retailer = {slug: list(some) for slug, some in groupby(rows, key=lambda row: _retailer(row, intake))}
    retailer_ids = await _locked(connection, intake, list(by_retailer), now)
    for slug, some in by_retailer.items():
        tally.add(await _take_in_retailer(connection, intake, retailer_ids[slug], some, now))
    await _note_refused(connection, intake, refusals, tally, now)
    await loads.reject(connection, intake.load_id, sorted(tally.rejected, key=attrgetter("line")))
    await loads.progress(
        connection,
        intake.load_id,
        rows=tally.rows,
        applied=tally.applied,
        unchanged=tally.unchanged,
        rejected=len(tally.rejected),
    )
    return tally


def _is_elsewhere(row: Row, intake: Intake, tally: Tally) -> bool:
    """Whether the file has put this row's store at another place before; if so the row is refused."""
    store = row.store
    if store is None or store.point is None:
        return False
    first = intake.points.setdefault((_retailer(row, intake), store.store_code), store.point)
    if first == store.point or distance_m(first, store.point) <= SAME_PLACE_M:
        return False
    detail = f"An earlier row of the file gives the code {store.store_code} to a place elsewhere."
    tally.rejected.append(Rejected(row.line, "store_code", "duplicate", detail, row.raw))
    return True


async def _note_refused(
    connection: Connection, intake: Intake, refusals: Sequence[Refusal], tally: Tally, now: datetime
) -> None:
    """What refused lines spoke of is not absent."""
    about = [one.about for one in refusals if one.about is not None]
    tally.unread = len(refusals) - len(about)
    if not about:
        return
    retailer_id = await stores.ensure_retailer(connection, intake.profile, now)
    store_ids = await stores.ids(connection, retailer_id, {code for code, _ in about})
    items = await products.items(connection, retailer_id, sorted({item_id for _, item_id in about}))
    tally.keys += [
        (items[item_id][0].product_id, store_ids[code])
        for code, item_id in about
        if code in store_ids and item_id in items
    ]


def _retailer(row: Row, intake: Intake) -> str:
    named = (row.store and row.store.retailer) or (row.stock and row.stock.retailer)
    return named or intake.profile.slug


async def _locked(connection: Connection, intake: Intake, slugs: Sequence[str], now: datetime) -> dict[str, int]:
    """slug → retailer_id. All are locked in one order before anything else is, lest two loaders wait in a ring."""
    found = {}
    for slug in slugs:
        profile = intake.profile if slug == intake.profile.slug else stores.RetailerProfile(slug, slug)
        found[slug] = await stores.ensure_retailer(connection, profile, now)
    for retailer_id in sorted(found.values()):
        await lock_retailer(connection, retailer_id)
    return found


async def _take_in_retailer(
    connection: Connection, intake: Intake, retailer_id: int, rows: Sequence[Row], now: datetime
) -> Tally:
    described = await describe_stores(
        connection, retailer_id, [row.store for row in rows if row.store], intake.observed_at, now
    )
    if described.added:
        await parking.release(connection, retailer_id, sorted(described.added), now)
    items = await describe_items(connection, retailer_id, _product_rows(rows), intake.observed_at, now)
    stock_rows = [row for row in rows if row.stock]
    tally = await _apply_stock(connection, intake, retailer_id, stock_rows, items, now)
    _count_products([row for row in rows if row.product and not row.stock], items.changed, tally)
    told = described.added | described.changed
    _count_stores([row for row in rows if row.store and not row.product and not row.stock], described.ids, told, tally)
    return tally


def _product_rows(rows: Sequence[Row]) -> list[ProductRow]:
    described = [row.product for row in rows if row.product]
    told = {product.item_id for product in described}
    named = [
        ProductRow(row.stock.item_id, row.stock.gtin) for row in rows if row.stock and row.stock.item_id not in told
    ]
    return [*described, *named]


async def _apply_stock(
    connection: Connection,
    intake: Intake,
    retailer_id: int,
    rows: Sequence[Row],
    items: Described,
    now: datetime,
) -> Tally:
    if not rows:
        return Tally()
    codes = {row.stock.store_code for row in rows if row.stock}
    store_ids = await stores.ids(connection, retailer_id, codes)
    tally, records = Tally(), []
    for row in rows:
        stock = row.stock
        assert stock is not None
        observed_at = stock.observed_at or intake.observed_at
        fault = clock_fault(observed_at, now)
        if stock.store_code in store_ids:
            tally.keys.append((items.product_ids[stock.item_id], store_ids[stock.store_code]))
        if fault is not None:
            tally.rejected.append(Rejected(row.line, "observed_at", fault, CLOCK_FAULTS[fault], row.raw))
        elif stock.store_code not in store_ids:
            tally.rejected.append(parking.parked(row, stock, observed_at, retailer_id))
        else:
            rank = items.ranks[stock.item_id]
            tally.shared += rank > 0
            record = Record(observed_at, intake.as_of, stock.stock, intake.source_id, stock.details, rank)
            records.append((tally.keys[-1], record))
    applied = await intake.apply(connection, retailer_id, records, now)
    tally.applied, tally.unchanged = applied.changed, applied.unchanged
    return tally


def _count_products(rows: Sequence[Row], changed: frozenset[str], tally: Tally) -> None:
    """A row counts as applied if its item changed and it is the item's last row of the chunk."""
    last = {row.product.item_id: row.line for row in rows if row.product}
    for row in rows:
        assert row.product is not None
        if row.product.item_id in changed and last[row.product.item_id] == row.line:
            tally.applied += 1
        else:
            tally.unchanged += 1


def _count_stores(rows: Sequence[Row], ids: Mapping[str, int], changed: frozenset[str], tally: Tally) -> None:
    last = {row.store.store_code: row.line for row in rows if row.store}
    for row in rows:
        store = row.store
        assert store is not None
        if store.store_code not in ids:
            tally.rejected.append(
                Rejected(row.line, "point", "invalid_point", "The store has no coordinates.", row.raw)
            )
        elif store.store_code in changed and last[store.store_code] == row.line:
            tally.applied += 1
        else:
            tally.unchanged += 1


def _rejected(refusal: Refusal) -> Rejected:
    return Rejected(refusal.line, refusal.field, refusal.reason, refusal.detail, refusal.raw)

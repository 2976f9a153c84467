"""A chunk of parsed lines becomes stores, items and levels: one transaction, good rows in, bad rows listed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from geo.distance import distance_m
from inventory_service.domain.feed import ProductRow, Refusal, Row, StockColumns
from inventory_service.storage import loads, products, stores
from inventory_service.storage.apply import lock_retailer
from inventory_service.storage.describe_items import describe_items
from inventory_service.storage.describe_stores import describe_stores
from inventory_service.storage.loads import Rejected
from inventory_service.storage.postgres import Connection, may_be_lost
from store_sync import parking
from store_sync.column_intake import take_in_columns
from store_sync.job import Intake, Line
from store_sync.naming import Named, named
from store_sync.row_intake import apply_stock
from store_sync.tally import Tally

SAME_PLACE_M = 1_000.0
"""Two rows of a store may differ so much in where it is."""


async def take_in(
    connection: Connection, intake: Intake, chunk: Sequence[Line], now: datetime, waiting: Callable[[], None]
) -> Tally:
    """Applies a chunk within the caller's transaction and writes its progress.

    `waiting` is called when Postgres has much to do, and this process nothing for a while.
    """
    refusals = [one for one in chunk if isinstance(one, Refusal)]
    columns = [one for one in chunk if isinstance(one, StockColumns)]
    tally = Tally(rejected=[_rejected(one) for one in refusals])
    if not columns:
        waiting()
    alone = [one for one in chunk if isinstance(one, Row) and not _is_elsewhere(one, intake, tally)]
    rows = sorted(alone, key=lambda row: _retailer(row, intake))
    by_retailer = {slug: list(some) for slug, some in groupby(rows, key=lambda row: _retailer(row, intake))}
    own = [intake.profile.slug] if columns else []
    retailer_ids = await _locked(connection, intake, sorted({*by_retailer, *own}), now)
    for slug, some in by_retailer.items():
        tally.add(await _take_in_retailer(connection, intake, retailer_ids[slug], some, now))
    for one in columns:
        tally.add(await take_in_columns(connection, intake, retailer_ids[intake.profile.slug], one, now, waiting))
    await _note_refused(connection, intake, refusals)
    await loads.reject(connection, intake.load_id, sorted(tally.rejected, key=attrgetter("line")))
    await loads.progress(connection, intake.load_id, tally.progress, now)
    if tally.is_silent and len(columns) == len(chunk):
        await may_be_lost(connection)
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


async def _note_refused(connection: Connection, intake: Intake, refusals: Sequence[Refusal]) -> None:
    """What refused lines spoke of is not absent from a snapshot."""
    left = intake.leftovers
    if left is None or not refusals:
        return
    about = [one.about for one in refusals if one.about is not None]
    store_ids = await stores.ids(connection, intake.retailer_id, {code for code, _ in about})
    items = await products.items(connection, intake.retailer_id, sorted({item_id for _, item_id in about}))
    await left.meet(connection, store_ids.values())
    left.unread += len(refusals) - sum(code in store_ids for code, _ in about)
    here = [(store_ids[code], item_id) for code, item_id in about if code in store_ids]
    left.mention([(items[item_id][0].product_id, store_id) for store_id, item_id in here if item_id in items])
    for store_id, item_id in here:
        if item_id not in items:
            left.doubt(store_id)


def _retailer(row: Row, intake: Intake) -> str:
    parts = (row.store, row.stock, row.movement)
    return next((part.retailer for part in parts if part and part.retailer), intake.profile.slug)


async def _locked(connection: Connection, intake: Intake, slugs: Sequence[str], now: datetime) -> dict[str, int]:
    """slug → retailer_id. All are locked in one order before anything else is, lest two loaders wait in a ring."""
    found = {}
    for slug in slugs:
        if slug == intake.profile.slug:
            found[slug] = intake.retailer_id
        else:
            found[slug] = await stores.ensure_retailer(connection, stores.RetailerProfile(slug, slug), now)
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
    names = await named(connection, retailer_id, rows)
    rows = names.rows
    items = await describe_items(connection, retailer_id, _product_rows(names), intake.observed_at, now)
    reporting = [row for row in rows if row.stock or row.movement]
    tally = await apply_stock(connection, intake, retailer_id, reporting, items, now)
    told = {row.product.item_id for row in rows if row.product}
    tally.new_items = len(items.added - told)
    _count_products([row for row in rows if row.product and not row.stock], items.changed, tally)
    new = described.added | described.changed
    _count_stores([row for row in rows if row.store and not row.product and not row.stock], described.ids, new, tally)
    return tally


def _product_rows(names: Named) -> list[ProductRow]:
    described = [row.product for row in names.rows if row.product]
    told = {product.item_id for product in described}
    parts = [part for row in names.rows for part in (row.stock, row.movement) if part]
    return [
        *described,
        *(
            ProductRow(one.item_id, one.gtin, stands_in=one.item_id in names.standing_in)
            for one in parts
            if one.item_id and one.item_id not in told
        ),
    ]


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

"""Items as feeds describe them: which product each one is, what it is called and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inventory_service.domain.feed import ProductRow
from inventory_service.domain.gtin import is_restricted
from inventory_service.domain.report import Record, Report
from inventory_service.domain.seating import Seat, Seating
from inventory_service.storage import changes, positions, products, seating, stores
from inventory_service.storage.apply import apply_reports
from inventory_service.storage.folding import Times, stood_by
from inventory_service.storage.offers import price_to_json
from inventory_service.storage.postgres import Connection
from inventory_service.storage.products import ItemRecord, ProductRecord
from inventory_service.storage.reports import Position

Identity = tuple[str, int | None]
"""(GTIN, owner): the owner is set where the GTIN is a retailer's own number."""


@dataclass(frozen=True, slots=True)
class Described:
    """item_id → product_id, and the items of which something was new."""

    product_ids: Mapping[str, int]
    ranks: Mapping[str, int]
    """Above 0: another item of the retailer is the same product, and their counts add up."""
    changed: frozenset[str]
    added: frozenset[str]
    """Items that nobody had told of."""


@dataclass(slots=True)
class _Work:
    """One call's state: what is held, and what is to be written."""

    retailer_id: int
    as_of: datetime
    identities: Mapping[str, Identity | None]
    """By item_id."""
    items: dict[str, ItemRecord]
    products: dict[int, ProductRecord]
    by_identity: dict[Identity, int]
    merges: dict[int, str]
    """A product that turned out to be another → its item, which leads to that other."""
    seating: Seating
    stored: dict[int, ProductRecord]
    """Products as they are in Postgres by now."""


async def describe_items(
    connection: Connection, retailer_id: int, rows: Sequence[ProductRow], as_of: datetime, now: datetime
) -> Described:
    """Makes every item of `rows` known; a row that tells only an id and a GTIN describes nothing else.

    A GTIN that arrives for a nameless product names it, or merges it into the product that has the GTIN already.
    An item that is given another GTIN than it had takes what is held of it along. The caller holds the retailer's lock.
    """
    latest = _latest(rows)
    work = await _held(connection, retailer_id, latest, as_of)
    before_items, before_products = dict(work.items), dict(work.products)
    work.items = {key: _told_by(item, latest[key]) for key, item in work.items.items()}
    await _identify(connection, work, latest)
    for row in latest.values():
        _describe(work, row)
    new_items = {key: item for key, item in work.items.items() if item != before_items.get(key)}
    new_products = {key: one for key, one in work.products.items() if one != before_products.get(key)}
    unwritten = {key: one for key, one in new_products.items() if one != work.stored.get(key)}
    await _write(connection, work, new_items, unwritten, now)
    left = {before_items[key].product_id for key in new_items if key in before_items}
    if work.seating.moves or work.seating.replaced or work.merges:
        await stores.renew_catalogue(connection, retailer_id)
    touched = {item.product_id for item in new_items.values()} | left | set(new_products)
    changed = {key for key, item in work.items.items() if key in new_items or item.product_id in new_products}
    if touched:
        await changes.append(connection, "products", sorted(touched | set(work.merges)), [], now)
    return Described(
        {key: item.product_id for key, item in work.items.items()},
        {key: item.rank for key, item in work.items.items()},
        frozenset(changed),
        frozenset(work.items.keys() - before_items.keys()),
    )


def _latest(rows: Sequence[ProductRow]) -> dict[str, ProductRow]:
    """The last row of an item, with what earlier ones alone told."""
    latest: dict[str, ProductRow] = {}
    for row in rows:
        before = latest.get(row.item_id)
        if before is not None:
            row = replace(row, gtin=row.gtin or before.gtin, stands_in=row.stands_in and before.stands_in)
        latest[row.item_id] = row
    return latest


async def _held(connection: Connection, retailer_id: int, latest: Mapping[str, ProductRow], as_of: datetime) -> _Work:
    known = await products.items(connection, retailer_id, list(latest))
    gtins = sorted({row.gtin for row in latest.values() if row.gtin})
    by_gtin = await products.by_gtin(connection, gtins, retailer_id) if gtins else {}
    held = {item.product_id: product for item, product in known.values()}
    held.update(by_gtin.values())
    return _Work(
        retailer_id,
        as_of,
        {key: _identity(row.gtin, retailer_id) for key, row in latest.items()},
        {key: item for key, (item, _) in known.items()},
        held,
        {identity: product_id for identity, (product_id, _) in by_gtin.items()},
        {},
        Seating({}, ()),
        dict(held),
    )


def _told_by(item: ItemRecord, row: ProductRow) -> ItemRecord:
    """An item that is told by its own id stands in no longer."""
    return replace(item, stands_in=False) if item.stands_in and not row.stands_in else item


async def _identify(connection: Connection, work: _Work, latest: Mapping[str, ProductRow]) -> None:
    """Gives every item its product; adds the products that nobody has."""
    for row in latest.values():
        _adopt(work, row)
    await _add_products(connection, work, latest)
    meant = {key: work.by_identity[identity] for key, identity in work.identities.items() if identity is not None}
    moved = {key: product_id for key, product_id in meant.items() if not _is(work.items.get(key), product_id)}
    if moved:
        await _seat(connection, work, moved, latest)


async def _seat(
    connection: Connection, work: _Work, moved: Mapping[str, int], latest: Mapping[str, ProductRow]
) -> None:
    """Gives `moved` items (item_id → product_id) their seats, and closes up those whom they leave."""
    left = {work.items[key].product_id for key in moved if key in work.items} - work.merges.keys()
    tenants = await seating.tenants(connection, work.retailer_id, sorted({*moved.values(), *left}))
    own = {key for key, row in latest.items() if not row.stands_in}
    work.seating = Seating(tenants, moved, own)
    for item_id, rank in work.seating.reranked.items():
        if item_id in work.items:
            work.items[item_id] = replace(work.items[item_id], rank=rank)
    for item_id, product_id in moved.items():
        before = work.items.get(item_id)
        item = work.items[item_id] = _item(work, latest[item_id], product_id, before)
        if before is not None and before.product_id in left:
            work.seating.moves[Seat(before.product_id, before.rank)] = Seat(item.product_id, item.rank)


def _is(item: ItemRecord | None, product_id: int) -> bool:
    return item is not None and item.product_id == product_id


def _adopt(work: _Work, row: ProductRow) -> None:
    """A GTIN for an item that had none: its product gets it, or turns out to be another."""
    item, identity = work.items.get(row.item_id), work.identities[row.item_id]
    if item is None or identity is None or work.products[item.product_id].gtin is not None:
        return
    if identity in work.by_identity:
        work.merges[item.product_id] = row.item_id
        return
    gtin, owner_id = identity
    work.products[item.product_id] = replace(work.products[item.product_id], gtin=gtin, owner_id=owner_id)
    work.by_identity[identity] = item.product_id


async def _add_products(connection: Connection, work: _Work, latest: Mapping[str, ProductRow]) -> None:
    wanted: dict[Identity, ProductRecord] = {}
    for item_id, row in latest.items():
        identity = work.identities[item_id]
        if identity is not None and identity not in work.by_identity and identity not in wanted:
            wanted[identity] = _described(work, _blank(*identity, work.as_of), row)
    nameless = [row for row in latest.values() if row.gtin is None and row.item_id not in work.items]
    if wanted:
        await products.add(connection, [record for _, record in sorted(wanted.items(), key=_by_text)])
        found = await products.by_gtin(connection, [gtin for gtin, _ in wanted], work.retailer_id)
        for identity, (product_id, product) in found.items():
            work.by_identity[identity] = product_id
            work.products[product_id] = work.stored[product_id] = product
    blank = _blank(None, work.retailer_id, work.as_of)
    records = [_described(work, blank, row) for row in nameless]
    added = await products.add(connection, records) if records else []
    for row, record, (product_id, _) in zip(nameless, records, added, strict=True):
        work.products[product_id] = work.stored[product_id] = record
        work.items[row.item_id] = _item(work, row, product_id, None)


def _item(work: _Work, row: ProductRow, product_id: int, before: ItemRecord | None) -> ItemRecord:
    price, as_of = (before.price, before.as_of) if before else (None, work.as_of)
    stands_in = row.stands_in and (before is None or before.stands_in)
    rank = work.seating.take(product_id)
    return ItemRecord(row.item_id, product_id, price, as_of, rank, stands_in)


def _blank(gtin: str | None, owner_id: int | None, as_of: datetime) -> ProductRecord:
    return ProductRecord(gtin, owner_id, None, None, None, None, None, as_of)


def _by_text(told: tuple[Identity, ProductRecord]) -> str:
    return str(told[0])


def _identity(gtin: str | None, retailer_id: int) -> Identity | None:
    if gtin is None:
        return None
    return (gtin, retailer_id if is_restricted(gtin) else None)


def _describe(work: _Work, row: ProductRow) -> None:
    item = work.items[row.item_id]
    price = price_to_json(row.price, row.sale_price)
    if price and work.as_of >= item.as_of:
        work.items[row.item_id] = replace(item, price=price, as_of=work.as_of)
    product = work.products[item.product_id]
    work.products[item.product_id] = _described(work, product, row)


def _described(work: _Work, product: ProductRecord, row: ProductRow) -> ProductRecord:
    """The product with what `row` calls it, where that counts."""
    if row.name is None or work.as_of < product.as_of or product.described_by not in (None, work.retailer_id):
        return product
    described = replace(
        product,
        name=row.name,
        brand=row.brand or product.brand,
        image_url=row.image_url or product.image_url,
        category=row.category or product.category,
        described_by=work.retailer_id,
    )
    return replace(described, as_of=work.as_of) if described != product else product


async def _write(
    connection: Connection,
    work: _Work,
    new_items: Mapping[str, ItemRecord],
    new_products: Mapping[int, ProductRecord],
    now: datetime,
) -> None:
    if new_products:
        await products.describe(connection, dict(sorted(new_products.items())))
    if work.seating.replaced:
        await products.take_out(connection, work.retailer_id, work.seating.replaced)
    if new_items:
        await products.put_items(connection, work.retailer_id, [item for _, item in sorted(new_items.items())])
    if work.seating.reranked:
        await seating.rerank(connection, work.retailer_id, work.seating.reranked)
    if work.seating.moves:
        await seating.move(connection, work.retailer_id, work.seating.moves, now)
    for product_id, item_id in sorted(work.merges.items()):
        await _merge(connection, product_id, work.items[item_id], now)


async def _merge(connection: Connection, product_id: int, item: ItemRecord, now: datetime) -> None:
    """Folds the reports of a product that has turned out to be another into that one."""
    held = await positions.of_product(connection, product_id)
    times = await positions.snapshot_times(connection, [position.store_id for position in held])
    moved = [
        ((item.product_id, position.store_id), replace(report, rank=item.rank))
        for position in held
        for report in _told(position, times[position.store_id])
    ]
    await apply_reports(connection, moved, now)
    await products.merge(connection, product_id, item.product_id)


def _told(position: Position, times: Times) -> list[Report]:
    """All that is kept of a position; what is not kept, as one record of what it came to."""
    history = stood_by(position, times)
    sums = [standing.level for standing in history.standings]
    return [
        *(Record(one.observed_at, one.as_of, one.stock, one.source_id, load_id=one.load_id) for one in sums),
        *history.counted,
    ]

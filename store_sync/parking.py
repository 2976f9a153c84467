"""Reports of stores that are not known yet: listed as rejected, kept, and applied once the store loads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inventory_service.domain.feed import Row, StockRow
from inventory_service.domain.level import Record
from inventory_service.domain.stock import Stock
from inventory_service.storage import loads, products, stores
from inventory_service.storage.apply import apply_records
from inventory_service.storage.loads import Parked, Rejected
from inventory_service.storage.offers import details_from_json, details_to_json
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

AT_ONCE = 5_000


def parked(row: Row, stock: StockRow, observed_at: datetime, retailer_id: int) -> Rejected:
    """The entry in the list of refused lines, with the report that waits."""
    if row.store is not None:
        field, detail = "point", "The place has no coordinates and no other row has told them yet; the row is parked."
    else:
        field, detail = "store_code", f"No store {stock.store_code} is known yet; the row is parked until it loads."
    report = {
        "item_id": stock.item_id,
        "low": stock.stock.low,
        "high": stock.stock.high,
        "observed_at": observed_at.isoformat(),
        "details": details_to_json(stock.details),
    }
    return Rejected(row.line, field, "unknown_store", detail, row.raw, report, retailer_id, stock.store_code)


async def release(connection: Connection, retailer_id: int, codes: Sequence[str], now: datetime) -> int:
    """Applies what waited for stores that are known now; returns how many reports. Runs in the caller's transaction."""
    released = 0
    while waiting := await loads.parked(connection, retailer_id, codes, AT_ONCE):
        records = await _records(connection, retailer_id, waiting)
        await apply_records(connection, retailer_id, records, now)
        await loads.resolve(connection, [one.rejected_id for one in waiting], now)
        released += len(waiting)
    return released


async def _records(connection: Connection, retailer_id: int, waiting: Sequence[Parked]) -> list[tuple[Key, Record]]:
    store_ids = await stores.ids(connection, retailer_id, {one.store_code for one in waiting})
    items = await products.items(connection, retailer_id, [one.report["item_id"] for one in waiting])
    return [
        ((item.product_id, store_ids[one.store_code]), _record(one, one.report, item.rank))
        for one in waiting
        for item, _ in (items[one.report["item_id"]],)
    ]


def _record(one: Parked, report: dict[str, Any], rank: int) -> Record:
    return Record(
        datetime.fromisoformat(report["observed_at"]),
        one.as_of,
        Stock(report["low"], report["high"]),
        one.source_id,
        details_from_json(report["details"]),
        rank,
    )

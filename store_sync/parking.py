"""Reports of stores that are not known yet: listed as rejected, kept, and applied once the store loads."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from inventory_service.domain.feed import MovementRow, Row, StockRow
from inventory_service.domain.gtin import parse_gtin
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import Stock
from inventory_service.storage import loads, products, stores
from inventory_service.storage.apply import apply_reports
from inventory_service.storage.loads import Parked, Rejected
from inventory_service.storage.offers import details_from_json, details_to_json
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

AT_ONCE = 5_000


def parked(row: Row, part: StockRow | MovementRow, observed_at: datetime, retailer_id: int) -> Rejected:
    """The entry in the list of refused lines, with the report that waits."""
    if row.store is not None:
        field, detail = "point", "The place has no coordinates and no other row has told them yet; the row is parked."
    else:
        field, detail = "store_code", f"No store {part.store_code} is known yet; the row is parked until it loads."
    report = {"item_id": part.item_id, "observed_at": observed_at.isoformat(), **_told(part)}
    return Rejected(row.line, field, "unknown_store", detail, row.raw, report, retailer_id, part.store_code)


async def release(connection: Connection, retailer_id: int, codes: Sequence[str], now: datetime) -> int:
    """Applies what waited for stores that are known now; returns how many reports. Runs in the caller's transaction."""
    released = 0
    while waiting := await loads.parked(connection, retailer_id, codes, AT_ONCE):
        reports = await _reports(connection, retailer_id, waiting)
        await apply_reports(connection, reports, now)
        await loads.resolve(connection, [one.rejected_id for one in waiting], now)
        released += len(waiting)
    return released


async def _reports(connection: Connection, retailer_id: int, waiting: Sequence[Parked]) -> list[tuple[Key, Report]]:
    store_ids = await stores.ids(connection, retailer_id, {one.store_code for one in waiting})
    items = await _items(connection, retailer_id, {one.report["item_id"] for one in waiting})
    return [
        ((product_id, store_ids[one.store_code]), _report(one, rank))
        for one in waiting
        for product_id, rank in (items[one.report["item_id"]],)
    ]


async def _items(connection: Connection, retailer_id: int, item_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """item_id → (product_id, rank); an item that stood in for a GTIN is by now the one that has it."""
    known = await products.numbers(connection, retailer_id, list(item_ids))
    gone = {parse_gtin(item_id): item_id for item_id in item_ids if item_id not in known}
    others = await products.items_by_gtin(connection, retailer_id, list(gone)) if gone else {}
    seats = await products.numbers(connection, retailer_id, [one.item_id for one in others.values()])
    return known | {gone[gtin]: seats[one.item_id] for gtin, one in others.items()}


def _told(part: StockRow | MovementRow) -> dict[str, Any]:
    if isinstance(part, MovementRow):
        return {"kind": part.kind, "quantity": part.quantity, "event_id": part.event_id}
    return {"low": part.stock.low, "high": part.stock.high, "details": details_to_json(part.details)}


def _report(one: Parked, rank: int) -> Report:
    told: Mapping[str, Any] = one.report
    observed_at = datetime.fromisoformat(told["observed_at"])
    if "event_id" in told:
        event = (told["kind"], told["quantity"], one.source_id, told["event_id"])
        return Movement(observed_at, observed_at, *event, rank, one.load_id)
    as_of = observed_at if one.is_live else one.as_of
    stock, details = Stock(told["low"], told["high"]), details_from_json(told["details"])
    return Record(observed_at, as_of, stock, one.source_id, details, rank, load_id=one.load_id)

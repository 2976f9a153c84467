"""Rows that speak of stock become reports, and reports levels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from inventory_service.domain.clock import clock_fault
from inventory_service.domain.feed import MovementRow, Row, StockRow
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.storage import stores
from inventory_service.storage.apply import apply_reports
from inventory_service.storage.describe_items import Described
from inventory_service.storage.loads import Rejected
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from store_sync import parking
from store_sync.job import Intake
from store_sync.tally import Tally

CLOCK_FAULTS = {
    "future": "The row was observed more than 5 minutes ahead of our clock.",
    "too_old": "The row was observed before the year 2000.",
}
TOO_LATE = "It is from before what is kept of this position: a later count has long since been taken."


async def apply_stock(
    connection: Connection, intake: Intake, retailer_id: int, rows: Sequence[Row], items: Described, now: datetime
) -> Tally:
    """Folds what `rows` say of stock; what cannot be folded is listed or waits for its store."""
    tally = Tally()
    if not rows:
        return tally
    store_ids = await stores.ids(connection, retailer_id, {part.store_code for _, part in _parts(rows)})
    reports: list[tuple[Key, Report]] = []
    places: list[int] = []
    mentioned: list[Key] = []
    for place, part in _parts(rows):
        store_id, item_id, row = store_ids.get(part.store_code), part.item_id or "", rows[place]
        observed_at = part.observed_at or intake.observed_at
        if store_id is not None:
            mentioned.append((items.product_ids[item_id], store_id))
        if fault := clock_fault(observed_at, now):
            tally.rejected.append(Rejected(row.line, "observed_at", fault, CLOCK_FAULTS[fault], row.raw))
        elif store_id is None:
            tally.rejected.append(parking.parked(row, part, observed_at, retailer_id))
        else:
            tally.shared += items.ranks[item_id] > 0
            tally.observed(observed_at)
            reports.append((mentioned[-1], _report(part, observed_at, items.ranks[item_id], intake)))
            places.append(place)
    if intake.leftovers is not None:
        await intake.leftovers.meet(connection, store_ids.values())
        intake.leftovers.mention(mentioned)
    applied = await apply_reports(connection, reports, now, intake.mode)
    tally.count(applied)
    late = (rows[places[one]] for one in applied.too_late)
    tally.rejected += [Rejected(row.line, "observed_at", "too_late", TOO_LATE, row.raw) for row in late]
    return tally


def _report(part: StockRow | MovementRow, observed_at: datetime, rank: int, intake: Intake) -> Report:
    as_of, by, load_id = intake.as_of or observed_at, intake.source_id, intake.load_id
    if isinstance(part, MovementRow):
        return Movement(observed_at, observed_at, part.kind, part.quantity, by, part.event_id, rank, load_id)
    return Record(observed_at, as_of, part.stock, by, part.details, rank, load_id=load_id)


def _parts(rows: Sequence[Row]) -> Iterator[tuple[int, StockRow | MovementRow]]:
    for place, row in enumerate(rows):
        part = row.stock or row.movement
        if part is not None:
            yield place, part


def _of_item(row: Row, item_id: str) -> Row:
    if row.movement is not None:
        return replace(row, movement=replace(row.movement, item_id=item_id))
    assert row.stock is not None
    return replace(row, stock=replace(row.stock, item_id=item_id))

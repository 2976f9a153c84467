"""Stock in columns becomes levels, without an object a line."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.clock import EARLIEST, FUTURE_TOLERANCE, at_micros, clock_fault, micros
from inventory_service.domain.feed import Coded, Row, StockColumns
from inventory_service.domain.report import Record, Report
from inventory_service.storage import lane, stores
from inventory_service.storage.apply import apply_columns, apply_new_columns
from inventory_service.storage.columns import NO_UPPER_BOUND, Columns, Numbered
from inventory_service.storage.holdings import Holdings
from inventory_service.storage.loads import Rejected
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from store_sync import parking
from store_sync.job import Intake
from store_sync.row_intake import CLOCK_FAULTS
from store_sync.tally import Tally

UNKNOWN = -1


async def take_in_columns(
    connection: Connection,
    intake: Intake,
    retailer_id: int,
    told: StockColumns,
    now: datetime,
    waiting: Callable[[], None],
) -> Tally:
    """Folds the lines of `told`; those of stores that are not known wait for them. Under the retailer's lock."""
    tally, observed_us = Tally(), _observed_us(intake, told)
    product_ids, tally.new_items = await intake.catalogue.product_ids(
        connection, retailer_id, told.item_ids, intake.observed_at, now
    )
    store_ids = await _store_ids(connection, retailer_id, told.store_codes)
    shared = intake.catalogue.shared(told.item_ids)
    known, sound = store_ids != UNKNOWN, _is_sound(observed_us, now)
    here = known & sound
    for place in np.flatnonzero(~here).tolist():
        tally.rejected.append(_refused(told.row(place), at_micros(int(observed_us[place])), retailer_id, now))
    tally.shared = int(here[list(shared)].sum())
    if not here.any():
        return tally
    tally.observed(at_micros(int(observed_us[here].max())))
    alone = here.copy()
    alone[list(shared)] = False
    columns = _columns(intake, told, product_ids, store_ids, observed_us, alone)
    waiting()
    where = product_ids, store_ids, observed_us
    rest = [_record(intake, told, place, rank, *where) for place, rank in shared.items() if here[place]]
    arrived = columns, rest
    applied = None
    if intake.ground.is_new and intake.leftovers is None:
        applied = await apply_new_columns(connection, *arrived, now, intake.mode)
    if applied is None:
        held = await _held(connection, intake, columns, product_ids[known], store_ids[known])
        intake.ground.is_new = not len(held)
        applied = await apply_columns(connection, *arrived, held, now, intake.mode)
    tally.count(applied)
    return tally


def _observed_us(intake: Intake, told: StockColumns) -> NDArray[np.int64]:
    if told.observed_us is not None:
        return told.observed_us
    return np.full(len(told), micros(intake.observed_at), dtype=np.int64)


def _is_sound(observed_us: NDArray[np.int64], now: datetime) -> NDArray[np.bool_]:
    """Where `clock_fault` finds none."""
    return (observed_us >= micros(EARLIEST)) & (observed_us <= micros(now + FUTURE_TOLERANCE))


def _refused(row: Row, observed_at: datetime, retailer_id: int, now: datetime) -> Rejected:
    """Of a time that cannot be true, or else of a store that is not known."""
    assert row.stock is not None
    if fault := clock_fault(observed_at, now):
        return Rejected(row.line, "observed_at", fault, CLOCK_FAULTS[fault], row.raw)
    return parking.parked(row, row.stock, observed_at, retailer_id)


async def _store_ids(connection: Connection, retailer_id: int, store_codes: Coded[str]) -> NDArray[np.int32]:
    used = {code: store_codes.values[code] for code in store_codes.used()}
    known = await stores.ids(connection, retailer_id, set(used.values()))
    return _told(store_codes, {code: known.get(text, UNKNOWN) for code, text in used.items()})


def _told(column: Coded[Any], by_code: Mapping[int, int]) -> NDArray[np.int32]:
    """A number for each place, by the code that stands there."""
    table = np.zeros(max(by_code, default=0) + 1, dtype=np.int32)
    table[list(by_code)] = list(by_code.values())
    return table[column.codes]


async def _held(
    connection: Connection,
    intake: Intake,
    columns: Columns,
    product_ids: NDArray[np.int32],
    store_ids: NDArray[np.int32],
) -> Holdings:
    """What is held of the columns' positions; a snapshot reads each store whole when it first meets it."""
    if intake.leftovers is None:
        return await lane.held_of(connection, columns, intake.sizes)
    here = np.unique(store_ids).tolist()
    met = set(intake.leftovers.stores())
    held = await intake.leftovers.meet(connection, here)
    intake.sizes.update(held.sizes())
    intake.leftovers.mention_columns(product_ids, store_ids)
    again = np.isin(columns.store_ids, [one for one in here if one in met])
    return held if not again.any() else held.joined(await lane.held_of(connection, columns.where(again), intake.sizes))


def _columns(
    intake: Intake,
    told: StockColumns,
    product_ids: NDArray[np.int32],
    store_ids: NDArray[np.int32],
    observed_us: NDArray[np.int64],
    chosen: NDArray[np.bool_],
) -> Columns:
    numbered = Numbered()
    stocks = {code: told.stocks.values[code] for code in told.stocks.used()}
    high = {code: NO_UPPER_BOUND if stock.high is None else stock.high for code, stock in stocks.items()}
    whole = Columns(
        product_ids,
        store_ids,
        _told(told.stocks, {code: stock.low for code, stock in stocks.items()}),
        _told(told.stocks, high),
        observed_us,
        observed_us if intake.as_of is None else np.full(len(told), micros(intake.as_of), dtype=np.int64),
        _told(told.details, {code: numbered.number(told.details.values[code]) for code in told.details.used()}),
        numbered.details,
        intake.source_id,
        intake.load_id,
    )
    return whole if chosen.all() else whole.where(chosen)


def _record(
    intake: Intake,
    told: StockColumns,
    place: int,
    rank: int,
    product_ids: NDArray[np.int32],
    store_ids: NDArray[np.int32],
    observed_us: NDArray[np.int64],
) -> tuple[Key, Report]:
    observed_at = at_micros(int(observed_us[place]))
    record = Record(
        observed_at,
        intake.as_of or observed_at,
        told.stocks[place],
        intake.source_id,
        told.details[place],
        rank,
        load_id=intake.load_id,
    )
    return (int(product_ids[place]), int(store_ids[place])), record

"""Stock in columns becomes levels, without an object a line."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.feed import StockColumns
from inventory_service.domain.report import Record, Report
from inventory_service.storage import lane, stores, wire
from inventory_service.storage.apply import apply_columns
from inventory_service.storage.lane import Columns, Numbered
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import micros
from store_sync import parking
from store_sync.job import Intake
from store_sync.tally import Tally

T = TypeVar("T")

UNKNOWN = -1


async def take_in_columns(
    connection: Connection, intake: Intake, retailer_id: int, told: StockColumns, now: datetime
) -> Tally:
    """Folds the lines of `told`; those of stores that are not known wait for them. Under the retailer's lock."""
    tally = Tally()
    product_ids, tally.new_items = await intake.catalogue.product_ids(
        connection, retailer_id, told.item_ids, intake.observed_at, now
    )
    codes = set(told.store_codes)
    known = await stores.ids(connection, retailer_id, codes)
    by_code = {code: known.get(code, UNKNOWN) for code in codes}
    store_ids = np.fromiter(map(by_code.__getitem__, told.store_codes), np.int32, len(told))
    shared = intake.catalogue.shared(told.item_ids)
    here = store_ids != UNKNOWN
    for place in np.flatnonzero(~here).tolist():
        row = told.row(place)
        assert row.stock is not None
        tally.rejected.append(parking.parked(row, row.stock, intake.observed_at, retailer_id))
    tally.shared = len(shared)
    if not here.any():
        return tally
    tally.observed(intake.observed_at)
    alone = here.copy()
    alone[list(shared)] = False
    columns = _columns(intake, told, product_ids, store_ids, alone)
    held = await _held(connection, intake, columns, product_ids[here], store_ids[here])
    rest = [_record(intake, told, place, rank, product_ids, store_ids) for place, rank in shared.items() if here[place]]
    tally.count(await apply_columns(connection, retailer_id, columns, rest, held, now, intake.mode))
    return tally


async def _held(
    connection: Connection,
    intake: Intake,
    columns: Columns,
    product_ids: NDArray[np.int32],
    store_ids: NDArray[np.int32],
) -> wire.Column:
    """What is held of the columns' positions; a snapshot reads each store whole when it first meets it."""
    if intake.leftovers is None:
        return await lane.held_of(connection, columns)
    here = np.unique(store_ids).tolist()
    met = set(intake.leftovers.stores())
    held = await intake.leftovers.meet(connection, here)
    intake.leftovers.mention_columns(product_ids, store_ids)
    again = np.isin(columns.store_ids, [one for one in here if one in met])
    return held if not again.any() else np.concatenate([held, await lane.held_of(connection, columns.where(again))])


def _columns(
    intake: Intake,
    told: StockColumns,
    product_ids: NDArray[np.int32],
    store_ids: NDArray[np.int32],
    chosen: NDArray[np.bool_],
) -> Columns:
    numbered = Numbered()
    size = len(told)
    stocks, stock_places = _distinct(told.stocks)
    details, details_places = _distinct(told.details)
    high = [lane.NO_UPPER_BOUND if stock.high is None else stock.high for stock in stocks]
    whole = Columns(
        product_ids,
        store_ids,
        np.array([stock.low for stock in stocks], dtype=np.int32)[stock_places],
        np.array(high, dtype=np.int32)[stock_places],
        np.full(size, micros(intake.observed_at), dtype=np.int64),
        np.full(size, micros(intake.as_of or intake.observed_at), dtype=np.int64),
        np.array([numbered.number(one) for one in details], dtype=np.int32)[details_places],
        numbered.details,
        intake.source_id,
        intake.load_id,
    )
    return whole if chosen.all() else whole.where(chosen)


def _distinct(values: Sequence[T]) -> tuple[list[T], NDArray[np.intp]]:
    """The objects among `values`, each once, and which of them stands at each place: lines share theirs."""
    addresses = np.fromiter(map(id, values), np.int64, len(values))
    _, firsts, places = np.unique(addresses, return_index=True, return_inverse=True)
    return [values[first] for first in firsts.tolist()], places


def _record(
    intake: Intake,
    told: StockColumns,
    place: int,
    rank: int,
    product_ids: Sequence[int] | NDArray[np.int32],
    store_ids: Sequence[int] | NDArray[np.int32],
) -> tuple[Key, Report]:
    as_of = intake.as_of or intake.observed_at
    record = Record(
        intake.observed_at,
        as_of,
        told.stocks[place],
        intake.source_id,
        told.details[place],
        rank,
        load_id=intake.load_id,
    )
    return (int(product_ids[place]), int(store_ids[place])), record

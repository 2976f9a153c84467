"""Reports become levels: fold, levels and change log in one transaction of the caller's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from inventory_service.domain.clock import micros
from inventory_service.domain.report import Record, Report
from inventory_service.storage import changes, lane, positions
from inventory_service.storage.columns import NO_UPPER_BOUND, Columns, Numbered
from inventory_service.storage.folding import Folded, fold_into, write
from inventory_service.storage.holdings import NOTHING_HELD, Holdings
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection, unless_there
from inventory_service.storage.stocking import Mode

LOCK_RETAILER = 0x4E53
"""Class of the advisory locks that let one writer at a time fold a retailer's positions."""
WORTH_COLUMNS = 100
"""From so many records on, columns cost less than they save."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many of the reports gave their position another level, and how many left it or were overruled.

    `duplicates`: those of the unchanged that were held already. `logged`: positions that were written or told to the
    change log. `too_late`: places of the reports of a time of which nothing is kept any more; they are neither.
    """

    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    logged: int = 0
    too_late: tuple[int, ...] = ()
    conflicting: int = 0
    """Records beside which another tells another count of the same moment: the smaller one holds."""


async def apply_reports(
    connection: Connection, reports: Sequence[tuple[Key, Report]], now: datetime, mode: Mode = "delta"
) -> Applied:
    """Folds `reports` of one retailer's stores into what is held and logs every key, changed or not.

    Logging the unchanged ones too makes a replay repair the cache. The caller holds the retailer's lock.
    """
    if not reports:
        return Applied()
    plain = _plain_places(reports)
    if len(plain) < WORTH_COLUMNS:
        return await _fold(connection, range(len(reports)), reports, now, mode)
    columns = _columns([reports[place] for place in plain])
    outcome = await _pass_through(connection, columns, await lane.held_of(connection, columns, {}), now, mode)
    left = sorted({*range(len(reports))} - {*np.asarray(plain)[~outcome.left].tolist()})
    applied = await _fold(connection, left, reports, now, mode)
    return _with(applied, outcome)


async def apply_columns(
    connection: Connection,
    columns: Columns,
    rest: Sequence[tuple[Key, Report]],
    held: Holdings,
    now: datetime,
    mode: Mode,
) -> Applied:
    """Like `apply_reports`, of records in columns and further ones; `held`: what is held of their positions.

    The caller holds the retailer's lock.
    """
    outcome = await _pass_through(connection, columns, held, now, mode)
    left = [*(columns.report(place) for place in np.flatnonzero(outcome.left).tolist()), *rest]
    applied = await _fold(connection, range(len(left)), left, now, mode)
    return _with(applied, outcome)


async def apply_new_columns(
    connection: Connection, columns: Columns, rest: Sequence[tuple[Key, Report]], now: datetime, mode: Mode
) -> Applied | None:
    """Like `apply_columns`, without looking what is held: None, and nothing has happened, where anything is."""

    async def work() -> Applied:
        return await apply_columns(connection, columns, rest, NOTHING_HELD, now, mode)

    return await unless_there(connection, work)


async def lock_retailer(connection: Connection, retailer_id: int) -> None:
    """Held until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_RETAILER, retailer_id)


async def _pass_through(
    connection: Connection, columns: Columns, held: Holdings, now: datetime, mode: Mode
) -> lane.Outcome:
    covered = await positions.coverage(connection, np.unique(columns.store_ids).tolist())
    mine = {store_id: at for (store_id, source_id), at in covered.items() if source_id == columns.source_id}
    outcome = await lane.pass_through(connection, columns, held, mine, mode)
    if outcome.touched.any():
        touched = columns.product_ids[outcome.touched], columns.store_ids[outcome.touched]
        await changes.append_levels(connection, *touched, now)
    return outcome


async def _fold(
    connection: Connection, places: Iterable[int], reports: Sequence[tuple[Key, Report]], now: datetime, mode: Mode
) -> Applied:
    """Folds single reports; `places` says which."""
    arrived: dict[Key, list[Report]] = defaultdict(list)
    by_report: dict[tuple[Key, Report], list[int]] = defaultdict(list)
    for place in places:
        key, report = reports[place]
        arrived[key].append(report)
        by_report[key, report].append(place)
    if not arrived:
        return Applied()
    keys = sorted(arrived)
    held = await positions.held(connection, keys)
    times = await positions.snapshot_times(connection, sorted({key[1] for key in keys}))
    folded = [fold_into(key, held.get(key), arrived[key], times[key[1]], mode) for key in keys]
    await write(connection, folded)
    await changes.append(connection, "levels", [key[0] for key in keys], [key[1] for key in keys], now)
    return _tally(folded, by_report)


def _tally(folded: Sequence[Folded], by_report: Mapping[tuple[Key, Report], list[int]]) -> Applied:
    too_late = [place for one in folded for report in one.too_late for place in by_report[one.key, report]]
    changed = sum(one.changed for one in folded)
    total = sum(map(len, by_report.values()))
    duplicates = sum(one.duplicates for one in folded)
    conflicting = sum(one.conflicting for one in folded)
    late = tuple(sorted(too_late))
    return Applied(changed, total - changed - len(late), duplicates, len(folded), late, conflicting)


def _with(applied: Applied, outcome: lane.Outcome) -> Applied:
    return Applied(
        applied.changed + int(outcome.changed.sum()),
        applied.unchanged + int(outcome.repeated.sum()),
        applied.duplicates + int(outcome.replayed.sum()),
        applied.logged + int(outcome.touched.sum()),
        applied.too_late,
        applied.conflicting,
    )


def _plain_places(reports: Sequence[tuple[Key, Report]]) -> list[int]:
    """Places of the records that columns can hold: of the first one's source and load."""
    first = reports[0][1]
    return [
        place
        for place, (_, report) in enumerate(reports)
        if isinstance(report, Record)
        and report.kind == "record"
        and report.rank == 0
        and report.source_id == first.source_id
        and report.load_id == first.load_id
    ]


def _columns(reports: Sequence[tuple[Key, Report]]) -> Columns:
    keys = [key for key, _ in reports]
    records = [report for _, report in reports if isinstance(report, Record)]
    numbered = Numbered()
    high = [NO_UPPER_BOUND if record.stock.high is None else record.stock.high for record in records]
    return Columns(
        np.array([key[0] for key in keys], dtype=np.int32),
        np.array([key[1] for key in keys], dtype=np.int32),
        np.array([record.stock.low for record in records], dtype=np.int32),
        np.array(high, dtype=np.int32),
        np.array([micros(record.observed_at) for record in records], dtype=np.int64),
        np.array([micros(record.as_of) for record in records], dtype=np.int64),
        np.array([numbered.number(record.details) for record in records], dtype=np.int32),
        numbered.details,
        records[0].source_id,
        records[0].load_id,
    )

"""Records become levels: fold, levels and change log in one transaction of the caller's."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inventory_service.domain.clock import EARLIEST
from inventory_service.domain.level import Record, fold, merge, retain
from inventory_service.storage import changes, positions
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.records import Position

LOCK_RETAILER = 0x4E53
"""Class of the advisory locks that let one writer at a time fold a retailer's positions."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many of the keys got another level, and how many stayed as they were."""

    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    changed: list[Position]
    remembered: list[Position]


Settle = Callable[[Position, Position, _Outcome], None]
"""Decides what of a position, before and after its fold, has to be written."""


async def apply_records(
    connection: Connection, retailer_id: int, records: Iterable[tuple[Key, Record]], now: datetime
) -> Applied:
    """Folds `records` of one retailer's stores into what is held and logs every key, changed or not.

    Logging the unchanged ones too makes a replay repair the cache. Runs in the caller's transaction.
    """
    return await _apply(connection, retailer_id, records, now, _every_difference)


async def apply_snapshot_records(
    connection: Connection, retailer_id: int, records: Iterable[tuple[Key, Record]], now: datetime
) -> Applied:
    """Like `apply_records`, but mere repetitions are not written: the snapshot's coverage of the store tells them."""
    return await _apply(connection, retailer_id, records, now, _differences_beside_coverage)


async def _apply(
    connection: Connection,
    retailer_id: int,
    records: Iterable[tuple[Key, Record]],
    now: datetime,
    settle: Settle,
) -> Applied:
    arrived: dict[Key, list[Record]] = defaultdict(list)
    for key, record in records:
        arrived[key].append(record)
    if not arrived:
        return Applied(0, 0)
    await lock_retailer(connection, retailer_id)
    keys = sorted(arrived)
    held = await positions.held(connection, keys)
    covered = await positions.coverage(connection, sorted({key[1] for key in keys}))
    outcome = _fold_all(arrived, held, covered, settle)
    await _write(connection, outcome)
    await changes.append(connection, "levels", [key[0] for key in keys], [key[1] for key in keys], now)
    return Applied(len(outcome.changed), len(keys) - len(outcome.changed))


async def lock_retailer(connection: Connection, retailer_id: int) -> None:
    """Held until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_RETAILER, retailer_id)


def _fold_all(
    arrived: dict[Key, list[Record]],
    held: dict[Key, Position],
    covered: Mapping[Key, datetime],
    settle: Settle,
) -> _Outcome:
    outcome = _Outcome([], [])
    for key, news in arrived.items():
        before = held.get(key)
        known = _with_echoes(before.records, news, key[1], covered) if before else ()
        kept = retain(merge(known, news))
        after = Position(*key, fold(kept), kept)
        if before is None:
            outcome.changed.append(after)
        else:
            settle(before, after, outcome)
    return outcome


def _every_difference(before: Position, after: Position, outcome: _Outcome) -> None:
    if after.level != before.level:
        outcome.changed.append(after)
    elif after.records != before.records:
        outcome.remembered.append(after)


def _differences_beside_coverage(before: Position, after: Position, outcome: _Outcome) -> None:
    if replace(after.level, covered_at=before.level.covered_at) != before.level:
        outcome.changed.append(after)


def _with_echoes(
    records: Sequence[Record], news: Sequence[Record], store_id: int, covered: Mapping[Key, datetime]
) -> Sequence[Record]:
    """The records plus the repetitions that snapshots did not write, where a late arrival falls before one of them."""
    last = {record.source_id: record for record in records}
    late = {
        record.source_id
        for record in news
        if record.source_id in last
        and last[record.source_id].observed_at < covered.get((store_id, record.source_id), EARLIEST)
        and record.observed_at < covered[store_id, record.source_id]
        and record not in records
    }
    echoes = [_echo(last[source_id], covered[store_id, source_id]) for source_id in late]
    return merge(records, echoes) if echoes else records


def _echo(record: Record, covered_at: datetime) -> Record:
    return Record(covered_at, covered_at, record.stock, record.source_id, record.details)


async def _write(connection: Connection, outcome: _Outcome) -> None:
    if outcome.changed:
        await positions.write(connection, outcome.changed)
    if outcome.remembered:
        await positions.remember(connection, outcome.remembered)

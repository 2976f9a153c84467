"""Records become levels: fold, levels and change log in one transaction of the caller's."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inventory_service.domain.clock import EARLIEST
from inventory_service.domain.level import Record, fold, merge, retain
from inventory_service.domain.stock import NONE_LEFT
from inventory_service.storage import changes, positions
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.records import Position

LOCK_RETAILER = 0x4E53
"""Class of the advisory locks that let one writer at a time fold a retailer's positions."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many of the records gave their position another level, and how many left it or were overruled."""

    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    changed: list[Position]
    remembered: list[Position]


Settle = Callable[[Position, Position, _Outcome], None]
"""Decides what of a position, before and after its fold, has to be written."""
Late = Callable[[Record, datetime], bool]
"""Whether a record speaks of a time before its source stood by the store's positions."""


async def apply_records(
    connection: Connection, retailer_id: int, records: Iterable[tuple[Key, Record]], now: datetime
) -> Applied:
    """Folds `records` of one retailer's stores into what is held and logs every key, changed or not.

    Logging the unchanged ones too makes a replay repair the cache. Runs in the caller's transaction.
    """
    return await _apply(connection, retailer_id, records, now, _every_difference, _observed_before)


async def apply_snapshot_records(
    connection: Connection, retailer_id: int, records: Iterable[tuple[Key, Record]], now: datetime
) -> Applied:
    """Like `apply_records`, but mere repetitions are not written: the snapshot's coverage of the store tells them."""
    return await _apply(connection, retailer_id, records, now, _differences_beside_coverage, _told_before)


async def _apply(
    connection: Connection,
    retailer_id: int,
    records: Iterable[tuple[Key, Record]],
    now: datetime,
    settle: Settle,
    late: Late,
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
    known = {
        key: _known(held.get(key), news, _covered_of(key[1], news, covered), late) for key, news in arrived.items()
    }
    outcome = _fold_all(arrived, held, known, settle)
    await _write(connection, outcome)
    await changes.append(connection, "levels", [key[0] for key in keys], [key[1] for key in keys], now)
    changed = sum(len({record.rank for record in arrived[one.product_id, one.store_id]}) for one in outcome.changed)
    return Applied(changed, sum(map(len, arrived.values())) - changed)


async def lock_retailer(connection: Connection, retailer_id: int) -> None:
    """Held until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_RETAILER, retailer_id)


def stood_by(position: Position, covered: Mapping[Key, datetime]) -> tuple[Record, ...]:
    """A position's records with the repetitions that snapshots did not write; `covered`: by (store_id, source_id)."""
    last = {record.voice: record for record in position.records}
    echoes = [
        replace(record, observed_at=covered_at, as_of=covered_at)
        for record in last.values()
        if record.observed_at < (covered_at := covered.get((position.store_id, record.source_id), EARLIEST))
    ]
    return merge(position.records, echoes)


def _fold_all(
    arrived: Mapping[Key, Sequence[Record]],
    held: Mapping[Key, Position],
    known: Mapping[Key, Sequence[Record]],
    settle: Settle,
) -> _Outcome:
    outcome = _Outcome([], [])
    for key, news in arrived.items():
        before = held.get(key)
        kept = retain(merge(known[key], news))
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
    newest = before.records[-1].observed_at
    if replace(after.level, covered_at=before.level.covered_at) != before.level:
        outcome.changed.append(after)
    elif any(record.observed_at < newest for record in set(after.records).difference(before.records)):
        outcome.remembered.append(after)


def _covered_of(store_id: int, news: Sequence[Record], covered: Mapping[Key, datetime]) -> dict[Key, datetime]:
    """When the sources of `news` stood by the store, for those that did."""
    keys = {(store_id, record.source_id) for record in news}
    return {key: covered[key] for key in keys if key in covered}


def _known(
    before: Position | None, news: Sequence[Record], covered: Mapping[Key, datetime], late: Late
) -> Sequence[Record]:
    """What is held; where news come late, with what the source has said since without a record of its own."""
    held = frozenset(before.records) if before else frozenset()
    since = {
        key: covered_at
        for key, covered_at in covered.items()
        if any(late(record, covered_at) for record in news if record.source_id == key[1] and record not in held)
    }
    return stood_by(before, since) if before else _left_out(news, since)


def _left_out(news: Sequence[Record], covered: Mapping[Key, datetime]) -> list[Record]:
    """None of what nobody held: a snapshot that covered the store after all of the news did not list it."""
    newest = {record.voice: record for record in merge((), news)}
    by_source = {source_id: covered_at for (_, source_id), covered_at in covered.items()}
    return [
        Record(covered_at, covered_at, NONE_LEFT, source_id, rank=rank)
        for (source_id, rank), record in newest.items()
        if record.observed_at < (covered_at := by_source.get(source_id, EARLIEST))
    ]


def _observed_before(record: Record, covered_at: datetime) -> bool:
    return record.observed_at < covered_at


def _told_before(record: Record, covered_at: datetime) -> bool:
    """A newer snapshot may well speak of an older time, where its rows have clocks of their own."""
    return record.observed_at < covered_at and record.as_of < covered_at


async def _write(connection: Connection, outcome: _Outcome) -> None:
    if outcome.changed:
        await positions.write(connection, outcome.changed)
    if outcome.remembered:
        await positions.remember(connection, outcome.remembered)

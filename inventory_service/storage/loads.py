"""SQL of loads and of the lines they refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory_service.storage.postgres import Connection

BEGIN = """
INSERT INTO load (source_id, file, kind, as_of, started_at) VALUES ($1, $2, $3, $4, $5) RETURNING load_id
"""
HOLD = "SELECT pg_advisory_lock($1, $2)"
LOCK_LOAD = 0x4E4C
"""Class of the session locks that tell a load under way from one whose program died."""
END_DEAD = """
UPDATE load SET finished_at = $1, failure = $2
WHERE finished_at IS NULL AND day IS NULL AND started_at < $1
  AND NOT EXISTS (
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database AND datname = current_database()
    WHERE locktype = 'advisory' AND classid = $3 AND objid = load_id::oid)
"""
OF_DAY = "SELECT load_id FROM load WHERE source_id = $1 AND kind = $2 AND day = $3"
ADD_OF_DAY = """
INSERT INTO load (source_id, file, kind, as_of, started_at, day) VALUES ($1, $2, $3, $4, $4, $5)
ON CONFLICT (source_id, kind, day) WHERE day IS NOT NULL DO UPDATE SET file = excluded.file RETURNING load_id
"""
PROGRESS = """
UPDATE load SET rows = rows + $2, applied = applied + $3, unchanged = unchanged + $4, rejected = rejected + $5,
    duplicates = duplicates + $6, new_items = new_items + $7,
    newest_observed_at = greatest(newest_observed_at, $8), progressed_at = $9,
    reasons = CASE WHEN $5 = 0 THEN reasons ELSE (
        SELECT jsonb_object_agg(reason, coalesce((reasons ->> reason)::bigint, 0)
                                        + coalesce(($10::jsonb ->> reason)::bigint, 0))
        FROM jsonb_object_keys(reasons || $10::jsonb) AS reason) END
WHERE load_id = $1
"""
FINISH = "UPDATE load SET finished_at = $2, failure = $3, emptied = $4, held = $5 WHERE load_id = $1"
REJECT = """
INSERT INTO rejected (load_id, line, field, reason, detail, raw, parked, retailer_id, store_code)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::int[],
                         $9::text[])
"""
PARKED = """
SELECT r.rejected_id, r.store_code, r.parked, l.source_id, l.as_of, l.load_id, l.day IS NOT NULL AS is_live
FROM rejected r JOIN load l USING (load_id)
WHERE r.retailer_id = $1 AND r.store_code = ANY ($2::text[]) AND r.parked IS NOT NULL AND r.resolved_at IS NULL
  AND l.undone_at IS NULL
ORDER BY r.rejected_id LIMIT $3
"""
RESOLVE = "UPDATE rejected SET resolved_at = $2 WHERE rejected_id = ANY ($1::bigint[])"
LISTED = """
SELECT r.rejected_id, l.load_id, t.slug AS retailer, s.slug AS source, l.file, r.line, r.field, r.reason, r.detail,
       r.raw, r.resolved_at, l.started_at
FROM rejected r JOIN load l USING (load_id) JOIN source s USING (source_id)
     JOIN retailer t ON t.retailer_id = s.retailer_id
WHERE ($1::text IS NULL OR t.slug = $1) AND ($2::text IS NULL OR s.slug = $2)
  AND ($3::bigint IS NULL OR l.load_id = $3)
  AND r.rejected_id > $4
ORDER BY r.rejected_id LIMIT $5
"""
NEWEST = """
SELECT l.load_id, t.slug AS retailer, s.slug AS source, l.file, l.as_of, l.started_at, l.finished_at, l.rows, l.applied,
       l.unchanged, l.duplicates, l.rejected, l.emptied, l.held, l.failure, l.undone_at
FROM load l JOIN source s USING (source_id) JOIN retailer t USING (retailer_id)
WHERE ($1::text IS NULL OR t.slug = $1) AND ($2::text IS NULL OR s.slug = $2)
ORDER BY l.load_id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused line on its way into the list. `parked` is the report of a store that is not known yet."""

    line: int
    field: str | None
    reason: str
    detail: str
    raw: str
    parked: dict[str, Any] | None = None
    retailer_id: int | None = None
    store_code: str | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """A report that waited for its store."""

    rejected_id: int
    store_code: str
    report: dict[str, Any]
    source_id: int
    as_of: datetime
    load_id: int
    is_live: bool
    """Told as it happened: ordered by its own time, not by a file's."""


async def begin(connection: Connection, source_id: int, file: str, kind: str, as_of: datetime, now: datetime) -> int:
    """The number of a load under way; it counts as dead once the connection has gone without `finish`."""
    load_id = int(await connection.fetchval(BEGIN, source_id, _storable(file), kind, as_of, now))
    await connection.execute(HOLD, LOCK_LOAD, load_id)
    return load_id


async def end_dead(connection: Connection, failure: str, now: datetime) -> None:
    """Loads whose programs died are over."""
    await connection.execute(END_DEAD, now, failure, LOCK_LOAD)


async def of_day(connection: Connection, source_id: int, file: str, kind: str, now: datetime) -> int:
    """The load that gathers a source's live events of one kind today, by UTC."""
    found = await connection.fetchval(OF_DAY, source_id, kind, now.date())
    if found is None:
        found = await connection.fetchval(ADD_OF_DAY, source_id, _storable(file), kind, now, now.date())
    return int(found)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a chunk adds to its load's tally: rows = applied + unchanged + rejected."""

    applied: int
    unchanged: int
    duplicates: int
    new_items: int
    newest_observed_at: datetime | None
    reasons: Mapping[str, int]

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())


async def progress(connection: Connection, load_id: int, one: Progress, now: datetime) -> None:
    rows = one.applied + one.unchanged + one.rejected
    counts = (rows, one.applied, one.unchanged, one.rejected, one.duplicates, one.new_items)
    await connection.execute(PROGRESS, load_id, *counts, one.newest_observed_at, now, dict(one.reasons))


async def finish(
    connection: Connection, load_id: int, now: datetime, failure: str | None, *, emptied: int, held: int
) -> None:
    await connection.execute(FINISH, load_id, now, failure, emptied, held)


async def reject(connection: Connection, load_id: int, refused: Sequence[Rejected]) -> None:
    if not refused:
        return
    await connection.execute(
        REJECT,
        load_id,
        [one.line for one in refused],
        [_storable(one.field) for one in refused],
        [one.reason for one in refused],
        [_storable(one.detail) for one in refused],
        [_storable(one.raw) for one in refused],
        [one.parked for one in refused],
        [one.retailer_id for one in refused],
        [one.store_code for one in refused],
    )


async def parked(connection: Connection, retailer_id: int, codes: Sequence[str], at_most: int) -> list[Parked]:
    """Reports that wait for stores of these codes, oldest first."""
    rows = await connection.fetch(PARKED, retailer_id, list(codes), at_most)
    return [
        Parked(
            row["rejected_id"],
            row["store_code"],
            row["parked"],
            row["source_id"],
            row["as_of"],
            row["load_id"],
            row["is_live"],
        )
        for row in rows
    ]


async def resolve(connection: Connection, rejected_ids: Sequence[int], now: datetime) -> None:
    await connection.execute(RESOLVE, list(rejected_ids), now)


async def listed(
    connection: Connection, *, retailer: str | None, source: str | None, load_id: int | None, after: int, limit: int
) -> list[dict[str, Any]]:
    """Refused lines, oldest first, with file, line, field, reason and the line itself."""
    return [dict(row) for row in await connection.fetch(LISTED, retailer, source, load_id, after, limit)]


async def newest(
    connection: Connection, *, retailer: str | None, source: str | None, limit: int
) -> list[dict[str, Any]]:
    """Loads, newest first, with their tallies, failures, and when they were taken back."""
    return [dict(row) for row in await connection.fetch(NEWEST, retailer, source, limit)]


def _storable(text: str | None) -> str | None:
    """Postgres keeps no NUL and no lone surrogate: both are shown as the replacement character."""
    return text and text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")

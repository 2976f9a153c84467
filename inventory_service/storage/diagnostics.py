"""How each source is doing, for a retailer's engineer; bounded work, however long its history is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from inventory_service.storage import refusals
from inventory_service.storage.postgres import Connection
from inventory_service.storage.refusals import EXAMPLES, RECENT, Found

SOURCES = """
SELECT s.source_id, r.slug AS retailer, s.slug AS source, s.paused, s.looked_at AS last_look, s.look_failure
FROM source s JOIN retailer r USING (retailer_id) ORDER BY r.slug, s.slug
"""
TOTALS = f"""
SELECT s.source_id, count(*) AS loads, min(l.started_at) AS since, max(l.newest_observed_at) AS newest_observed_at,
       sum(l.rows)::bigint AS rows, sum(l.applied)::bigint AS applied, sum(l.unchanged)::bigint AS unchanged,
       sum(l.duplicates)::bigint AS duplicates, sum(l.rejected)::bigint AS rejected
{RECENT} GROUP BY s.source_id
"""
LAST_RUNS = f"""
SELECT DISTINCT ON (s.source_id) s.source_id, l.load_id, l.file, l.kind, l.started_at, l.progressed_at, l.finished_at,
       l.failure, l.rows, l.applied, l.unchanged, l.duplicates, l.rejected, l.newest_observed_at
{RECENT} ORDER BY s.source_id, coalesce(l.progressed_at, l.started_at) DESC, l.load_id DESC
"""
LAST_POSITIONS = f"""
SELECT DISTINCT ON (s.source_id) s.source_id, l.load_id, l.file, l.as_of
{RECENT} WHERE l.failure IS NULL AND l.undone_at IS NULL AND (l.finished_at IS NOT NULL OR l.day IS NOT NULL)
ORDER BY s.source_id, l.as_of DESC, l.load_id DESC
"""
HELD = "SELECT source_id, count(*) AS held_stores FROM held GROUP BY source_id"
REFUSED_FILES = f"""
SELECT s.source_id, f.name, f.taken_at, f.failure FROM source s CROSS JOIN LATERAL (
    SELECT name, taken_at, failure, nth FROM source_file
    WHERE source_id = s.source_id AND failure IS NOT NULL ORDER BY nth DESC LIMIT {EXAMPLES}
) f
ORDER BY s.source_id, f.nth DESC
"""
NO_LOADS: Found = {
    "loads": 0, "since": None, "newest_observed_at": None, "rows": 0, "applied": 0, "unchanged": 0, "duplicates": 0,
    "rejected": 0,
}  # fmt: skip
NONE_KNOWN: Found = {"count": 0, "examples": []}


async def overview(connection: Connection, now: datetime) -> list[Found]:
    """A row a source, by retailer and name.

    `last_run`, `last_position`: None where nothing was loaded yet. Counts are of the loads that began at `since` or
    later. `lag_s`: seconds since the newest observation, by the source's clock; `clock_skew_s`: by how much the newest
    of the last run lay ahead of our clock. `reasons`: {reason: {count, examples}}. `unknown_stores`, `unknown_items`:
    {count, examples} of what is unknown still. `refused_files`: of a watched folder, the newest.
    """
    sources = [dict(row) for row in await connection.fetch(SOURCES)]
    totals = _by_source(await connection.fetch(TOTALS))
    runs = _by_source(await connection.fetch(LAST_RUNS))
    places = _by_source(await connection.fetch(LAST_POSITIONS))
    held = _by_source(await connection.fetch(HELD))
    files = _lists(await connection.fetch(REFUSED_FILES))
    reasons = await refusals.reasons(connection)
    stores, items = await refusals.unknown_stores(connection), await refusals.unknown_items(connection)
    for one in sources:
        key = one.pop("source_id")
        one |= totals.get(key, NO_LOADS)
        one |= {"lag_s": _lag_s(one["newest_observed_at"], now), "clock_skew_s": _skew_s(runs.get(key))}
        one |= {"last_run": runs.get(key), "last_position": places.get(key)}
        one |= {"reasons": reasons.get(key, {}), "refused_files": files[key], **held.get(key, {"held_stores": 0})}
        one |= {"unknown_stores": stores.get(key, NONE_KNOWN), "unknown_items": items.get(key, NONE_KNOWN)}
    return sources


def unseen(retailer: str, source: str) -> Found:
    """The row of a source that is declared and that the database does not know yet."""
    return {
        "retailer": retailer, "source": source, "paused": False, "last_look": None, "look_failure": None, **NO_LOADS,
        "lag_s": None, "clock_skew_s": 0.0, "last_run": None, "last_position": None, "reasons": {},
        "refused_files": [], "held_stores": 0, "unknown_stores": NONE_KNOWN, "unknown_items": NONE_KNOWN,
    }  # fmt: skip


def _lag_s(newest_observed_at: datetime | None, now: datetime) -> float | None:
    return None if newest_observed_at is None else max(0.0, (now - newest_observed_at).total_seconds())


def _skew_s(last_run: Found | None) -> float:
    if last_run is None or last_run["newest_observed_at"] is None or last_run["progressed_at"] is None:
        return 0.0
    ahead: timedelta = last_run["newest_observed_at"] - last_run["progressed_at"]
    return max(0.0, ahead.total_seconds())


def _by_source(rows: Sequence[Any]) -> dict[int, Found]:
    """source_id → the rest of its row."""
    return {row["source_id"]: {name: value for name, value in row.items() if name != "source_id"} for row in rows}


def _lists(rows: Sequence[Any]) -> dict[int, list[Found]]:
    """source_id → the rest of each of its rows."""
    found: dict[int, list[Found]] = defaultdict(list)
    for row in rows:
        found[row["source_id"]].append({name: value for name, value in row.items() if name != "source_id"})
    return found

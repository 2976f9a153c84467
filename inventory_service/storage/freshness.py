"""SQL of how old evidence and coverage are; positions by samples, since there are hundreds of millions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.freshness import Ages, Freshness, SourceFreshness, StoreFreshness, StoreTotals
from inventory_service.storage.postgres import Connection

PAGES = 500
"""Pages of positions, 8 KB each, that a sample has: tens of thousands of positions."""
RECENT_LOADS = 20
QUIETEST = 20
POSITIONS_OF_A_STORE = 200

SAMPLE = f"""
SELECT source_id, count(*) AS count, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY $1 - observed_at) AS ages
FROM (SELECT coalesce(p.shown_source_id, p.source_id) AS source_id, coalesce(p.shown_at, p.observed_at) AS observed_at
      FROM position p
           TABLESAMPLE SYSTEM (least(100, 100.0 * {PAGES} * 8192 / greatest(1, pg_relation_size('position'))))) shown
GROUP BY GROUPING SETS ((source_id), ())
"""
"""Everybody may read it, so it is of the evidence that is shown without counts."""
SOURCES = f"""
SELECT s.source_id, r.slug AS retailer, s.slug AS source, c.count, c.ages,
       greatest(c.newest, told.newest_observed_at) AS heard_at
FROM source s JOIN retailer r USING (retailer_id)
     LEFT JOIN (
         SELECT source_id, count(*) AS count, max(covered_at) AS newest,
                percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY $1 - covered_at) AS ages
         FROM coverage GROUP BY source_id) c USING (source_id)
     CROSS JOIN LATERAL (
         SELECT max(newest_observed_at) AS newest_observed_at
         FROM (SELECT newest_observed_at, undone_at FROM load WHERE source_id = s.source_id
               ORDER BY load_id DESC LIMIT {RECENT_LOADS}) l
         WHERE l.undone_at IS NULL) told
WHERE s.slug <> '{STAFF}' AND ($2::int IS NULL OR s.retailer_id = $2)
ORDER BY r.slug, s.slug
"""
_NEWEST_OF_STORES = """
SELECT s.store_id, s.store_code, s.name, max(c.covered_at) AS covered_at
FROM store s LEFT JOIN coverage c USING (store_id)
WHERE ($1::int IS NULL OR s.retailer_id = $1) AND (cardinality($2::int[]) = 0 OR s.store_id = ANY ($2))
GROUP BY s.store_id
"""
STORES = f"""
SELECT count(*) AS stores, count(covered_at) AS count,
       count(*) FILTER (WHERE $3 - covered_at > $4) AS silent,
       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY $3 - covered_at) AS ages
FROM ({_NEWEST_OF_STORES}) newest
"""
QUIET_STORES = f"""
SELECT quiet.*, e.count, e.ages
FROM ({_NEWEST_OF_STORES} ORDER BY covered_at NULLS LAST, s.store_id LIMIT {QUIETEST}) quiet
     CROSS JOIN LATERAL (
         SELECT count(*) AS count, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY $3 - observed_at) AS ages
         FROM (SELECT coalesce(shown_at, observed_at) AS observed_at
               FROM position WHERE store_id = quiet.store_id LIMIT {POSITIONS_OF_A_STORE}) p) e
ORDER BY quiet.covered_at NULLS LAST, quiet.store_id
"""


async def of_everybody(connection: Connection, now: datetime, horizon: timedelta) -> Freshness:
    """Totals, and every source; no single store."""
    sample = await _sample(connection, now)
    return Freshness(
        sample.get(None),
        await _stores(connection, now, horizon, None, ()),
        await _sources(connection, now, sample, None),
    )


async def of_retailer(
    connection: Connection, now: datetime, horizon: timedelta, retailer_id: int, store_ids: Collection[int]
) -> Freshness:
    """One retailer's sources, and some of its stores (all, where none are named), with the quietest of them."""
    sample = await _sample(connection, now)
    rows = await connection.fetch(QUIET_STORES, retailer_id, list(store_ids), now)
    return Freshness(
        None,
        await _stores(connection, now, horizon, retailer_id, store_ids),
        await _sources(connection, now, sample, retailer_id),
        tuple(map(_store, rows)),
    )


async def _sample(connection: Connection, now: datetime) -> Mapping[int | None, Ages | None]:
    """Ages of evidence by source, and under None of all."""
    return {row["source_id"]: _ages(row) for row in await connection.fetch(SAMPLE, now)}


async def _stores(
    connection: Connection, now: datetime, horizon: timedelta, retailer_id: int | None, store_ids: Collection[int]
) -> StoreTotals:
    row = await connection.fetchrow(STORES, retailer_id, list(store_ids), now, horizon)
    assert row is not None
    return StoreTotals(row["stores"], row["count"], row["silent"], _ages(row))


async def _sources(
    connection: Connection, now: datetime, sample: Mapping[int | None, Ages | None], retailer_id: int | None
) -> tuple[SourceFreshness, ...]:
    rows: Sequence[Any] = await connection.fetch(SOURCES, now, retailer_id)
    return tuple(
        SourceFreshness(row["retailer"], row["source"], sample.get(row["source_id"]), _ages(row), row["heard_at"])
        for row in rows
    )


def _store(row: Any) -> StoreFreshness:
    return StoreFreshness(row["store_id"], row["store_code"], row["name"], _ages(row), row["covered_at"])


def _ages(row: Any) -> Ages | None:
    if not row["count"]:
        return None
    return Ages(row["count"], *(max(0, int(age.total_seconds())) for age in row["ages"]))

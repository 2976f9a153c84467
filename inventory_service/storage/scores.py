"""SQL of what staff saw beside what was answered just before, added up by day; bounded work, however much there is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.looks import SOON, Looks
from inventory_service.domain.scoring import BINS, DECIMALS, Tally
from inventory_service.storage.postgres import Connection

MOST = 200_000
"""Confirmations that are looked at, the newest: of so many no score can be told from that of them all."""
LEAST_OF_A_STORE = 20

_COLUMNS = """retailer_id, said, quantity, observed_at, received_at, probability_before, low_before, high_before,
           source_before, observed_before, undone_at"""
_NTH = "row_number() OVER (ORDER BY received_at DESC)"
_OF_ANYBODY = f"""
    SELECT {_COLUMNS}, {_NTH} = {MOST} AS is_cut
    FROM (SELECT * FROM confirmation WHERE received_at >= $1 ORDER BY received_at DESC LIMIT {MOST}) c
"""
_OF_STORES = f"""
    SELECT told.* FROM store s CROSS JOIN LATERAL (
        SELECT {_COLUMNS}, {_NTH} = $4 AS is_cut
        FROM (SELECT * FROM confirmation
              WHERE store_id = s.store_id AND received_at >= $1 ORDER BY received_at DESC LIMIT $4) c) told
    WHERE s.retailer_id = $2 AND (cardinality($3::int[]) = 0 OR s.store_id = ANY ($3))
"""
_ADDED = f"""
WITH told AS ({{told}}), judged AS (
    SELECT (told.received_at AT TIME ZONE 'UTC')::date AS day, r.demo AS is_simulated,
           CASE WHEN told.undone_at IS NOT NULL THEN 'undone'
                WHEN told.received_at - told.observed_at >= make_interval(secs => {SOON.total_seconds()}) THEN 'late'
                WHEN src.slug = '{STAFF}'
                     AND told.observed_at - told.observed_before < make_interval(secs => {SOON.total_seconds()})
                     THEN 'repeated'
                WHEN told.probability_before IS NULL THEN 'unknown'
                ELSE 'judged' END AS fate,
           told.probability_before::float8 AS predicted,
           (told.said IN ('seen', 'low') OR coalesce(told.quantity, 0) > 0)::int AS seen,
           CASE WHEN told.low_before > 0 THEN 1 WHEN told.high_before = 0 THEN 0 ELSE 0.5 END::float8 AS record,
           told.is_cut
    FROM told JOIN retailer r USING (retailer_id) LEFT JOIN source src ON src.source_id = told.source_before)
SELECT day, fate, is_simulated,
       CASE WHEN fate = 'judged'
            THEN least({BINS - 1}, floor(round(predicted::numeric, {DECIMALS}) * {BINS}))::int ELSE 0 END AS bin,
       count(*) AS count, coalesce(sum(predicted), 0) AS predicted, sum(seen)::bigint AS seen,
       coalesce(sum((predicted - seen) ^ 2), 0) AS squared, sum((record - seen) ^ 2) AS squared_of_record,
       bool_or(is_cut) AS is_cut
FROM judged GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
OF_ANYBODY = _ADDED.format(told=_OF_ANYBODY)
OF_STORES = _ADDED.format(told=_OF_STORES)
STORES = """
SELECT count(*)::int FROM store s
WHERE s.retailer_id = $1 AND (cardinality($2::int[]) = 0 OR s.store_id = ANY ($2))
"""


async def looks(connection: Connection, since: datetime) -> list[Looks]:
    """What came in since then, of all retailers: of the newest MOST."""
    return _looks(await connection.fetch(OF_ANYBODY, since))


async def looks_of(
    connection: Connection, since: datetime, retailer_id: int, store_ids: Collection[int], at_most: int = MOST
) -> list[Looks]:
    """The same of some of a retailer's stores, of all where none are named: of each about its share of `at_most`."""
    stores = await connection.fetchval(STORES, retailer_id, list(store_ids))
    share = max(LEAST_OF_A_STORE, at_most // max(stores, 1))
    return _looks(await connection.fetch(OF_STORES, since, retailer_id, list(store_ids), share))


def _looks(rows: Sequence[Any]) -> list[Looks]:
    return [Looks(row["day"], row["fate"], row["is_simulated"], row["bin"], _tally(row), row["is_cut"]) for row in rows]


def _tally(row: Any) -> Tally:
    return Tally(row["count"], row["predicted"], row["seen"], row["squared"], row["squared_of_record"])

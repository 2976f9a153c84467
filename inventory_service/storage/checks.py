"""SQL of what could be looked at in a store: its positions, with how often their products are asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from inventory_service.domain.answered import Shelf, answered
from inventory_service.domain.belief.learned import Learned
from inventory_service.domain.checking import ASKED_WITHIN_DAYS, LATELY, Candidate
from inventory_service.domain.store import Store
from inventory_service.storage import positions
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import level_from_row

MOST = 1_000
"""Candidates at most: those that are asked for most; of those that nobody asks for, the ones told of longest ago."""
CANDIDATES = """
SELECT p.product_id, p.low, p.high, p.observed_at, p.as_of, p.covered_at, p.source_id, p.leaning,
       p.shown_source_id, p.shown_at, p.shown_covered_at, NULL::jsonb AS details, coalesce(lately.asked, 0) AS asked
FROM position p CROSS JOIN LATERAL (
    SELECT sum(count)::int AS asked FROM asked WHERE product_id = p.product_id AND day > $2
) lately
WHERE p.store_id = $1
  AND NOT EXISTS (SELECT FROM product m WHERE m.product_id = p.product_id AND m.merged_into IS NOT NULL)
  AND p.product_id NOT IN (
    SELECT product_id FROM confirmation WHERE store_id = $1 AND received_at > $3 AND undone_at IS NULL)
ORDER BY asked DESC, p.covered_at, p.product_id LIMIT $4
"""


async def candidates(connection: Connection, learned: Learned, store: Store, now: datetime) -> list[Candidate]:
    """Positions of a store that nobody has confirmed lately."""
    since = now.date() - timedelta(days=ASKED_WITHIN_DAYS)
    rows = await connection.fetch(CANDIDATES, store.store_id, since, now - LATELY, MOST)
    covered = await positions.covered_of(connection, store.store_id)
    return [_candidate(row, learned, store, covered, now) for row in rows]


def _candidate(row: Any, learned: Learned, store: Store, covered: Mapping[int, datetime], now: datetime) -> Candidate:
    shelf = Shelf(row["product_id"], store.store_id, store.retailer_id)
    return Candidate(row["product_id"], answered(learned, shelf, level_from_row(row), covered, now), row["asked"])

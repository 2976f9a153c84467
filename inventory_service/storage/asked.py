"""SQL of how often answers told of products, a UTC day; a few days are kept."""

from collections.abc import Mapping
from datetime import date, timedelta

from inventory_service.domain.checking import ASKED_WITHIN_DAYS
from inventory_service.storage.postgres import Connection

ADD = """
WITH gone AS (
    DELETE FROM asked WHERE (product_id, day) IN (SELECT product_id, day FROM asked WHERE day < $4 LIMIT $5
                                                     FOR UPDATE SKIP LOCKED)
)
INSERT INTO asked (product_id, day, count)
SELECT product_id, $1, count FROM unnest($2::int[], $3::int[]) AS told (product_id, count)
ON CONFLICT (product_id, day) DO UPDATE SET count = asked.count + excluded.count
"""
OLD_AT_ONCE = 10_000
"""Old rows that go with each addition."""


async def add(connection: Connection, counts: Mapping[int, int], day: date) -> None:
    """Adds answers by product; lets go of days that nobody looks at any more."""
    ordered = sorted(counts.items())
    told = [product_id for product_id, _ in ordered], [count for _, count in ordered]
    await connection.execute(ADD, day, *told, day - timedelta(days=ASKED_WITHIN_DAYS), OLD_AT_ONCE)

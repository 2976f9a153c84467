"""Two retailers' stores, and what staff saw in them, written as the service keeps it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from inventory_service.storage.postgres import Pool
from tests.sync.world import NOW, Syncer, item, shop

ADD = """
INSERT INTO confirmation (retailer_id, store_id, product_id, key_id, said, quantity, observed_at, received_at,
    word_before, probability_before, low_before, high_before, source_before, observed_before, covered_before,
    word_after, probability_after, low_after, high_after, undone_at, undone_by)
SELECT s.retailer_id, s.store_id, 1, k.key_id, $3, $4, $5, $6, 'in_stock', $7, $8, $9,
       (SELECT source_id FROM source WHERE slug = $10 AND retailer_id = s.retailer_id), $11, $11,
       'in_stock', 0.9, 1, NULL, $12, CASE WHEN $12::timestamptz IS NULL THEN NULL ELSE k.key_id END
FROM store s JOIN retailer r USING (retailer_id), LATERAL (SELECT min(key_id) AS key_id FROM api_key) k
WHERE r.slug = $1 AND s.store_code = $2
"""
KEY = """
INSERT INTO api_key (kind, hash, hint, name, scopes, created_at) VALUES ('st', 'hash', 'st_x', 'x', '{read}', $1)
"""


@dataclass(frozen=True)
class Seen:
    """One confirmation; times in minutes before our clock."""

    said: str = "seen"
    probability: float | None = 0.9
    quantity: int | None = None
    low: int | None = 3
    high: int | None = None
    told: float = 10
    late_by: float = 0
    evidence_age: float = 600
    source: str = "feed"
    undone: bool = False
    retailer: str = "acme"
    store: str = "1"

    @property
    def arguments(self) -> tuple[Any, ...]:
        received_at = NOW - timedelta(minutes=self.told)
        observed_at = received_at - timedelta(minutes=self.late_by)
        told = (self.said, self.quantity, observed_at, received_at, self.probability, self.low, self.high)
        before: datetime | None = None if self.low is None else observed_at - timedelta(minutes=self.evidence_age)
        return (self.retailer, self.store, *told, self.source, before, received_at if self.undone else None)


async def found(sync: Syncer) -> None:
    """acme with stores 1 and 2, other with store 1; each with sources `feed` and `staff`."""
    for retailer, codes in (("acme", ("1", "2")), ("other", ("1",))):
        await sync.load([*(shop(code) for code in codes), item("a")], retailer)
        await sync.load([], retailer, source="staff")
    await sync.pool.execute(KEY, NOW)


async def confirm(pool: Pool, *seen: Seen) -> None:
    for one in seen:
        await pool.execute(ADD, *one.arguments)

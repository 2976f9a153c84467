"""One shelf through a day: files, sales, deliveries and looks, each told when it happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes

from inventory_service.domain.feed import MovementKind, MovementRow, Row
from inventory_service.domain.report import Record
from inventory_service.domain.shoppers import Word
from inventory_service.domain.stock import Stock
from inventory_service.explaining.explain import explain
from inventory_service.explaining.explanation import Asked, Explanation, Shelf
from inventory_service.explaining.naming import shelf
from inventory_service.storage import learned, shoppers
from inventory_service.storage.apply import apply_reports
from inventory_service.storage.postgres import connected
from tests.sync.world import GTIN, Syncer, at, count, item, order, shop

HORIZON = timedelta(days=14)
KEY = """
INSERT INTO api_key (kind, hash, hint, name, scopes, created_at)
VALUES ('st', 'hash', 'st_ab12cd', 'Ann', '{read}', now()) ON CONFLICT (hash) DO UPDATE SET hint = excluded.hint
RETURNING key_id
"""
SOURCE = """
INSERT INTO source (retailer_id, slug) SELECT retailer_id, 'staff' FROM retailer WHERE slug = 'acme'
ON CONFLICT (retailer_id, slug) DO UPDATE SET slug = excluded.slug RETURNING source_id
"""
LOOK = """
INSERT INTO confirmation (retailer_id, store_id, product_id, key_id, said, quantity, observed_at, received_at,
    word_before, word_after, low_after)
SELECT retailer_id, $1, $2, $3, 'count', $4, $5, $5, 'unknown', 'in_stock', $4 FROM store WHERE store_id = $1
RETURNING confirmation_id
"""


@dataclass(frozen=True)
class Day:
    """Minutes are before the clock of the world; a smaller one is later."""

    sync: Syncer

    def _then(self, minutes: float) -> Syncer:
        return Syncer(self.sync.pool, at(minutes))

    async def opened(self, minutes: float = 10_000) -> None:
        """The store and the product are known, and nothing of what stands there."""
        await self._then(minutes).load([shop("1"), item("cola", GTIN, name="Cola")], as_of=at(minutes))

    async def file(
        self, quantity: int | None, minutes: float, *, told: float | None = None, source: str = "night"
    ) -> None:
        """A full file; None: it lists the store and not the product. `told`: when it reached us."""
        lines = [count("1", "other", 3), *([] if quantity is None else [count("1", "cola", quantity, line=3)])]
        then = self._then(minutes if told is None else told)
        await then.snapshot([item("other"), *lines], at(minutes), source=source, file=f"{source}.tsv")

    async def event(self, kind: MovementKind, quantity: int, minutes: float, source: str = "till") -> None:
        row = MovementRow("1", kind, quantity, at(minutes), f"{kind} {minutes}", "cola", None)
        await self._then(minutes).loader.take(order(source=source, file="till"), [Row(1, movement=row, raw=kind)])

    async def events(self, kind: MovementKind, minutes: Sequence[float]) -> None:
        """One piece each, all told together."""
        rows = [MovementRow("1", kind, 1, at(one), f"{kind} {one}", "cola", None) for one in minutes]
        lines = [Row(line, movement=row, raw=kind) for line, row in enumerate(rows, 1)]
        await self._then(min(minutes)).loader.take(order(source="till", file="till"), lines)

    async def look(self, quantity: int, minutes: float) -> int:
        """Staff count. Returns the confirmation's id."""
        of, moment = await self.shelf(), at(minutes)
        async with connected(self.sync.pool, deadline_s=10) as connection, connection.transaction():
            key_id, source_id = await connection.fetchval(KEY), await connection.fetchval(SOURCE)
            number: int = await connection.fetchval(LOOK, of.store_id, of.product_id, key_id, quantity, moment)
            seen = Record(moment, moment, Stock.exactly(quantity), source_id, kind="confirmation", load_id=-number)
            await apply_reports(connection, [((of.product_id, of.store_id), seen)], moment)
        return number

    async def shopper(self, minutes: float, *, found: bool, told: float | None = None) -> None:
        """One more device. `told`: when its word reached us."""
        of, said_at = await self.shelf(), at(minutes if told is None else told)
        async with connected(self.sync.pool, deadline_s=10) as connection, connection.transaction():
            word = Word(found, at(minutes))
            await shoppers.hear(connection, (of.product_id, of.store_id), token_bytes(16), word, said_at)

    async def shelf(self) -> Shelf:
        async with connected(self.sync.pool, deadline_s=10) as connection:
            return await shelf(connection, GTIN, "acme/1")

    async def explained(self, minutes: float, quantity: int = 1) -> Explanation:
        of = await self.shelf()
        async with connected(self.sync.pool, deadline_s=10) as connection:
            knows = await learned.in_force(connection, HORIZON)
            return await explain(connection, Asked(of, at(minutes), quantity), knows)

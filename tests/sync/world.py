"""Feeds in short, and what the database holds of them by names that do not depend on the order of loading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from geo.point import Point
from inventory_service.domain.clock import Clock
from inventory_service.domain.feed import Loaded, ProductRow, Refusal, Row, StockRow, StoreRow
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Report
from inventory_service.domain.stock import Stock
from inventory_service.storage.reports import position_from_row
from inventory_service.storage.stores import RetailerProfile
from store_sync.load import FeedOrder, Loader

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GTIN = "00300691085301"
OTHER_GTIN = "04006381333931"
OWN_GTIN = "02000000000008"

Lines = Sequence[Row | Refusal]

HELD = """
SELECT r.slug AS retailer, s.store_code, coalesce(g.gtin, 'item ' || i.item_id) AS product, src.slug AS source, p.*
FROM position p JOIN store s USING (store_id) JOIN retailer r USING (retailer_id) JOIN source src USING (source_id)
     JOIN product g USING (product_id)
     LEFT JOIN LATERAL (SELECT min(item_id) AS item_id FROM item WHERE item.product_id = p.product_id) i ON true
WHERE g.merged_into IS NULL
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A position but for its ids: `records` with the source's name in the place of its id."""

    stock: Stock
    observed_at: datetime
    as_of: datetime
    covered_at: datetime
    source: str
    details: Details
    records: tuple[tuple[Report, str], ...]

    @property
    def quantity(self) -> int | None:
        return self.stock.quantity


Address = tuple[str, str, str]
"""(retailer, store_code, GTIN or `item …`)"""


def at(minutes: float) -> datetime:
    """So many minutes before our clock."""
    return NOW - timedelta(minutes=minutes)


def stopped_clock(moment: datetime = NOW) -> Clock:
    return lambda: moment


def shop(code: str, *, line: int = 2, retailer: str | None = None, **more: Any) -> Row:
    """A store near Seattle; its point depends on its code alone."""
    nudge = sum(code.encode()) % 97 / 1000
    row = StoreRow(code, f"Store {code}", retailer=retailer, point=Point(47.6 + nudge, -122.3 - nudge))
    return Row(line, store=replace(row, **more), raw=f"store {code}")


def item(item_id: str, gtin: str | None = None, *, line: int = 2, **more: Any) -> Row:
    return Row(line, product=ProductRow(item_id, gtin, **more), raw=f"item {item_id}")


def count(
    code: str,
    item_id: str,
    quantity: int,
    observed_at: datetime | None = None,
    *,
    line: int = 2,
    gtin: str | None = None,
    details: Details = NO_DETAILS,
    retailer: str | None = None,
    raw: str = "",
) -> Row:
    stock = StockRow(code, item_id, Stock.exactly(quantity), gtin, observed_at, details, retailer)
    return Row(line, stock=stock, raw=raw or f"{code}\t{item_id}\t{quantity}")


def order(
    retailer: str = "acme", *, source: str = "feed", as_of: datetime | None = None, snapshot: bool = False, **more: Any
) -> FeedOrder:
    return FeedOrder(
        RetailerProfile(retailer, retailer.title()),
        source,
        more.pop("file", "feed.tsv"),
        "any",
        as_of=as_of,
        snapshot=snapshot,
        **more,
    )


class Syncer:
    """Loads lines into one database, at a clock that stands still."""

    def __init__(self, pool: "asyncpg.Pool[Any]", now: datetime = NOW) -> None:
        self.pool, self.loader = pool, Loader(pool, stopped_clock(now))

    async def load(self, lines: Iterable[Row | Refusal], retailer: str = "acme", **about: Any) -> Loaded:
        return await self.loader.load(order(retailer, **about), lines)

    async def snapshot(
        self, lines: Iterable[Row | Refusal], as_of: datetime, retailer: str = "acme", **about: Any
    ) -> Loaded:
        return await self.load(lines, retailer, as_of=as_of, snapshot=True, **about)

    async def shelves(self) -> dict[Address, Shelf]:
        sources = {row["source_id"]: row["slug"] for row in await self.fetch("SELECT source_id, slug FROM source")}
        found = {}
        for row in await self.fetch(HELD):
            position = position_from_row(row)
            level = position.level
            records = tuple((replace(one, source_id=0, load_id=0), sources[one.source_id]) for one in position.reports)
            found[row["retailer"], row["store_code"], row["product"]] = Shelf(
                level.stock, level.observed_at, level.as_of, level.covered_at, row["source"], level.details, records
            )
        return found

    async def quantities(self) -> dict[tuple[str, str], int | None]:
        """(store_code, product) → pieces."""
        return {(code, product): one.quantity for (_, code, product), one in (await self.shelves()).items()}

    async def versions(self) -> dict[tuple[int, int], tuple[int, str]]:
        """(product_id, store_id) → version and the row's physical place, which any rewriting changes."""
        rows = await self.fetch("SELECT product_id, store_id, version, ctid::text AS place FROM position")
        return {(row["product_id"], row["store_id"]): (row["version"], row["place"]) for row in rows}

    async def coverage(self) -> dict[tuple[str, str], datetime]:
        """(store_code, source) → covered_at."""
        rows = await self.fetch(
            "SELECT s.store_code, src.slug, c.covered_at FROM coverage c JOIN store s USING (store_id)"
            " JOIN source src USING (source_id)"
        )
        return {(row["store_code"], row["slug"]): row["covered_at"] for row in rows}

    async def log(self, kind: str) -> list[Any]:
        return await self.fetch("SELECT * FROM change WHERE kind = $1 ORDER BY xact_id, seq", kind)

    async def rejected(self) -> list[Any]:
        return await self.fetch("SELECT l.file, r.* FROM rejected r JOIN load l USING (load_id) ORDER BY r.rejected_id")

    async def value(self, query: str, *arguments: Any) -> Any:
        return await self.pool.fetchval(query, *arguments)

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        return await self.pool.fetch(query, *arguments)

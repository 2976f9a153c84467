"""SQL of positions and coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from inventory_service.domain.level import Level
from inventory_service.storage import shoppers
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import (
    Position,
    details_word,
    level_from_row,
    position_from_row,
    reports_of,
    tail_of,
)

Key = tuple[int, int]
"""(product_id, store_id)"""

COLUMNS = (
    "p.product_id, p.store_id, p.version, p.low, p.high, p.observed_at, p.as_of, p.covered_at, p.source_id, p.details,"
    " p.leaning, p.shown_source_id, p.shown_at, p.shown_covered_at"
)

BEHIND = "p.load_id, p.tail, p.reports"
"""What with COLUMNS makes a Position."""

HELD = f"""
SELECT {COLUMNS}, {BEHIND}
FROM unnest($1::int[], $2::int[]) AS wanted (product_id, store_id)
JOIN position p USING (product_id, store_id)
"""

LEVELS = f"""
SELECT {COLUMNS} FROM unnest($1::int[], $2::int[]) AS wanted (product_id, store_id)
JOIN position p USING (product_id, store_id)
"""

HELD_OF_LIVING = f"""
{HELD}
WHERE NOT EXISTS (SELECT FROM product m WHERE m.product_id = p.product_id AND m.merged_into IS NOT NULL)
"""

WRITE = """
INSERT INTO position (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, details, details_crc,
                      load_id, tail, reports, shown_source_id, shown_at, shown_covered_at)
SELECT product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, details, details_crc, load_id,
       tail::bigint[], reports, shown_source_id, shown_at, shown_covered_at
FROM unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
            $8::smallint[], $9::jsonb[], $10::int[], $11::int[], $12::text[], $13::jsonb[], $14::smallint[],
            $15::timestamptz[], $16::timestamptz[])
     AS new (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, details, details_crc, load_id,
             tail, reports, shown_source_id, shown_at, shown_covered_at)
ON CONFLICT (product_id, store_id) DO UPDATE SET
    version = position.version + 1, low = excluded.low, high = excluded.high, observed_at = excluded.observed_at,
    as_of = excluded.as_of, covered_at = excluded.covered_at, source_id = excluded.source_id,
    details = excluded.details, details_crc = excluded.details_crc, load_id = excluded.load_id, tail = excluded.tail,
    reports = excluded.reports, shown_source_id = excluded.shown_source_id, shown_at = excluded.shown_at,
    shown_covered_at = excluded.shown_covered_at,
    leaning = CASE WHEN position.observed_at = excluded.observed_at THEN position.leaning END
"""

REMEMBER = """
UPDATE position p SET tail = kept.tail::bigint[], reports = kept.reports
FROM unnest($1::int[], $2::int[], $3::text[], $4::jsonb[]) AS kept (product_id, store_id, tail, reports)
WHERE p.product_id = kept.product_id AND p.store_id = kept.store_id
"""

KEYS_OF_PRODUCT = f"SELECT {COLUMNS}, {BEHIND} FROM position p WHERE p.product_id = $1 ORDER BY p.store_id"

OF_SHELVES = f"""
SELECT {COLUMNS}, {BEHIND} FROM position p
WHERE p.product_id = ANY ($1::int[]) AND p.store_id = ANY ($2::int[]) ORDER BY p.store_id, p.product_id
"""

COUNTS = """
SELECT s.store_code, i.item_id, p.low
FROM store s JOIN position p USING (store_id)
     JOIN item i ON i.product_id = p.product_id AND i.retailer_id = s.retailer_id
WHERE s.retailer_id = (SELECT retailer_id FROM retailer WHERE slug = $1)
"""

COVERAGE_OF = """
SELECT store_id, source_id, covered_at FROM coverage WHERE store_id = ANY ($1::int[])
"""

SNAPSHOTS_OF = "SELECT store_id, source_id, told_at FROM coverage WHERE store_id = ANY ($1::int[])"

ALL_COVERAGE = "SELECT store_id, source_id, covered_at FROM coverage"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A position with its address in the cache."""

    product_id: int
    store_id: int
    neighbourhood_id: int
    slot: int
    version: int
    level: Level


async def held(connection: Connection, keys: Sequence[Key]) -> dict[Key, Position]:
    """The positions of `keys` that exist."""
    rows = await connection.fetch(HELD, [key[0] for key in keys], [key[1] for key in keys])
    return {(row["product_id"], row["store_id"]): position_from_row(row) for row in rows}


async def levels(connection: Connection, keys: Sequence[Key]) -> dict[Key, Level]:
    """What is held true of those of `keys` that exist, without the reports behind it."""
    rows = await connection.fetch(LEVELS, [key[0] for key in keys], [key[1] for key in keys])
    return {(row["product_id"], row["store_id"]): level_from_row(row) for row in rows}


async def held_of_living(connection: Connection, keys: Sequence[Key]) -> dict[Key, Position]:
    """Like `held`, without products that have turned out to be others."""
    rows = await connection.fetch(HELD_OF_LIVING, [key[0] for key in keys], [key[1] for key in keys])
    return {(row["product_id"], row["store_id"]): position_from_row(row) for row in rows}


async def write(connection: Connection, positions: Sequence[Position]) -> None:
    """Inserts or replaces levels, sorted by key, raising each version; shoppers' words newer than them count."""
    if not positions:
        return
    ordered = sorted(positions, key=lambda position: (position.product_id, position.store_id))
    levels = [position.level for position in ordered]
    product_ids, store_ids = [one.product_id for one in ordered], [one.store_id for one in ordered]
    details_words = [details_word(level.details) for level in levels]
    await connection.execute(
        WRITE,
        product_ids,
        store_ids,
        [level.stock.low for level in levels],
        [level.stock.high for level in levels],
        [level.observed_at for level in levels],
        [level.as_of for level in levels],
        [level.covered_at for level in levels],
        [level.source_id for level in levels],
        [details for details, _ in details_words],
        [crc for _, crc in details_words],
        [level.load_id for level in levels],
        *_behind(ordered),
        *_shown(levels),
    )
    since = min(level.observed_at for level in levels)
    await shoppers.weigh_anew(connection, np.array(product_ids, np.int32), np.array(store_ids, np.int32), since)


async def remember(connection: Connection, positions: Sequence[Position]) -> None:
    """Keeps reports that leave the level as it is: no new version."""
    ordered = sorted(positions, key=lambda position: (position.product_id, position.store_id))
    await connection.execute(
        REMEMBER,
        [position.product_id for position in ordered],
        [position.store_id for position in ordered],
        *_behind(ordered),
    )


async def of_product(connection: Connection, product_id: int) -> list[Position]:
    return [position_from_row(row) for row in await connection.fetch(KEYS_OF_PRODUCT, product_id)]


async def of_shelves(connection: Connection, product_ids: Sequence[int], store_ids: Sequence[int]) -> list[Position]:
    """What some stores hold of some products, store by store."""
    rows = await connection.fetch(OF_SHELVES, list(product_ids), list(store_ids))
    return [position_from_row(row) for row in rows]


async def snapshot_times(connection: Connection, store_ids: Sequence[int]) -> dict[int, dict[int, list[datetime]]]:
    """store_id → source_id → when its newest snapshots spoke of the store, oldest first."""
    found: dict[int, dict[int, list[datetime]]] = {store_id: {} for store_id in store_ids}
    for row in await connection.fetch(SNAPSHOTS_OF, list(store_ids)):
        found[row["store_id"]][row["source_id"]] = sorted(row["told_at"])
    return found


async def counts(connection: Connection, retailer: str) -> list[tuple[str, str, int]]:
    """(store_code, item_id, pieces at least) of everything a retailer's stores hold."""
    rows = await connection.fetch(COUNTS, retailer)
    return [(row["store_code"], row["item_id"], row["low"]) for row in rows]


async def coverage(connection: Connection, store_ids: Sequence[int] | None) -> Mapping[Key, datetime]:
    """(store_id, source_id) → covered_at, for some stores or for all."""
    rows = await (
        connection.fetch(ALL_COVERAGE) if store_ids is None else connection.fetch(COVERAGE_OF, list(store_ids))
    )
    return {(row["store_id"], row["source_id"]): row["covered_at"] for row in rows}


async def covered_of(connection: Connection, store_id: int) -> dict[int, datetime]:
    """source_id → covered_at of one store."""
    return {source_id: at for (_, source_id), at in (await coverage(connection, [store_id])).items()}


def _shown(levels: Sequence[Level]) -> tuple[list[int | None], list[datetime | None], list[datetime | None]]:
    """Source, observed_at and covered_at of what is shown, where it is not the level's own."""
    shown = [level.shown for level in levels]
    return (
        [None if one is None else one.source_id for one in shown],
        [None if one is None else one.observed_at for one in shown],
        [None if one is None else one.covered_at for one in shown],
    )


def _behind(ordered: Sequence[Position]) -> tuple[list[str | None], list[Any]]:
    """tail as an array's text, and reports as JSON, of each position."""
    tails = [tail_of(position) for position in ordered]
    texts = [None if tail is None else f"{{{','.join(map(str, tail))}}}" for tail in tails]
    return texts, [reports_of(position) for position in ordered]

"""SQL of positions and coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory_service.domain.level import Level
from inventory_service.storage.offers import details_to_json
from inventory_service.storage.postgres import Connection
from inventory_service.storage.records import Position, level_from_row, position_from_row, records_to_json

Key = tuple[int, int]
"""(product_id, store_id)"""

COLUMNS = (
    "p.product_id, p.store_id, p.version, p.low, p.high, p.observed_at, p.as_of, p.covered_at, p.source_id, p.details"
)

HELD = f"""
SELECT {COLUMNS}, p.records
FROM unnest($1::int[], $2::int[]) AS wanted (product_id, store_id)
JOIN position p USING (product_id, store_id)
"""

WRITE = """
INSERT INTO position (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, details, records)
SELECT product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, details, records::jsonb
FROM unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
            $8::smallint[], $9::jsonb[], $10::text[])
     AS new (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, details, records)
ON CONFLICT (product_id, store_id) DO UPDATE SET
    version = position.version + 1, low = excluded.low, high = excluded.high, observed_at = excluded.observed_at,
    as_of = excluded.as_of, covered_at = excluded.covered_at, source_id = excluded.source_id,
    details = excluded.details, records = excluded.records
"""

REMEMBER = """
UPDATE position p SET records = kept.records::jsonb
FROM unnest($1::int[], $2::int[], $3::text[]) AS kept (product_id, store_id, records)
WHERE p.product_id = kept.product_id AND p.store_id = kept.store_id
"""

OF_NEIGHBOURHOODS = f"""
SELECT s.neighbourhood_id, s.slot, {COLUMNS}
FROM store s JOIN position p ON p.product_id = $1 AND p.store_id = s.store_id
WHERE s.neighbourhood_id = ANY ($2::int[])
ORDER BY s.neighbourhood_id, s.slot
"""

OF_KEYS = f"""
SELECT s.neighbourhood_id, s.slot, {COLUMNS}
FROM unnest($1::int[], $2::int[]) AS wanted (product_id, store_id)
JOIN position p USING (product_id, store_id)
JOIN store s USING (store_id)
"""

KEYS_OF_PRODUCT = f"SELECT {COLUMNS}, p.records FROM position p WHERE p.product_id = $1 ORDER BY p.store_id"

COUNTS = """
SELECT s.store_code, i.item_id, p.low
FROM store s JOIN position p USING (store_id)
     JOIN item i ON i.product_id = p.product_id AND i.retailer_id = s.retailer_id
WHERE s.retailer_id = (SELECT retailer_id FROM retailer WHERE slug = $1)
"""

COVERAGE_OF = """
SELECT store_id, source_id, covered_at FROM coverage WHERE store_id = ANY ($1::int[])
"""

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


async def write(connection: Connection, positions: Sequence[Position]) -> None:
    """Inserts or replaces levels, sorted by key, raising each version by one."""
    ordered = sorted(positions, key=lambda position: (position.product_id, position.store_id))
    levels = [position.level for position in ordered]
    await connection.execute(
        WRITE,
        [position.product_id for position in ordered],
        [position.store_id for position in ordered],
        [level.stock.low for level in levels],
        [level.stock.high for level in levels],
        [level.observed_at for level in levels],
        [level.as_of for level in levels],
        [level.covered_at for level in levels],
        [level.source_id for level in levels],
        [details_to_json(level.details) for level in levels],
        [records_to_json(position.records, position.level) for position in ordered],
    )


async def remember(connection: Connection, positions: Sequence[Position]) -> None:
    """Keeps records that leave the level as it is: no new version."""
    ordered = sorted(positions, key=lambda position: (position.product_id, position.store_id))
    await connection.execute(
        REMEMBER,
        [position.product_id for position in ordered],
        [position.store_id for position in ordered],
        [records_to_json(position.records, position.level) for position in ordered],
    )


async def of_neighbourhoods(
    connection: Connection, product_id: int, neighbourhood_ids: Sequence[int]
) -> dict[int, list[Shelf]]:
    """A product's shelves by neighbourhood; a neighbourhood where nobody has it has an empty list."""
    rows = await connection.fetch(OF_NEIGHBOURHOODS, product_id, list(neighbourhood_ids))
    found: dict[int, list[Shelf]] = {neighbourhood_id: [] for neighbourhood_id in neighbourhood_ids}
    for row in rows:
        found[row["neighbourhood_id"]].append(_shelf(row))
    return found


async def shelves(connection: Connection, keys: Sequence[Key]) -> list[Shelf]:
    """The shelves of `keys`, as they are now."""
    rows = await connection.fetch(OF_KEYS, [key[0] for key in keys], [key[1] for key in keys])
    return [_shelf(row) for row in rows]


async def of_product(connection: Connection, product_id: int) -> list[Position]:
    return [position_from_row(row) for row in await connection.fetch(KEYS_OF_PRODUCT, product_id)]


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


def _shelf(row: Any) -> Shelf:
    return Shelf(
        row["product_id"], row["store_id"], row["neighbourhood_id"], row["slot"], row["version"], level_from_row(row)
    )

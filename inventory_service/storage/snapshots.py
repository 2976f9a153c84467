"""SQL of snapshots: what a file mentioned, coverage, and the stores that are held."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory_service.storage import changes
from inventory_service.storage.positions import COLUMNS, Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.records import Position, position_from_row

MENTIONED = """
CREATE TEMPORARY TABLE IF NOT EXISTS mentioned (product_id int, store_id int, PRIMARY KEY (store_id, product_id))
"""
MENTION = "INSERT INTO mentioned SELECT DISTINCT * FROM unnest($1::int[], $2::int[]) ON CONFLICT DO NOTHING"
STORES = """
SELECT DISTINCT s.retailer_id, s.store_id FROM mentioned JOIN store s USING (store_id)
ORDER BY s.retailer_id, s.store_id
"""
FORGET = "DROP TABLE IF EXISTS mentioned"
POSITIONS = f"""
SELECT {COLUMNS}, p.records, m.product_id IS NOT NULL AS mentioned
FROM position p LEFT JOIN mentioned m ON m.store_id = p.store_id AND m.product_id = p.product_id
WHERE p.store_id = ANY ($1::int[])
  AND NOT EXISTS (SELECT FROM product m WHERE m.product_id = p.product_id AND m.merged_into IS NOT NULL)
ORDER BY p.product_id, p.store_id
"""
COVER = """
INSERT INTO coverage (store_id, source_id, covered_at) SELECT store_id, $2, $3 FROM unnest($1::int[]) AS told (store_id)
ON CONFLICT (store_id, source_id) DO UPDATE SET covered_at = greatest(coverage.covered_at, excluded.covered_at)
"""
SUPERSEDE = """
DELETE FROM held USING load
WHERE held.store_id = ANY ($1::int[]) AND held.source_id = $2 AND load.load_id = held.load_id AND load.as_of <= $3
"""
HOLD = """
INSERT INTO held (store_id, source_id, load_id, product_ids, positive) VALUES ($1, $2, $3, $4::int[], $5)
ON CONFLICT (store_id, source_id) DO UPDATE SET
    load_id = excluded.load_id, product_ids = excluded.product_ids, positive = excluded.positive
WHERE (SELECT as_of FROM load WHERE load_id = held.load_id) <= (SELECT as_of FROM load WHERE load_id = excluded.load_id)
"""
LOCK_SOURCE = 0x4E54
"""Class of the advisory locks that let one snapshot of a source in at a time."""
LOCK = "SELECT pg_advisory_lock($1, $2)"
LIST = """
SELECT h.store_id, r.slug AS retailer, s.store_code, src.slug AS source, h.load_id, l.file, l.as_of,
       cardinality(h.product_ids) AS would_empty, h.positive
FROM held h JOIN store s USING (store_id) JOIN retailer r USING (retailer_id) JOIN source src USING (source_id)
     JOIN load l USING (load_id)
ORDER BY h.load_id, h.store_id
"""
TAKE = """
DELETE FROM held h USING load l, store s
WHERE h.store_id = $1 AND h.source_id = (SELECT source_id FROM load WHERE load_id = $2) AND h.load_id = $2
  AND l.load_id = h.load_id AND s.store_id = h.store_id
RETURNING h.source_id, h.product_ids, l.as_of, s.retailer_id
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A store that a snapshot would empty: the products it left out, of so many that were there."""

    store_id: int
    load_id: int
    product_ids: list[int]
    positive: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A held store on its way to be released or dropped."""

    retailer_id: int
    source_id: int
    product_ids: list[int]
    as_of: datetime


async def begin(connection: Connection, source_id: int) -> None:
    """Waits until no other snapshot of the source is under way. The turn lasts until the connection is given back.

    Two at once would each leave unwritten what the other changes before it is covered.
    """
    await connection.execute(LOCK, LOCK_SOURCE, source_id)
    await connection.execute(FORGET)


async def mention(connection: Connection, keys: Sequence[Key]) -> None:
    """Notes which positions the file listed; on this connection, until `forget_mentions`."""
    await connection.execute(MENTIONED)
    await connection.execute(MENTION, [key[0] for key in keys], [key[1] for key in keys])


async def mentioned_stores(connection: Connection) -> dict[int, list[int]]:
    """retailer_id → ids of its stores that the file listed."""
    await connection.execute(MENTIONED)
    found: dict[int, list[int]] = defaultdict(list)
    for row in await connection.fetch(STORES):
        found[row["retailer_id"]].append(row["store_id"])
    return found


async def forget_mentions(connection: Connection) -> None:
    await connection.execute(FORGET)


async def positions_of(connection: Connection, store_ids: Sequence[int]) -> list[tuple[Position, bool]]:
    """Every position of some stores, and whether the file mentioned it."""
    rows = await connection.fetch(POSITIONS, list(store_ids))
    return [(position_from_row(row), row["mentioned"]) for row in rows]


async def cover(
    connection: Connection, store_ids: Sequence[int], source_id: int, covered_at: datetime, now: datetime
) -> None:
    """The source stands by all it holds for these stores; what an older snapshot had held of them is superseded."""
    if store_ids:
        await connection.execute(COVER, list(store_ids), source_id, covered_at)
        await connection.execute(SUPERSEDE, list(store_ids), source_id, covered_at)
        await changes.append(connection, "coverage", store_ids, [], now)


async def hold(connection: Connection, held: Held, source_id: int) -> None:
    """Puts a store on the list, unless a newer snapshot of the source has it there."""
    await connection.execute(HOLD, held.store_id, source_id, held.load_id, held.product_ids, held.positive)


async def listed(connection: Connection) -> list[dict[str, object]]:
    """Every held store: which file would empty how many of how many."""
    return [dict(row) for row in await connection.fetch(LIST)]


async def take(connection: Connection, store_id: int, load_id: int) -> Taken | None:
    """Takes a held store off the list; None where it is not on it."""
    row = await connection.fetchrow(TAKE, store_id, load_id)
    return row and Taken(row["retailer_id"], row["source_id"], row["product_ids"], row["as_of"])

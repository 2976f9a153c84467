"""SQL of snapshots: coverage, and the stores that are held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory_service.storage import changes
from inventory_service.storage.postgres import Connection

COVER = """
INSERT INTO coverage AS c (store_id, source_id, covered_at, load_id, told_at)
SELECT store_id, $2, $3, $4, ARRAY[$3::timestamptz] FROM unnest($1::int[]) AS told (store_id)
ON CONFLICT (store_id, source_id) DO UPDATE SET
    covered_at = greatest(c.covered_at, excluded.covered_at),
    load_id = CASE WHEN c.covered_at < excluded.covered_at THEN excluded.load_id ELSE c.load_id END,
    covered_before = CASE WHEN c.covered_at < excluded.covered_at THEN c.covered_at ELSE c.covered_before END,
    told_at = ARRAY(SELECT one FROM unnest(c.told_at || excluded.told_at) AS one ORDER BY one DESC LIMIT 24)
WHERE NOT excluded.told_at <@ c.told_at
"""
UNCOVER = """
UPDATE coverage SET covered_at = coalesce(covered_before, '2000-01-01Z'), covered_before = NULL, load_id = NULL,
    told_at = array_remove(told_at, covered_at)
WHERE load_id = $1 RETURNING store_id
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
DROP_OF_LOAD = "DELETE FROM held WHERE load_id = $1"
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


async def cover(
    connection: Connection,
    store_ids: Sequence[int],
    source_id: int,
    covered_at: datetime,
    load_id: int,
    now: datetime,
) -> None:
    """The source stands by all it holds for these stores; what an older snapshot had held of them is superseded."""
    if store_ids:
        await connection.execute(COVER, list(store_ids), source_id, covered_at, load_id)
        await connection.execute(SUPERSEDE, list(store_ids), source_id, covered_at)
        await changes.append(connection, "coverage", store_ids, [], now)


async def uncover(connection: Connection, load_id: int, now: datetime) -> None:
    """Takes back what a snapshot moved, as far as none has moved it since."""
    rows = await connection.fetch(UNCOVER, load_id)
    if rows:
        await changes.append(connection, "coverage", [row["store_id"] for row in rows], [], now)


async def hold(connection: Connection, held: Held, source_id: int) -> None:
    """Puts a store on the list, unless a newer snapshot of the source has it there."""
    await connection.execute(HOLD, held.store_id, source_id, held.load_id, held.product_ids, held.positive)


async def drop_of_load(connection: Connection, load_id: int) -> None:
    """No store waits any more for a person's word on this load."""
    await connection.execute(DROP_OF_LOAD, load_id)


async def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every held store: which file would empty how many of how many."""
    return [dict(row) for row in await connection.fetch(LIST)]


async def take(connection: Connection, store_id: int, load_id: int) -> Taken | None:
    """Takes a held store off the list; None where it is not on it."""
    row = await connection.fetchrow(TAKE, store_id, load_id)
    return row and Taken(row["retailer_id"], row["source_id"], row["product_ids"], row["as_of"])

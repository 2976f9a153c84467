"""SQL of taking a load back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory_service.storage.positions import BEHIND, COLUMNS
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import Position, position_from_row

LOAD = """
SELECT l.load_id, l.source_id, l.undone_at, s.retailer_id, s.slug AS source, r.slug AS retailer
FROM load l JOIN source s USING (source_id) JOIN retailer r USING (retailer_id) WHERE l.load_id = $1
"""
TOLD_BY = f"""
SELECT {COLUMNS}, {BEHIND}
FROM position p
WHERE p.store_id = ANY ($1::int[])
  AND (p.load_id = $2 OR $2 = ANY (p.tail)
       OR jsonb_path_exists(p.reports, 'strict $.r[*] ? (@[8] == $load)', jsonb_build_object('load', $2::int), true))
ORDER BY p.product_id, p.store_id
"""
UNDONE = "UPDATE load SET undone_at = $2, day = NULL WHERE load_id = $1"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A load that a person wants to take back."""

    load_id: int
    retailer_id: int
    retailer: str
    source: str
    undone_at: datetime | None


async def find(connection: Connection, load_id: int) -> Doubtful | None:
    row = await connection.fetchrow(LOAD, load_id)
    return row and Doubtful(row["load_id"], row["retailer_id"], row["retailer"], row["source"], row["undone_at"])


async def told_by(connection: Connection, load_id: int, store_ids: Sequence[int]) -> list[Position]:
    """The positions of some stores whose kept reports a load brought, in order of their keys."""
    rows = await connection.fetch(TOLD_BY, list(store_ids), load_id)
    found = [position_from_row(row) for row in rows]
    return [one for one in found if any(report.load_id == load_id for report in one.reports)]


async def mark(connection: Connection, load_id: int, now: datetime) -> None:
    """The load is undone; live events of its day gather in a new one."""
    await connection.execute(UNDONE, load_id, now)

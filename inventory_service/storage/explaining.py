"""SQL of what stands behind one answer: loads and looks that brought its reports, and when its store was covered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory_service.storage.postgres import Connection

LOADS = """
SELECT load_id, file, started_at, coalesce(finished_at, progressed_at) AS ended_at, day IS NOT NULL AS is_live,
       undone_at
FROM load WHERE load_id = ANY ($1::bigint[])
"""
CONFIRMATIONS = """
SELECT c.confirmation_id, c.said, c.quantity, c.received_at, c.undone_at, k.hint, k.name, u.hint AS undone_by
FROM confirmation c JOIN api_key k USING (key_id) LEFT JOIN api_key u ON u.key_id = c.undone_by
WHERE c.confirmation_id = ANY ($1::bigint[])
"""
COVERAGE = """
SELECT c.source_id, told.at, (
    SELECT min(l.finished_at) FROM load l WHERE l.source_id = c.source_id AND l.as_of = told.at) AS received_at
FROM coverage c CROSS JOIN LATERAL unnest(c.told_at) AS told (at)
WHERE c.store_id = $1 ORDER BY told.at DESC
"""
SOURCES = """
SELECT source_id, slug FROM source WHERE retailer_id = (SELECT retailer_id FROM store WHERE store_id = $1)
"""


@dataclass(frozen=True, slots=True)
class Load:
    """A file, or a day's live events. `ended_at`: when the last of it was committed; our clock."""

    file: str
    started_at: datetime
    ended_at: datetime | None
    is_live: bool
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """A confirmation: what was said, by which key, when it reached us, and who took it back."""

    said: str
    quantity: int | None
    hint: str
    name: str
    received_at: datetime
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class Covered:
    """A full file that spoke of the store; `received_at` None: not known any more."""

    source_id: int
    at: datetime
    received_at: datetime | None

    def was_known(self, moment: datetime) -> bool:
        """Whether it had reached us by `moment`; where that is not known, as it was made."""
        return (self.at if self.received_at is None else self.received_at) <= moment


async def loads(connection: Connection, load_ids: Collection[int]) -> dict[int, Load]:
    """Those of positive `load_ids` that are known."""
    rows = await connection.fetch(LOADS, [one for one in load_ids if one > 0])
    return {row["load_id"]: Load(**_rest(row, "load_id")) for row in rows}


async def looks(connection: Connection, load_ids: Collection[int]) -> dict[int, Look]:
    """Load id → the confirmation that has that number below zero."""
    rows = await connection.fetch(CONFIRMATIONS, [-one for one in load_ids if one < 0])
    return {-row["confirmation_id"]: Look(**_rest(row, "confirmation_id")) for row in rows}


async def covered(connection: Connection, store_id: int) -> list[Covered]:
    """The newest full files of each source that spoke of a store, newest first."""
    return [Covered(**dict(row)) for row in await connection.fetch(COVERAGE, store_id)]


async def sources(connection: Connection, store_id: int) -> Mapping[int, str]:
    """source_id → name, of the store's retailer."""
    return {row["source_id"]: row["slug"] for row in await connection.fetch(SOURCES, store_id)}


def _rest(row: Any, key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}

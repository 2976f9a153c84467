"""SQL of what a source is doing: paused or not, looked at when, and whose turn it is to take its files."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from inventory_service.domain.errors import NotFoundError
from inventory_service.storage.postgres import Connection
from inventory_service.storage.stores import RetailerProfile, ensure_own_source

Verdict = Literal["pause", "resume"]

FIND = """
SELECT s.source_id FROM source s JOIN retailer r USING (retailer_id) WHERE r.slug = $1 AND s.slug = $2
"""
PAUSED = "SELECT paused FROM source WHERE source_id = $1"
DECIDE = "UPDATE source SET paused = $2 WHERE source_id = $1 AND paused <> $2 RETURNING source_id"
NOTE_DECISION = "INSERT INTO source_pause (source_id, paused, decided_at, decided_by) VALUES ($1, $2, $3, $4)"
LOOKED = "UPDATE source SET looked_at = $2, look_failure = NULL WHERE source_id = $1"
LOOK_FAILED = "UPDATE source SET look_failure = $2 WHERE source_id = $1"

TAKE_TURN = """
INSERT INTO source_turn (source_id, holder, held_until)
VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
ON CONFLICT (source_id) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
WHERE source_turn.held_until < clock_timestamp()
RETURNING source_id
"""
RENEW_TURN = """
UPDATE source_turn SET held_until = clock_timestamp() + make_interval(secs => $3)
WHERE source_id = $1 AND holder = $2 RETURNING source_id
"""
END_TURN = "DELETE FROM source_turn WHERE source_id = $1 AND holder = $2"


async def enrol(connection: Connection, retailer: str, source: str, now: datetime) -> int:
    """The source's id; it and its retailer are added where they are not known. Runs in the caller's transaction."""
    return (await ensure_own_source(connection, RetailerProfile(retailer, retailer), source, now)).source_id


async def find(connection: Connection, retailer: str, source: str) -> int:
    """The source's id. Raises NotFoundError."""
    found = await connection.fetchval(FIND, retailer, source)
    if found is None:
        raise NotFoundError(f"There is no source {retailer}/{source}.")
    return int(found)


async def is_paused(connection: Connection, source_id: int) -> bool:
    return bool(await connection.fetchval(PAUSED, source_id))


async def decide(connection: Connection, source_id: int, verdict: Verdict, decided_by: str, now: datetime) -> bool:
    """Pauses or resumes, and notes who did so; False where it was so already. Runs in the caller's transaction."""
    paused = verdict == "pause"
    if await connection.fetchval(DECIDE, source_id, paused) is None:
        return False
    await connection.execute(NOTE_DECISION, source_id, paused, now, decided_by)
    return True


async def looked(connection: Connection, source_id: int, now: datetime) -> None:
    """Its file or URL could be looked at, whether there was news or not."""
    await connection.execute(LOOKED, source_id, now)


async def look_failed(connection: Connection, source_id: int, sentence: str) -> None:
    await connection.execute(LOOK_FAILED, source_id, sentence)


async def take_turn(connection: Connection, source_id: int, holder: UUID, lease_s: float) -> bool:
    """True where nobody else has the turn, or its holder has not renewed it in time."""
    return await connection.fetchval(TAKE_TURN, source_id, holder, lease_s) is not None


async def renew_turn(connection: Connection, source_id: int, holder: UUID, lease_s: float) -> bool:
    """False where somebody else has taken the turn over."""
    return await connection.fetchval(RENEW_TURN, source_id, holder, lease_s) is not None


async def end_turn(connection: Connection, source_id: int, holder: UUID) -> None:
    await connection.execute(END_TURN, source_id, holder)

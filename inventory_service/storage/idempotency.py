"""SQL of replies kept by Idempotency-Key: written with what they tell of, kept for days, never too many."""

from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.confirmation import KEPT_FOR
from inventory_service.storage.postgres import Connection

FIND = "SELECT sha256, reply FROM idempotency WHERE key_id = $1 AND name = $2"
KEEP = """
WITH gone AS (
    DELETE FROM idempotency WHERE (key_id, name) IN (
        SELECT key_id, name FROM idempotency WHERE made_at < $7 ORDER BY made_at LIMIT $8 FOR UPDATE SKIP LOCKED)
)
INSERT INTO idempotency (key_id, name, sha256, status, reply, made_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
LET_GO_MORE = """
DELETE FROM idempotency WHERE key_id = $1 AND made_at <= (
    SELECT made_at FROM idempotency WHERE key_id = $1 ORDER BY made_at DESC OFFSET $2 LIMIT 1)
"""
MOST_OF_A_KEY = 100_000
"""Replies kept for one key; beyond it the oldest are let go before their time."""
AT_ONCE = 100
"""Old ones that are let go with each that is kept. Counting all of a key's is worth its time only once in so many."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a key under a name of its own; `sha256` is of all that it asks."""

    key_id: int
    name: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What was replied to the first request of this name."""

    sha256: bytes
    reply: bytes


async def find(connection: Connection, request: Request) -> Kept | None:
    row = await connection.fetchrow(FIND, request.key_id, request.name)
    return row and Kept(row["sha256"], row["reply"])


async def keep(connection: Connection, request: Request, status: int, reply: bytes, now: datetime) -> None:
    """Within the transaction that the reply tells of; lets go of some that are older than KEPT_FOR."""
    told = request.key_id, request.name, request.sha256, status, reply, now
    await connection.execute(KEEP, *told, now - KEPT_FOR, AT_ONCE)


async def let_go(connection: Connection, key_id: int, at_most: int = MOST_OF_A_KEY) -> None:
    """The oldest beyond `at_most` of a key."""
    await connection.execute(LET_GO_MORE, key_id, at_most)

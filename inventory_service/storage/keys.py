"""SQL of keys. Only the SHA-256 of a key is stored: 256 random bits need no salt."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inventory_service.domain.key import UNLIMITED, Key, Limits
from inventory_service.storage.postgres import Connection

HINT_LENGTH = 9
_COLUMNS = """kind, hash, hint, name, scopes, origins, retailer_id, store_ids, created_at, retailers, fields,
    per_minute, per_day, per_address_per_minute, expires_at"""
ADD = f"""
INSERT INTO api_key ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, (SELECT retailer_id FROM retailer WHERE slug = $7), $8, $9, $10, $11, $12, $13, $14,
        $15)
RETURNING key_id
"""
_LIST = """
SELECT k.key_id, k.kind, k.hash, k.hint, k.name, k.scopes, k.origins, r.slug AS retailer, k.store_ids, k.retailers,
       k.fields, k.per_minute, k.per_day, k.per_address_per_minute, k.created_at, k.expires_at, k.rotated_to,
       k.revoked_at
FROM api_key k LEFT JOIN retailer r USING (retailer_id)
"""
LIST = _LIST + "ORDER BY k.key_id"
KNOWN = (
    _LIST
    + """WHERE k.revoked_at IS NULL OR k.key_id IN (
    SELECT key_id FROM api_key WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC LIMIT $1
)"""
)
REVOKED_KNOWN = 1_000
"""Revoked keys whose holders are told so; an older one is a key that nobody knows."""
REVOKE = "UPDATE api_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL RETURNING key_id"
ONE = _LIST + "WHERE k.key_id = $1 FOR UPDATE OF k"
SUCCEED = f"""
INSERT INTO api_key ({_COLUMNS})
SELECT kind, $2, $3, name, scopes, origins, retailer_id, store_ids, $4, retailers, fields, per_minute, per_day,
       per_address_per_minute, expires_at
FROM api_key WHERE key_id = $1 RETURNING key_id
"""
HAND_ON = "UPDATE webhook SET key_id = $2 WHERE key_id = $1"
END = "UPDATE api_key SET rotated_to = $2, expires_at = least(expires_at, $3) WHERE key_id = $1"


def key_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


async def add(
    connection: Connection,
    *,
    kind: str,
    secret: str,
    name: str,
    scopes: Sequence[str],
    origins: Sequence[str],
    retailer: str | None,
    store_ids: Sequence[int],
    now: datetime,
    retailers: Sequence[str] = (),
    fields: Sequence[str] = (),
    limits: Limits = UNLIMITED,
    expires_at: datetime | None = None,
) -> int:
    """Stores a key by its hash; returns its id."""
    return int(
        await connection.fetchval(
            ADD,
            kind,
            key_hash(secret),
            secret[:HINT_LENGTH],
            name,
            list(scopes),
            list(origins),
            retailer,
            list(store_ids),
            now,
            list(retailers),
            list(fields),
            limits.per_minute,
            limits.per_day,
            limits.per_address_per_minute,
            expires_at,
        )
    )


async def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every key, revoked ones too, without its hash."""
    rows = await connection.fetch(LIST)
    return [{name: value for name, value in row.items() if name != "hash"} for row in rows]


async def known(connection: Connection) -> dict[bytes, Key]:
    """hash → key, for the keys in force and for those that were until lately: `Key.fault` tells which."""
    return {row["hash"]: _key(row) for row in await connection.fetch(KNOWN, REVOKED_KNOWN)}


async def one(connection: Connection, key_id: int) -> Key | None:
    """The key, and nobody changes it before the transaction ends."""
    row = await connection.fetchrow(ONE, key_id)
    return None if row is None else _key(row)


async def rotate(connection: Connection, key_id: int, secret: str, now: datetime, until: datetime) -> int:
    """Stores another key of the same rights, whose id is returned; the old one is valid `until` then at the latest.

    Its webhooks are the other's from now on.
    """
    new_id = int(await connection.fetchval(SUCCEED, key_id, key_hash(secret), secret[:HINT_LENGTH], now))
    await connection.execute(HAND_ON, key_id, new_id)
    await connection.execute(END, key_id, new_id, until)
    return new_id


async def revoke(connection: Connection, key_id: int, now: datetime) -> bool:
    """False where there is no such key in force."""
    return await connection.fetchval(REVOKE, key_id, now) is not None


def _key(row: Any) -> Key:
    return Key(
        key_id=row["key_id"],
        kind=row["kind"],
        name=row["name"],
        hint=row["hint"],
        scopes=frozenset(row["scopes"]),
        origins=frozenset(row["origins"]),
        retailer=row["retailer"],
        store_ids=frozenset(row["store_ids"]),
        retailers=frozenset(row["retailers"]),
        fields=frozenset(row["fields"]),
        limits=Limits(row["per_minute"], row["per_day"], row["per_address_per_minute"]),
        expires_at=row["expires_at"],
        rotated=row["rotated_to"] is not None,
        revoked=row["revoked_at"] is not None,
    )

"""SQL of keys. Only the SHA-256 of a key is stored: 256 random bits need no salt."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inventory_service.domain.key import Key
from inventory_service.storage.postgres import Connection

ADD = """
INSERT INTO api_key (kind, hash, hint, name, scopes, origins, retailer_id, store_ids, created_at)
VALUES ($1, $2, $3, $4, $5, $6, (SELECT retailer_id FROM retailer WHERE slug = $7), $8, $9) RETURNING key_id
"""
_LIST = """
SELECT k.key_id, k.kind, k.hash, k.hint, k.name, k.scopes, k.origins, r.slug AS retailer, k.store_ids, k.created_at,
       k.revoked_at
FROM api_key k LEFT JOIN retailer r USING (retailer_id)
"""
LIST = _LIST + "ORDER BY k.key_id"
VALID = _LIST + "WHERE k.revoked_at IS NULL"
REVOKE = "UPDATE api_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL RETURNING key_id"


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
) -> int:
    """Stores a key by its hash; returns its id."""
    return int(
        await connection.fetchval(
            ADD,
            kind,
            key_hash(secret),
            secret[:9],
            name,
            list(scopes),
            list(origins),
            retailer,
            list(store_ids),
            now,
        )
    )


async def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every key, revoked ones too, without its hash."""
    rows = await connection.fetch(LIST)
    return [{name: value for name, value in row.items() if name != "hash"} for row in rows]


async def valid(connection: Connection) -> dict[bytes, Key]:
    """hash → key, for the keys in force."""
    return {row["hash"]: _key(row) for row in await connection.fetch(VALID)}


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
    )

"""SQL of webhooks: who subscribes to what. Secrets are read only to sign with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from inventory_service.domain.webhooks import Webhook
from inventory_service.storage.postgres import Connection

MOST_COUNTED = 10_000
SIGNS_ON = timedelta(hours=24)
"""So long an old secret signs beside the new one."""

LOCK_KEY = "SELECT key_id FROM api_key WHERE key_id = $1 FOR UPDATE"
COUNT_OF_KEY = "SELECT count(*) FROM webhook WHERE key_id = $1 AND ended_at IS NULL"
ADD = """
INSERT INTO webhook (key_id, url, description, store_ids, retailer_ids, secret, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING webhook_id
"""
ADD_PRODUCTS = "INSERT INTO webhook_product (webhook_id, product_id) SELECT $1, unnest($2::int[])"

_SHOWN = f"""
SELECT w.webhook_id, w.key_id, w.url, w.description, w.store_ids, w.created_at, w.paused_at, w.ended_at, w.ended_why,
       w.failures, w.failing_since, w.known_product = {2**31 - 1} AS watching,
       ARRAY (SELECT p.product_id FROM webhook_product p WHERE p.webhook_id = w.webhook_id ORDER BY 1) AS product_ids,
       ARRAY (SELECT r.slug FROM retailer r WHERE r.retailer_id = ANY (w.retailer_ids) ORDER BY 1) AS retailers,
       (SELECT count(*) FROM (SELECT FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.next_at IS NOT NULL
                              LIMIT {MOST_COUNTED}) counted) AS waiting,
       (SELECT count(*) FROM (SELECT FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.state = 'dead'
                              LIMIT {MOST_COUNTED}) counted) AS dead
FROM webhook w WHERE w.ended_why IS DISTINCT FROM 'deleted'
"""
SHOW = _SHOWN + " AND w.webhook_id = $1 AND ($2::int IS NULL OR w.key_id = $2)"
LIST = _SHOWN + " AND ($1::int IS NULL OR w.key_id = $1) ORDER BY w.webhook_id"

PAUSE = "UPDATE webhook SET paused_at = $2 WHERE webhook_id = $1 AND paused_at IS NULL AND ended_at IS NULL"
RESUME = """
UPDATE webhook SET paused_at = NULL, ended_at = NULL, ended_why = NULL, failures = 0, failing_since = NULL,
       rests_until = '-infinity'
WHERE webhook_id = $1 AND ended_why IS DISTINCT FROM 'deleted'
"""
DELETE = """
UPDATE webhook SET ended_at = coalesce(ended_at, $3), ended_why = 'deleted', secret = '', old_secret = NULL
WHERE webhook_id = $1 AND ($2::int IS NULL OR key_id = $2) AND ended_why IS DISTINCT FROM 'deleted'
RETURNING webhook_id
"""
ROTATE = """
UPDATE webhook SET old_secret = secret, old_until = clock_timestamp() + $3, secret = $4
WHERE webhook_id = $1 AND ($2::int IS NULL OR key_id = $2) AND ended_at IS NULL RETURNING old_until
"""

PRODUCTS_BY_GTIN = """
SELECT gtin, product_id FROM product
WHERE gtin = ANY ($1::text[]) AND merged_into IS NULL AND owner_id IS NULL
"""
PRODUCTS_BY_ID = """
SELECT product_id, coalesce(merged_into, product_id) AS now_id FROM product WHERE product_id = ANY ($1::int[])
"""
STORES_BY_ID = """
SELECT s.store_id, r.slug FROM store s JOIN retailer r USING (retailer_id) WHERE s.store_id = ANY ($1::int[])
"""
STORES_BY_CODE = """
SELECT r.slug, s.store_code, s.store_id
FROM unnest($1::text[], $2::text[]) AS w (slug, store_code) JOIN retailer r USING (slug)
     JOIN store s ON s.retailer_id = r.retailer_id AND s.store_code = w.store_code
"""
STORES_OF = "SELECT count(*) FROM store WHERE retailer_id = ANY ($1::int[])"


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """All that a webhook is made of, by our own ids."""

    key_id: int
    url: str
    description: str
    product_ids: Sequence[int]
    store_ids: Sequence[int]
    retailer_ids: Sequence[int]
    secret: str


async def count_of_key(connection: Connection, key_id: int) -> int:
    """Webhooks of the key that have not ended; the key is locked until the transaction ends."""
    await connection.fetchval(LOCK_KEY, key_id)
    return int(await connection.fetchval(COUNT_OF_KEY, key_id))


async def add(connection: Connection, new: NewWebhook, now: datetime) -> int:
    """The id."""
    told = new.key_id, new.url, new.description, list(new.store_ids), list(new.retailer_ids), new.secret, now
    webhook_id = int(await connection.fetchval(ADD, *told))
    await connection.execute(ADD_PRODUCTS, webhook_id, list(new.product_ids))
    return webhook_id


async def find(connection: Connection, webhook_id: int, key_id: int | None) -> Webhook | None:
    """None where there is none, or it is not this key's; `key_id` None: anybody's."""
    row = await connection.fetchrow(SHOW, webhook_id, key_id)
    return None if row is None else _webhook(row)


async def listed(connection: Connection, key_id: int | None) -> list[Webhook]:
    """In the order that they were made."""
    return [_webhook(row) for row in await connection.fetch(LIST, key_id)]


async def pause(connection: Connection, webhook_id: int, now: datetime) -> None:
    await connection.execute(PAUSE, webhook_id, now)


async def resume(connection: Connection, webhook_id: int) -> None:
    """After a pause or an end; what failed before is forgotten."""
    await connection.execute(RESUME, webhook_id)


async def delete(connection: Connection, webhook_id: int, key_id: int | None, now: datetime) -> bool:
    """False where there is none. Its rows go later, piece by piece."""
    return await connection.fetchval(DELETE, webhook_id, key_id, now) is not None


async def rotate(connection: Connection, webhook_id: int, key_id: int | None, secret: str) -> datetime | None:
    """Until when the old secret signs as well; None where there is no such webhook in force."""
    until: datetime | None = await connection.fetchval(ROTATE, webhook_id, key_id, SIGNS_ON, secret)
    return until


async def products_by_gtin(connection: Connection, gtins: Sequence[str]) -> dict[str, int]:
    """Those that mean the same for everyone, and are known."""
    return {row["gtin"]: row["product_id"] for row in await connection.fetch(PRODUCTS_BY_GTIN, list(gtins))}


async def products_by_id(connection: Connection, product_ids: Sequence[int]) -> dict[int, int]:
    """Those that are known, and what they are called now: a product may have turned out to be another."""
    return {row["product_id"]: row["now_id"] for row in await connection.fetch(PRODUCTS_BY_ID, list(product_ids))}


async def stores_by_id(connection: Connection, store_ids: Sequence[int]) -> dict[int, str]:
    """store_id → retailer, of those that are known."""
    return {row["store_id"]: row["slug"] for row in await connection.fetch(STORES_BY_ID, list(store_ids))}


async def stores_by_code(connection: Connection, named: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(retailer, store_code) → store_id, of those that are known."""
    rows = await connection.fetch(STORES_BY_CODE, [one[0] for one in named], [one[1] for one in named])
    return {(row["slug"], row["store_code"]): row["store_id"] for row in rows}


async def count_stores_of(connection: Connection, retailer_ids: Sequence[int]) -> int:
    return int(await connection.fetchval(STORES_OF, list(retailer_ids)))


def _webhook(row: Any) -> Webhook:
    return Webhook(
        webhook_id=row["webhook_id"],
        key_id=row["key_id"],
        url=row["url"],
        description=row["description"],
        product_ids=tuple(row["product_ids"]),
        store_ids=tuple(row["store_ids"]),
        retailers=tuple(row["retailers"]),
        state="ended" if row["ended_at"] else "paused" if row["paused_at"] else "active",
        ended_why=row["ended_why"],
        ended_at=row["ended_at"],
        created_at=row["created_at"],
        watching=row["watching"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        waiting=row["waiting"],
        dead=row["dead"],
    )

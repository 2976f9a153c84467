"""SQL of what webhooks hear: the change log looked through for their products, and what each was told last."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from inventory_service.storage.changes import Change, Cursor, News
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

LAST_ID = 2**31 - 1

ANY_LEFT = "SELECT EXISTS (SELECT FROM webhook)"
READ = """
WITH now AS (SELECT pg_current_snapshot()::text AS horizon)
SELECT now.horizon, found.* FROM now LEFT JOIN (
    SELECT c.xact_id::text::bigint AS xact, c.seq, c.committed_at, c.kind, heard.ids, heard.store_ids
    FROM (
        SELECT xact_id, seq, committed_at, kind, ids, store_ids FROM change
        WHERE (xact_id, seq) > (($1::bigint)::text::xid8, $2::bigint) AND seq <> ALL ($3::bigint[])
          AND kind IN ('levels', 'products')
        ORDER BY xact_id, seq
        LIMIT $4
    ) c, LATERAL (
        SELECT coalesce(array_agg(one.id), '{}') AS ids, coalesce(array_agg(one.store_id), '{}') AS store_ids
        FROM unnest(c.ids, c.store_ids) AS one (id, store_id)
        WHERE one.id IN (SELECT product_id FROM webhook_product)
    ) heard
) AS found ON true
ORDER BY found.xact, found.seq
"""
"""Like changes.READ, with the subscribed products alone: what nobody subscribes to never leaves Postgres."""

PLACE = "SELECT xact_id, seq FROM webhook_reader"
MOVE = "UPDATE webhook_reader SET xact_id = $1, seq = $2"

ACTIVE = """
SELECT webhook_id, key_id, known_product, known_store FROM webhook
WHERE ended_at IS NULL AND paused_at IS NULL ORDER BY webhook_id
"""
PRODUCTS = "SELECT product_id FROM webhook_product WHERE webhook_id = $1 ORDER BY 1"
STORES = """
SELECT s.store_id FROM webhook w JOIN store s ON s.store_id = ANY (w.store_ids) WHERE w.webhook_id = $1
UNION
SELECT s.store_id FROM webhook w JOIN store s ON s.retailer_id = ANY (w.retailer_ids) WHERE w.webhook_id = $1
ORDER BY 1
"""
MATCHES = """
SELECT c.product_id, c.store_id, w.webhook_id, w.key_id, t.told,
       (c.product_id, c.store_id) <= (w.known_product, w.known_store) AS known
FROM unnest($1::int[], $2::int[]) AS c (product_id, store_id)
     JOIN webhook_product USING (product_id) JOIN webhook w USING (webhook_id) JOIN store s USING (store_id)
     LEFT JOIN webhook_told t
     ON t.webhook_id = w.webhook_id AND t.product_id = c.product_id AND t.store_id = c.store_id
WHERE w.ended_at IS NULL AND w.paused_at IS NULL
      AND (s.store_id = ANY (w.store_ids) OR s.retailer_id = ANY (w.retailer_ids))
"""
TOLD = """
SELECT t.product_id, t.store_id, t.told
FROM unnest($2::int[], $3::int[]) AS c (product_id, store_id) JOIN webhook_told t USING (product_id, store_id)
WHERE t.webhook_id = $1
"""
NOTE = """
INSERT INTO webhook_told (webhook_id, product_id, store_id, told)
SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::jsonb[])
ON CONFLICT (webhook_id, product_id, store_id) DO UPDATE SET told = excluded.told
"""
KNOWN = "UPDATE webhook SET known_product = $2, known_store = $3 WHERE webhook_id = $1"

MERGED = """
SELECT product_id, merged_into FROM product WHERE product_id = ANY ($1::int[]) AND merged_into IS NOT NULL
"""
FOLLOW = """
WITH gone AS (DELETE FROM webhook_product WHERE product_id = $1 RETURNING webhook_id)
INSERT INTO webhook_product (product_id, webhook_id) SELECT $2, webhook_id FROM gone ON CONFLICT DO NOTHING
"""
FOLLOW_TOLD = """
WITH gone AS (DELETE FROM webhook_told WHERE product_id = $1 RETURNING webhook_id, store_id, told)
INSERT INTO webhook_told (webhook_id, product_id, store_id, told)
SELECT webhook_id, $2, store_id, told FROM gone ON CONFLICT DO NOTHING
"""


class Watched(NamedTuple):
    """A webhook that is told of changes, and up to which position it is noted what stood there when it was made."""

    webhook_id: int
    key_id: int
    known: Key

    @property
    def noted_all(self) -> bool:
        return self.known[0] == LAST_ID


@dataclass(frozen=True, slots=True)
class Match:
    """A position that a webhook hears of. `told` None: nothing yet; `known`: it was noted when the webhook was made."""

    webhook_id: int
    key_id: int
    position: Key
    told: Mapping[str, Any] | None
    known: bool


async def any_left(connection: Connection) -> bool:
    """Whether there is anything to do, if only to clear up."""
    return bool(await connection.fetchval(ANY_LEFT))


async def read(connection: Connection, after: Cursor, seen: Collection[int], at_most: int) -> News:
    """The next batches of levels and products, with the ids of subscribed products alone."""
    rows = await connection.fetch(READ, *after, list(seen), at_most)
    found = [
        Change(Cursor(row["xact"], row["seq"]), row["committed_at"], row["kind"], row["ids"], row["store_ids"])
        for row in rows
        if row["seq"] is not None
    ]
    return News(Horizon.parse(rows[0]["horizon"]), found)


async def place(connection: Connection) -> Cursor:
    row = await connection.fetchrow(PLACE)
    return Cursor(row["xact_id"], row["seq"]) if row else Cursor(0, 0)


async def move(connection: Connection, cursor: Cursor) -> None:
    """Within the transaction that has dealt with all up to `cursor`."""
    await connection.execute(MOVE, *cursor)


async def active(connection: Connection) -> list[Watched]:
    """In the order that they were made."""
    return [
        Watched(row["webhook_id"], row["key_id"], (row["known_product"], row["known_store"]))
        for row in await connection.fetch(ACTIVE)
    ]


async def ground(connection: Connection, webhook_id: int) -> tuple[list[int], list[int]]:
    """Its product ids and its store ids, both ascending."""
    products = [row["product_id"] for row in await connection.fetch(PRODUCTS, webhook_id)]
    return products, [row["store_id"] for row in await connection.fetch(STORES, webhook_id)]


async def matches(connection: Connection, positions: Sequence[Key]) -> list[Match]:
    """Who hears of which of `positions`, and what they were told of it last."""
    rows = await connection.fetch(MATCHES, [one[0] for one in positions], [one[1] for one in positions])
    return [
        Match(row["webhook_id"], row["key_id"], (row["product_id"], row["store_id"]), row["told"], row["known"])
        for row in rows
    ]


async def told(connection: Connection, webhook_id: int, positions: Sequence[Key]) -> dict[Key, Mapping[str, Any]]:
    """What one webhook was told last of those of `positions` that it was told of."""
    rows = await connection.fetch(TOLD, webhook_id, [one[0] for one in positions], [one[1] for one in positions])
    return {(row["product_id"], row["store_id"]): row["told"] for row in rows}


async def note(connection: Connection, told: Iterable[tuple[int, Key, Mapping[str, Any]]]) -> None:
    """From now on each webhook has been told this of the position."""
    if rows := [(webhook_id, *position, dict(seen)) for webhook_id, position, seen in told]:
        await connection.execute(NOTE, *map(list, zip(*rows, strict=True)))


async def note_known(connection: Connection, webhook_id: int, position: Key) -> None:
    """Up to `position` it is noted what stood there when the webhook was made."""
    await connection.execute(KNOWN, webhook_id, *position)


async def follow_merged(connection: Connection, product_ids: Sequence[int]) -> None:
    """Whoever hears of a product that has turned out to be another hears of that one."""
    for row in await connection.fetch(MERGED, list(product_ids)):
        await connection.execute(FOLLOW, row["product_id"], row["merged_into"])
        await connection.execute(FOLLOW_TOLD, row["product_id"], row["merged_into"])

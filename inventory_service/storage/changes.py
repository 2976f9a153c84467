"""SQL of the change log: what changed, in the order that transactions can be seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import wire
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.postgres import Connection

Kind = Literal["levels", "products", "stores", "coverage", "places", "keys", "learned"]

Ids = Sequence[int] | NDArray[np.int32]

CHANNEL = "nearshelf_change"

FEW = 2_000
"""So many levels at most go with the statement; more are copied."""
APPEND = f"""
WITH logged AS (
    INSERT INTO change (committed_at, kind, ids, store_ids) VALUES ($1, $2, $3::text::int[], $4::text::int[])
)
SELECT pg_notify('{CHANNEL}', '')
"""
NOTIFY = f"NOTIFY {CHANNEL}"

HORIZON = "SELECT pg_current_snapshot()::text"

_READ = """
WITH now AS (SELECT pg_current_snapshot()::text AS horizon)
SELECT now.horizon, found.* FROM now LEFT JOIN (
    SELECT xact_id::text::bigint AS xact, seq, committed_at, kind, ids, store_ids
    FROM change
    WHERE (xact_id, seq) > (($1::bigint)::text::xid8, $2::bigint) AND seq <> ALL ($3::bigint[]){condition}
    ORDER BY xact_id, seq
    LIMIT $4
) AS found ON true
ORDER BY found.xact, found.seq
"""
READ = _READ.format(condition="")
READ_NEWS = _READ.format(condition=" AND kind <> 'levels'")
READ_TOUCHED = """
WITH now AS (SELECT pg_current_snapshot()::text AS horizon)
SELECT now.horizon, found.* FROM now LEFT JOIN (
    SELECT xact_id::text::bigint AS xact, seq, committed_at, kind, touched.ids, touched.store_ids
    FROM change, LATERAL (
        SELECT coalesce(array_agg(one.id) FILTER (WHERE one.watched), '{}') AS ids,
               coalesce(array_agg(one.store_id) FILTER (WHERE one.watched), '{}') AS store_ids
        FROM (SELECT id, store_id, id IN (SELECT unnest($5::int[])) AS watched
              FROM unnest(change.ids, change.store_ids) AS pair (id, store_id)) AS one
    ) AS touched
    WHERE (xact_id, seq) > (($1::bigint)::text::xid8, $2::bigint) AND seq <> ALL ($3::bigint[])
      AND kind IN ('levels', 'products')
    ORDER BY xact_id, seq
    LIMIT $4
) AS found ON true
ORDER BY found.xact, found.seq
"""

PRUNED = "SELECT xact_id::text::bigint AS xact, seq FROM change_pruned"
PRUNE = """
WITH gone AS (
    DELETE FROM change WHERE committed_at < $1 AND (xact_id, seq) <= (($2::bigint)::text::xid8, $3::bigint)
    RETURNING xact_id, seq
), newest AS (SELECT xact_id, seq FROM gone ORDER BY xact_id DESC, seq DESC LIMIT 1)
UPDATE change_pruned p SET xact_id = newest.xact_id, seq = newest.seq FROM newest
WHERE (p.xact_id, p.seq) < (newest.xact_id, newest.seq)
"""


class Cursor(NamedTuple):
    """A place in the log: everything up to and with it has been seen."""

    xact: int
    seq: int


@dataclass(frozen=True, slots=True)
class Change:
    """One committed batch. levels: product `ids` and `store_ids` in step; else `ids` of products or stores."""

    cursor: Cursor
    committed_at: datetime
    kind: Kind
    ids: list[int]
    store_ids: list[int]


class News(NamedTuple):
    """Batches, and what the snapshot saw that they were read in."""

    horizon: Horizon
    changes: list[Change]


async def append(connection: Connection, kind: Kind, ids: Ids, store_ids: Ids, now: datetime) -> None:
    """Logs a batch within its own transaction and wakes the readers once that commits."""
    told = wire.array(np.array(ids, dtype=np.int32)), wire.array(np.array(store_ids, dtype=np.int32))
    await connection.execute(APPEND, now, kind, *told)


async def append_levels(
    connection: Connection, product_ids: NDArray[np.int32], store_ids: NDArray[np.int32], now: datetime
) -> None:
    """Like `append`, of levels in columns: no object a position where there are many."""
    if len(product_ids) <= FEW:
        await append(connection, "levels", product_ids, store_ids, now)
        return
    ids, stores = wire.ints(product_ids), wire.ints(store_ids)
    told = {"committed_at": wire.moment(now), "kind": b"levels", "ids": ids, "store_ids": stores}
    await wire.send_one(connection, "change", told)
    await connection.execute(NOTIFY)


async def horizon(connection: Connection) -> Horizon:
    """What can be seen now."""
    return Horizon.parse(await connection.fetchval(HORIZON))


async def head(connection: Connection) -> Cursor:
    """A cursor below which no transaction can still appear; all from it on is still to be read."""
    return head_of(await horizon(connection))


def head_of(seen: Horizon) -> Cursor:
    """Every transaction below it was over when `seen` was taken."""
    return Cursor(seen.start, 0)


async def read(connection: Connection, after: Cursor, seen: Collection[int], at_most: int) -> News:
    """The next batches that are committed, but for those whose `seq` was seen; others may still come before them."""
    return await _fetch(connection, READ, after, seen, at_most)


async def read_news(connection: Connection, after: Cursor, seen: Collection[int], at_most: int) -> News:
    """Like `read`, without levels: what a worker keeps in memory."""
    return await _fetch(connection, READ_NEWS, after, seen, at_most)


async def read_touched(
    connection: Connection, after: Cursor, seen: Collection[int], at_most: int, product_ids: Collection[int]
) -> News:
    """Like `read`, of levels and products, and of each batch only what concerns some products."""
    return await _fetch(connection, READ_TOUCHED, after, seen, at_most, list(product_ids))


async def pruned_to(connection: Connection) -> Cursor:
    """The newest entry that is no longer kept; a reader behind it has missed something."""
    row = await connection.fetchrow(PRUNED)
    return Cursor(row["xact"], row["seq"]) if row else Cursor(0, 0)


async def prune(connection: Connection, older_than: datetime, published: Cursor) -> None:
    """Drops published entries from before `older_than`."""
    await connection.execute(PRUNE, older_than, *published)


async def _fetch(
    connection: Connection, query: str, after: Cursor, seen: Collection[int], at_most: int, *of: Sequence[int]
) -> News:
    rows = await connection.fetch(query, *after, list(seen), at_most, *of)
    found = [
        Change(Cursor(row["xact"], row["seq"]), row["committed_at"], row["kind"], row["ids"], row["store_ids"])
        for row in rows
        if row["seq"] is not None
    ]
    return News(Horizon.parse(rows[0]["horizon"]), found)

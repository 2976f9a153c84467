"""SQL of deliveries: written with what they tell of, taken when due, kept for a while; by Postgres's own clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from inventory_service.domain.webhooks import TEST, Attempt, Delivery, EndReason, Illness
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

DELIVERED_KEPT, DEAD_KEPT = timedelta(days=7), timedelta(days=30)
AT_ONCE = 2_000
"""Old rows that go with each clearing up."""

REPLACE = """
UPDATE webhook_delivery d SET state = 'replaced', next_at = NULL, settled_at = clock_timestamp()
FROM unnest($1::int[], $2::int[], $3::int[]) AS newer (webhook_id, product_id, store_id)
WHERE d.webhook_id = newer.webhook_id AND d.product_id = newer.product_id AND d.store_id = newer.store_id
      AND d.state = 'waiting'
"""
ADD = """
INSERT INTO webhook_delivery (webhook_id, event_id, event, product_id, store_id, body)
SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[])
"""
ADD_TEST = """
INSERT INTO webhook_delivery (webhook_id, event_id, event, body) VALUES ($1, $2, $3, $4) RETURNING delivery_id
"""
DUE = """
SELECT w.webhook_id, w.key_id, w.url, w.failures, w.secret,
       CASE WHEN w.old_until > clock_timestamp() THEN w.old_secret END AS old_secret
FROM webhook w
WHERE w.ended_at IS NULL AND w.paused_at IS NULL AND w.rests_until <= clock_timestamp()
      AND EXISTS (SELECT FROM webhook_delivery d
                  WHERE d.webhook_id = w.webhook_id AND d.next_at <= clock_timestamp())
ORDER BY w.failures, w.rests_until, w.webhook_id
"""
NEXT = """
SELECT delivery_id, event_id, body, attempts FROM webhook_delivery
WHERE webhook_id = $1 AND next_at <= clock_timestamp()
ORDER BY next_at, delivery_id LIMIT $2
"""
DELIVERED = """
UPDATE webhook_delivery SET state = 'delivered', next_at = NULL, settled_at = clock_timestamp(),
       attempts = attempts + 1, tried_at = clock_timestamp(), status = $2, failure = NULL
WHERE delivery_id = $1 AND state IN ('waiting', 'replaced')
"""
FAILED = """
UPDATE webhook_delivery SET attempts = attempts + 1, tried_at = clock_timestamp(), status = $2, failure = $3,
       next_at = CASE WHEN state = 'waiting' THEN clock_timestamp() + make_interval(secs => $4) END
WHERE delivery_id = $1 AND state IN ('waiting', 'replaced')
"""
DIED = """
UPDATE webhook_delivery SET state = 'dead', next_at = NULL, settled_at = clock_timestamp(),
       attempts = attempts + 1, tried_at = clock_timestamp(), status = $2, failure = $3
WHERE delivery_id = $1 AND state = 'waiting'
"""
WELL = """
UPDATE webhook SET failures = 0, failing_since = NULL, rests_until = '-infinity' WHERE webhook_id = $1 AND failures > 0
"""
ILL = """
UPDATE webhook SET failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()),
       rests_until = clock_timestamp() + make_interval(secs => $2)
WHERE webhook_id = $1
RETURNING failures, extract(epoch FROM clock_timestamp() - failing_since)::float8 AS for_s
"""
END = """
UPDATE webhook SET ended_at = clock_timestamp(), ended_why = $2 WHERE webhook_id = $1 AND ended_at IS NULL
RETURNING webhook_id
"""
END_WAITING = """
UPDATE webhook_delivery SET state = 'dead', next_at = NULL, settled_at = clock_timestamp(),
       failure = coalesce(failure, 'the webhook has ended')
WHERE webhook_id = $1 AND next_at IS NOT NULL
"""

_SHOWN = """
SELECT d.delivery_id, d.event_id, d.event, d.body, d.state, d.made_at, d.attempts, d.next_at, d.tried_at, d.status,
       d.failure
FROM webhook_delivery d
"""
SHOW = _SHOWN + "WHERE d.delivery_id = $1"
NEWEST = (
    _SHOWN
    + """WHERE d.webhook_id = $1 AND d.delivery_id < coalesce($2::bigint, 9223372036854775807)
ORDER BY d.delivery_id DESC LIMIT $3"""
)
NEWEST_SO = (
    _SHOWN
    + """WHERE d.webhook_id = $1 AND d.state = $4
      AND d.delivery_id < coalesce($2::bigint, 9223372036854775807) ORDER BY d.delivery_id DESC LIMIT $3"""
)
STANDING = """
SELECT d.state, EXISTS (
    SELECT FROM webhook_delivery newer
    WHERE newer.webhook_id = d.webhook_id AND newer.product_id = d.product_id AND newer.store_id = d.store_id
          AND newer.delivery_id > d.delivery_id
) AS overtaken
FROM webhook_delivery d WHERE d.delivery_id = $1 AND d.webhook_id = $2
"""
RETRY = """
UPDATE webhook_delivery SET state = 'waiting', settled_at = NULL, attempts = 0, next_at = clock_timestamp()
WHERE delivery_id = $1 AND state IN ('waiting', 'dead')
"""
WAKE = "UPDATE webhook SET rests_until = '-infinity' WHERE webhook_id = $1"

BACKLOG = """
SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(made_at)), 0)::float8 AS age_s
FROM webhook_delivery WHERE next_at IS NOT NULL
"""
PRUNE = """
DELETE FROM webhook_delivery WHERE delivery_id IN (
    SELECT delivery_id FROM webhook_delivery
    WHERE (state IN ('delivered', 'replaced') AND settled_at < clock_timestamp() - $1::interval)
       OR (state = 'dead' AND settled_at < clock_timestamp() - $2::interval)
    LIMIT $3
)
"""
DELETED = "SELECT webhook_id FROM webhook WHERE ended_why = 'deleted' LIMIT 10"
CLEAR_DELIVERIES = """
DELETE FROM webhook_delivery
WHERE delivery_id IN (SELECT delivery_id FROM webhook_delivery WHERE webhook_id = $1 LIMIT $2) RETURNING delivery_id
"""
CLEAR_TOLD = """
DELETE FROM webhook_told WHERE webhook_id = $1 AND (product_id, store_id) IN (
    SELECT product_id, store_id FROM webhook_told WHERE webhook_id = $1 LIMIT $2) RETURNING store_id
"""
CLEAR_PRODUCTS = "DELETE FROM webhook_product WHERE webhook_id = $1"
CLEAR = "DELETE FROM webhook WHERE webhook_id = $1"


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook is to be told of a position."""

    webhook_id: int
    position: Key
    event_id: str
    event: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook that something can be delivered to now. `secrets`: all that sign."""

    webhook_id: int
    key_id: int
    url: str
    failures: int
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Due({self.webhook_id})"


class Parcel(NamedTuple):
    """One delivery, as it goes out."""

    delivery_id: int
    event_id: str
    body: str
    attempts: int


class Backlog(NamedTuple):
    """How many deliveries wait, and how long the oldest has."""

    waiting: int
    age_s: float


class Standing(NamedTuple):
    """Where a delivery stands; `overtaken`: something newer is told of its position."""

    state: str
    overtaken: bool


async def add(connection: Connection, events: Sequence[Event]) -> None:
    """What waits of the same positions is replaced: the newest is what counts."""
    if not events:
        return
    of = [[one.webhook_id for one in events], [one.position[0] for one in events], [one.position[1] for one in events]]
    await connection.execute(REPLACE, *of)
    texts = [one.event_id for one in events], [one.event for one in events]
    await connection.execute(ADD, of[0], *texts, *of[1:], [one.body.decode() for one in events])


async def add_test(connection: Connection, webhook_id: int, event_id: str, body: bytes) -> int:
    """The delivery's id. What failed before does not hold it up."""
    await connection.execute(WAKE, webhook_id)
    return int(await connection.fetchval(ADD_TEST, webhook_id, event_id, TEST, body.decode()))


async def due(connection: Connection) -> list[Due]:
    """Those that did not fail lately first."""
    return [
        Due(
            row["webhook_id"],
            row["key_id"],
            row["url"],
            row["failures"],
            tuple(one for one in (row["secret"], row["old_secret"]) if one),
        )
        for row in await connection.fetch(DUE)
    ]


async def take(connection: Connection, webhook_id: int, at_most: int) -> list[Parcel]:
    """What has been due for longest."""
    rows = await connection.fetch(NEXT, webhook_id, at_most)
    return [Parcel(row["delivery_id"], row["event_id"], row["body"], row["attempts"]) for row in rows]


async def delivered(connection: Connection, parcel: Parcel, attempt: Attempt) -> None:
    await connection.execute(DELIVERED, parcel.delivery_id, attempt.status)


async def failed(connection: Connection, parcel: Parcel, attempt: Attempt, next_in_s: float) -> None:
    await connection.execute(FAILED, parcel.delivery_id, attempt.status, attempt.failure, next_in_s)


async def died(connection: Connection, parcel: Parcel, attempt: Attempt) -> None:
    await connection.execute(DIED, parcel.delivery_id, attempt.status, attempt.failure)


async def well(connection: Connection, webhook_id: int) -> None:
    """Something was delivered."""
    await connection.execute(WELL, webhook_id)


async def ill(connection: Connection, webhook_id: int, rest_s: float) -> Illness:
    """Nothing was; the webhook is left alone for `rest_s`."""
    row = await connection.fetchrow(ILL, webhook_id, rest_s)
    return Illness(row["failures"], row["for_s"]) if row else Illness(0, 0.0)


async def end(connection: Connection, webhook_id: int, why: EndReason) -> bool:
    """What waits is dead. False where it had ended before."""
    ended = await connection.fetchval(END, webhook_id, why) is not None
    await connection.execute(END_WAITING, webhook_id)
    return ended


async def find(connection: Connection, delivery_id: int) -> Delivery | None:
    row = await connection.fetchrow(SHOW, delivery_id)
    return None if row is None else _delivery(row)


async def newest(
    connection: Connection, webhook_id: int, before: int | None, state: str | None, limit: int
) -> list[Delivery]:
    """The newest first; `state` None: all."""
    query, more = (NEWEST, ()) if state is None else (NEWEST_SO, (state,))
    return [_delivery(row) for row in await connection.fetch(query, webhook_id, before, limit, *more)]


async def standing(connection: Connection, webhook_id: int, delivery_id: int) -> Standing | None:
    row = await connection.fetchrow(STANDING, delivery_id, webhook_id)
    return row and Standing(row["state"], row["overtaken"])


async def retry(connection: Connection, webhook_id: int, delivery_id: int) -> None:
    """It is due now, and counts its attempts anew."""
    await connection.execute(RETRY, delivery_id)
    await connection.execute(WAKE, webhook_id)


async def backlog(connection: Connection) -> Backlog:
    row = await connection.fetchrow(BACKLOG)
    return Backlog(row["waiting"], row["age_s"]) if row else Backlog(0, 0.0)


async def prune(connection: Connection) -> None:
    """Lets go of some that are settled long ago, and of what is left of deleted webhooks."""
    await connection.execute(PRUNE, DELIVERED_KEPT, DEAD_KEPT, AT_ONCE)
    for row in await connection.fetch(DELETED):
        await _clear(connection, row["webhook_id"])


async def _clear(connection: Connection, webhook_id: int) -> None:
    """Piece by piece: the webhook itself goes with the last."""
    deliveries = await connection.fetch(CLEAR_DELIVERIES, webhook_id, AT_ONCE)
    told = await connection.fetch(CLEAR_TOLD, webhook_id, AT_ONCE)
    if not deliveries and not told:
        await connection.execute(CLEAR_PRODUCTS, webhook_id)
        await connection.execute(CLEAR, webhook_id)


def _delivery(row: Any) -> Delivery:
    return Delivery(**dict(row))

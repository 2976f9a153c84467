"""SQL of what shoppers say, and of how far it moves the levels.

A voice is heard under the lock of its position's row, and whoever gives a level other evidence weighs the words newer
than that within the same transaction: so none is lost, whichever comes first.
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.shoppers import KEPT_FOR, MOST, Word, leaning, supersedes
from inventory_service.storage import changes, wire
from inventory_service.storage.postgres import Connection

About = tuple[int, int]
"""(product_id, store_id): what a word is about."""
Ids = NDArray[np.int32]

KEY_BYTES, DEVICE_BYTES = 32, 16
DAYS_SPOKEN_OF = timedelta(days=3)
"""So long the key of a day is kept: words may be a day old, and clocks differ."""
FORGOTTEN_AT_ONCE = 1_000

HELD = """
SELECT coalesce(shown_at, observed_at) FROM position WHERE product_id = $1 AND store_id = $2 FOR UPDATE
"""
"""Who speaks is told of no counts, and by that evidence it is told whether a word is news, and counts."""
SAID = """
SELECT report_id, found, observed_at FROM shopper_report
WHERE product_id = $1 AND store_id = $2 AND day = $3 AND device = $4
"""
SAY = """
INSERT INTO shopper_report (product_id, store_id, day, device, found, observed_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (product_id, store_id, day, device) DO UPDATE SET
    found = excluded.found, observed_at = excluded.observed_at, received_at = excluded.received_at
RETURNING report_id
"""
SPOKEN_OF = """
SELECT DISTINCT product_id, store_id FROM shopper_report WHERE store_id = ANY ($1::text::int[]) AND observed_at > $2
"""
NEWER = f"""
SELECT p.product_id, p.store_id, p.observed_at AS evidence_at, coalesce(p.leaning, 0) AS leaning, w.found, w.observed_at
FROM (
    SELECT product_id, store_id, observed_at, leaning
    FROM unnest($1::int[], $2::int[]) AS wanted (product_id, store_id) JOIN position USING (product_id, store_id)
    ORDER BY product_id, store_id FOR UPDATE OF position
) p LEFT JOIN LATERAL (
    SELECT w.found, w.observed_at FROM shopper_report w
    WHERE w.product_id = p.product_id AND w.store_id = p.store_id AND w.observed_at > p.observed_at
    ORDER BY w.observed_at DESC LIMIT {MOST}
) w ON true
ORDER BY p.product_id, p.store_id
"""
SPOKEN = f"""
SELECT found, observed_at FROM shopper_report
WHERE product_id = $1 AND store_id = $2 AND observed_at > $3 AND received_at <= $4
ORDER BY observed_at DESC LIMIT {MOST}
"""
SPOKE_LATER = """
SELECT EXISTS (SELECT FROM shopper_report
    WHERE product_id = $1 AND store_id = $2 AND observed_at > $3 AND received_at > $4)
"""
LEAN = """
UPDATE position p SET leaning = nullif(told.leaning, 0), version = p.version + 1
FROM unnest($1::int[], $2::int[], $3::smallint[]) AS told (product_id, store_id, leaning)
WHERE p.product_id = told.product_id AND p.store_id = told.store_id
"""
FORGET = """
DELETE FROM shopper_report w USING (
    SELECT product_id, store_id, day, device FROM shopper_report WHERE day < $1 ORDER BY day LIMIT $2
) old
WHERE (w.product_id, w.store_id, w.day, w.device) = (old.product_id, old.store_id, old.day, old.device)
RETURNING w.product_id, w.store_id
"""
KEY_OF = "SELECT key FROM shopper_day WHERE day = $1"
PUT_KEY = "INSERT INTO shopper_day (day, key) VALUES ($1, $2) ON CONFLICT DO NOTHING"
DROP_KEYS = "DELETE FROM shopper_day WHERE day < $1"


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a shopper's word.

    `counted`: nothing newer is shown of the position, so that it weighs now, unless a count has changed within its band
    since. `news`: False for a repetition, or where the voice has said something later that day.
    """

    report_id: int
    counted: bool
    news: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """The newest words that had reached us by a moment; whether others came later, which may stand in the place of
    earlier ones of the same voices.
    """

    words: list[Word]
    has_more: bool


def day_of(moment: datetime) -> date:
    """The UTC day, within which a device has one voice a product and store."""
    return moment.astimezone(UTC).date()


def device_of(token: str, key: bytes) -> bytes:
    """Stands for a device for a day; who has the token and the key of the day can tell that they belong together."""
    return hmac.digest(key, token.encode(), "sha256")[:DEVICE_BYTES]


async def key_of(connection: Connection, day: date) -> bytes:
    """The key of a day, drawn when first needed."""
    key = await connection.fetchval(KEY_OF, day)
    if key is None:
        await connection.execute(PUT_KEY, day, secrets.token_bytes(KEY_BYTES))
        key = await connection.fetchval(KEY_OF, day)
    return bytes(key)


async def hear(connection: Connection, about: About, device: bytes, word: Word, now: datetime) -> Heard:
    """Takes in a word within the caller's transaction, and logs the level if that moves it."""
    evidence_at: datetime | None = await connection.fetchval(HELD, *about)
    voice = *about, day_of(word.observed_at), device
    said = await connection.fetchrow(SAID, *voice)
    if said and not supersedes(word, held := Word(said["found"], said["observed_at"]), evidence_at):
        return Heard(said["report_id"], _counts(held, evidence_at), news=False)
    report_id = await connection.fetchval(SAY, *voice, word.found, word.observed_at, now)
    await _log(connection, await weigh(connection, [about]), now)
    return Heard(report_id, _counts(word, evidence_at), news=True)


async def weigh(connection: Connection, about: Sequence[About]) -> list[About]:
    """Makes the levels of some positions lean as the words newer than their evidence do; returns those that differ."""
    rows = await connection.fetch(NEWER, [one[0] for one in about], [one[1] for one in about])
    other = [
        (*key, now)
        for key, some in groupby(rows, key=lambda row: (row["product_id"], row["store_id"]))
        for before, now in (_leaning(list(some)),)
        if before != now
    ]
    if other:
        await connection.execute(LEAN, *map(list, zip(*other, strict=True)))
    return [(product_id, store_id) for product_id, store_id, _ in other]


async def weigh_anew(connection: Connection, product_ids: Ids, store_ids: Ids, since: datetime) -> None:
    """The same, of positions (two columns in step) that were given evidence of `since` or later: few have words."""
    rows = await connection.fetch(SPOKEN_OF, wire.array(np.unique(store_ids)), since)
    if rows:
        written = set(zip(product_ids.tolist(), store_ids.tolist(), strict=True))
        spoken_of = [key for row in rows if (key := (row["product_id"], row["store_id"])) in written]
        await weigh(connection, spoken_of)


async def spoken(connection: Connection, about: About, since: datetime, by: datetime) -> Spoken:
    """Words about a position newer than `since` (the shoppers' clocks), by what had reached us `by` (ours)."""
    rows = await connection.fetch(SPOKEN, *about, since, by)
    has_more = await connection.fetchval(SPOKE_LATER, *about, since, by)
    return Spoken([Word(row["found"], row["observed_at"]) for row in rows], bool(has_more))


async def forget(connection: Connection, now: datetime) -> None:
    """Drops what is older than KEPT_FOR, what it weighed, and the keys of days that nobody can speak of any more."""
    await connection.execute(DROP_KEYS, day_of(now - DAYS_SPOKEN_OF))
    while True:
        async with connection.transaction():
            rows = await connection.fetch(FORGET, day_of(now - KEPT_FOR), FORGOTTEN_AT_ONCE)
            about = sorted({(row["product_id"], row["store_id"]) for row in rows})
            await _log(connection, await weigh(connection, about), now)
        if len(rows) < FORGOTTEN_AT_ONCE:
            return


async def _log(connection: Connection, about: Iterable[About], now: datetime) -> None:
    moved = list(about)
    if moved:
        await changes.append(connection, "levels", [one[0] for one in moved], [one[1] for one in moved], now)


def _counts(word: Word, evidence_at: datetime | None) -> bool:
    return evidence_at is not None and word.observed_at > evidence_at


def _leaning(rows: Sequence[Any]) -> tuple[int, int]:
    """What is held and what it should be, from the words of one position."""
    words = [Word(row["found"], row["observed_at"]) for row in rows if row["observed_at"] is not None]
    return rows[0]["leaning"], leaning(words, rows[0]["evidence_at"])

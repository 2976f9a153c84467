"""SQL of what keys asked, a UTC day."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from inventory_service.storage.postgres import Connection

ADD = """
INSERT INTO key_usage (key_id, day, requests, spent, refused)
SELECT key_id, $1, requests, spent, refused
FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[]) AS told (key_id, requests, spent, refused)
JOIN api_key USING (key_id)
ON CONFLICT (key_id, day) DO UPDATE SET requests = key_usage.requests + excluded.requests,
    spent = key_usage.spent + excluded.spent, refused = key_usage.refused + excluded.refused
"""
SINCE = """
SELECT day, requests, spent, refused
FROM key_usage WHERE key_id = $1 AND day >= $2 ORDER BY day DESC
"""
BY_KEY = """
SELECT key_id, coalesce(sum(requests) FILTER (WHERE day = $1), 0)::bigint AS today, sum(requests)::bigint AS lately,
       sum(refused)::bigint AS refused
FROM key_usage WHERE day > $1::date - $2::int AND day <= $1 GROUP BY key_id
"""


class Used(NamedTuple):
    """Requests that were let in, what they counted as, and requests that were refused."""

    requests: int
    spent: int
    refused: int


async def add(connection: Connection, used: Mapping[int, Used], day: date) -> None:
    """Adds what keys used on a day; in the order of the keys, so that no two workers wait for each other."""
    ordered = sorted(used.items())
    columns = [[one[part] for _, one in ordered] for part in range(len(Used._fields))]
    await connection.execute(ADD, day, [key_id for key_id, _ in ordered], *columns)


async def since(connection: Connection, key_id: int, day: date) -> list[dict[str, Any]]:
    """A key's days from `day` on, the last first."""
    return [dict(row) for row in await connection.fetch(SINCE, key_id, day)]


async def by_key(connection: Connection, today: date, days: int) -> dict[int, Any]:
    """What each key asked today, and on so many days up to it."""
    return {row["key_id"]: row for row in await connection.fetch(BY_KEY, today, days)}

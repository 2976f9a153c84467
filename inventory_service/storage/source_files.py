"""SQL of the files that watchers have taken: what is known is not loaded again, what has changed is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory_service.storage.postgres import Connection

TAKEN = """
SELECT name, size_bytes, modified_ns FROM source_file WHERE source_id = $1 AND reading = $2 AND name = ANY ($3::text[])
"""
SAME_BYTES = """
SELECT nth, failure FROM source_file
WHERE source_id = $1 AND reading = $2 AND sha256 = $4
  AND (name = $3 OR modified_ns = $5
       OR nth = (SELECT max(nth) FROM source_file WHERE source_id = $1 AND failure IS NULL))
ORDER BY nth DESC LIMIT 1
"""
_UNLESS_NEW = """
ON CONFLICT (source_id, name) DO UPDATE SET nth = excluded.nth, reading = excluded.reading, sha256 = excluded.sha256,
    size_bytes = excluded.size_bytes, modified_ns = excluded.modified_ns, taken_at = excluded.taken_at,
    failure = excluded.failure
"""
REMEMBER = f"""
INSERT INTO source_file (source_id, reading, name, sha256, size_bytes, modified_ns, taken_at, failure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) {_UNLESS_NEW}
"""
REMEMBER_COPY = f"""
INSERT INTO source_file (source_id, reading, name, sha256, size_bytes, modified_ns, taken_at, failure, nth)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) {_UNLESS_NEW}
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a folder tells of a file's content: bytes, and nanoseconds since 1970."""

    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Content:
    """A file of a source as it is now. `reading` is a digest of how it would be read."""

    source_id: int
    reading: str
    name: str
    sha256: bytes
    stamp: Stamp


async def taken(connection: Connection, source_id: int, reading: str, stamps: Mapping[str, Stamp]) -> set[str]:
    """Of the named files those that are as they were when they were taken, and would be read in the same way."""
    rows = await connection.fetch(TAKEN, source_id, reading, list(stamps))
    return {row["name"] for row in rows if stamps[row["name"]] == Stamp(row["size_bytes"], row["modified_ns"])}


async def is_repeated(connection: Connection, content: Content, now: datetime) -> bool:
    """Whether the file's bytes were taken before and say nothing new; if so it is remembered as taken too.

    They say nothing new where they are what the same name held before (a touch), where name alone differs (a renamed
    file), and where they are those of the source's newest load (a copy). Older bytes that come again do say something.
    """
    stamp = content.stamp
    row = await connection.fetchrow(
        SAME_BYTES, content.source_id, content.reading, content.name, content.sha256, stamp.modified_ns
    )
    if row is None:
        return False
    await connection.execute(REMEMBER_COPY, *_columns(content), now, row["failure"], row["nth"])
    return True


async def remember(connection: Connection, content: Content, now: datetime, failure: str | None) -> None:
    """The file was loaded, or refused for the reason that `failure` tells."""
    await connection.execute(REMEMBER, *_columns(content), now, failure)


def _columns(content: Content) -> tuple[int, str, str, bytes, int, int]:
    stamp = content.stamp
    return content.source_id, content.reading, content.name, content.sha256, stamp.size_bytes, stamp.modified_ns

"""SQL of pulling URLs: when the next look is due, and which version was loaded last. Times are the database's own."""

from dataclasses import dataclass

from inventory_service.storage.postgres import Connection

STANDING = """
SELECT s.paused, coalesce(extract(epoch FROM p.next_at - clock_timestamp()), 0)::float8 AS due_in_s,
       coalesce(p.failures, 0) AS failures,
       CASE WHEN p.url = $2 AND p.reading = $3 THEN p.etag END AS etag,
       CASE WHEN p.url = $2 AND p.reading = $3 THEN p.last_modified END AS last_modified
FROM source s LEFT JOIN source_pull p USING (source_id) WHERE s.source_id = $1
"""
LOADED = """
INSERT INTO source_pull (source_id, url, reading, etag, last_modified, next_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))
ON CONFLICT (source_id) DO UPDATE SET url = excluded.url, reading = excluded.reading, etag = excluded.etag,
    last_modified = excluded.last_modified, failures = 0, next_at = excluded.next_at
"""
NOT_MODIFIED = """
UPDATE source_pull SET failures = 0, next_at = clock_timestamp() + make_interval(secs => $2) WHERE source_id = $1
"""
FAILED = """
INSERT INTO source_pull (source_id, failures, next_at)
VALUES ($1, 1, clock_timestamp() + make_interval(secs => $2))
ON CONFLICT (source_id) DO UPDATE SET failures = source_pull.failures + 1, next_at = excluded.next_at
"""


@dataclass(frozen=True, slots=True)
class Version:
    """What the server called the version that was loaded, in its own words."""

    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where pulling a source stands. `version` is empty where the URL or the way to read it is another one now."""

    paused: bool
    due_in_s: float
    failures: int
    version: Version


async def standing(connection: Connection, source_id: int, url: str, reading: str) -> Standing:
    [row] = await connection.fetch(STANDING, source_id, url, reading)
    return Standing(row["paused"], row["due_in_s"], row["failures"], Version(row["etag"], row["last_modified"]))


async def loaded(
    connection: Connection, source_id: int, url: str, reading: str, version: Version, next_in_s: float
) -> None:
    """A new version has been loaded; it is asked for again in `next_in_s` seconds."""
    await connection.execute(LOADED, source_id, url, reading, version.etag, version.last_modified, next_in_s)


async def not_modified(connection: Connection, source_id: int, next_in_s: float) -> None:
    """The server still has the version that was loaded last."""
    await connection.execute(NOT_MODIFIED, source_id, next_in_s)


async def failed(connection: Connection, source_id: int, next_in_s: float) -> None:
    """The version that was loaded last stays known."""
    await connection.execute(FAILED, source_id, next_in_s)

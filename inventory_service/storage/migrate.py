"""Brings a database to this program's schema: numbered SQL files, each once, under one lock."""

from importlib.resources import files

import asyncpg

from inventory_service.storage.postgres import translated

LOCK = 0x4E5348_01
MIGRATION_DEADLINE_S = 600.0
LEDGER = """
CREATE TABLE IF NOT EXISTS migration (number int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
COMMENT ON TABLE migration IS 'Which numbered SQL files this database has had.';
"""


MOVED = """
UPDATE publisher
SET home = here.home, lineage = CASE WHEN publisher.home = '' THEN lineage ELSE gen_random_uuid()::text END
FROM (SELECT (pg_control_system()).system_identifier || '/' || oid AS home
      FROM pg_database WHERE datname = current_database()) AS here,
     (SELECT home FROM publisher) AS before
WHERE publisher.home <> here.home RETURNING before.home <> '' AS from_elsewhere
"""
BEGIN_LOG_ANEW = "TRUNCATE change; UPDATE change_pruned SET xact_id = '0', seq = 0"
"""The change log is numbered by its server's transactions: on another server the old numbers mean nothing."""


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order, from files such as `0001_house.sql`."""
    folder = files("inventory_service.storage") / "migrations"
    found = [
        (int(file.name[:4]), file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name[-4:] == ".sql"
    ]
    return sorted(found)


async def migrate(database_url: str) -> list[int]:
    """Applies what is missing; two programs may do so at once. Returns the numbers applied now."""
    with translated():
        connection = await asyncpg.connect(database_url, timeout=10, command_timeout=MIGRATION_DEADLINE_S)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
            applied = await _apply_missing(connection)
            await _settle_in(connection)
            return applied
        finally:
            await connection.close(timeout=5)


async def _settle_in(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A database that was dumped on one server and restored on another begins its change log and its cache anew."""
    async with connection.transaction():
        if await connection.fetchval(MOVED):
            await connection.execute(BEGIN_LOG_ANEW)


async def _apply_missing(connection: "asyncpg.Connection[asyncpg.Record]") -> list[int]:
    await connection.execute(LEDGER)
    done = {row["number"] for row in await connection.fetch("SELECT number FROM migration")}
    missing = [(number, sql) for number, sql in migrations() if number not in done]
    for number, sql in missing:
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute("INSERT INTO migration (number) VALUES ($1)", number)
    return [number for number, _ in missing]

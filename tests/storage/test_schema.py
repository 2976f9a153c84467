"""The schema reads as documentation, and any number of programs may bring it up at once."""

import asyncio
import re

import asyncpg
import pytest

from inventory_service.storage.migrate import migrate, migrations
from inventory_service.storage.postgres import Pool

TABLES = """
SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
PLAIN_WORDS = """
added aliases applied at brand category city code country covered created demo detail factor field file
finished gtin id ids image is item key kind lat line load lon name neighbourhood number paused place
position postcode product raw reason region rejected retailer revoked row rows seq slug source started
store street unchanged url xact
"""


@pytest.fixture
async def connection(pool: Pool) -> asyncpg.Connection:
    async with pool.acquire() as connection:
        yield connection


async def test_every_table_says_what_it_is(connection: asyncpg.Connection) -> None:
    silent = [row["name"] for row in await connection.fetch(TABLES) if not row["comment"]]
    assert silent == []


async def test_every_column_has_a_comment_or_a_name_of_plain_words(connection: asyncpg.Connection) -> None:
    rows = await connection.fetch(
        "SELECT attrelid::regclass::text AS of_table, attname AS name, col_description(attrelid, attnum) AS comment"
        " FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped"
    )
    puzzling = [
        f"{row['of_table']}.{row['name']}"
        for row in rows
        if not row["comment"] and not set(re.split("_", row["name"])) <= set(PLAIN_WORDS.split())
    ]
    assert puzzling == []


async def test_two_programs_may_migrate_one_new_database_at_once(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    applied = await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    numbers = [number for number, _ in migrations()]
    assert [number for one in applied for number in one] == numbers
    assert await migrate(database_url) == []


async def test_position_keys_carry_the_product_first(connection: asyncpg.Connection) -> None:
    definition = await connection.fetchval(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'position'::regclass AND indisprimary"
    )
    assert "(product_id, store_id)" in definition


async def test_no_index_of_the_hot_table_holds_a_column_that_changes(connection: asyncpg.Connection) -> None:
    indexed = await connection.fetch(
        "SELECT DISTINCT attname FROM pg_index JOIN pg_attribute"
        " ON attrelid = indrelid AND attnum = ANY (indkey::int[])"
        " WHERE indrelid = 'position'::regclass"
    )
    assert {row["attname"] for row in indexed} == {"product_id", "store_id"}

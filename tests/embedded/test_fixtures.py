"""The harness itself: tests share servers and see nothing of each other."""

import asyncpg
import pytest
from redis.asyncio import Redis


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_a_test_gets_a_migrated_database_without_the_rows_of_others(pool: asyncpg.Pool, turn: str) -> None:
    assert await pool.fetchval("SELECT count(*) FROM retailer") == 0
    await pool.execute("INSERT INTO retailer (slug, name, created_at) VALUES ('r', 'R', now())")


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_a_test_gets_an_empty_redis(redis: Redis, turn: str) -> None:
    assert await redis.dbsize() == 0
    await redis.set("left", "behind")


def test_a_test_without_a_loop_can_have_a_database(database_url: str, redis_url: str) -> None:
    assert "host=" in database_url or "@" in database_url
    assert "db=" in redis_url

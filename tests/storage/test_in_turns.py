"""What is too much at once is read in turns, and is all there."""

from inventory_service.storage.postgres import ROWS_AT_ONCE, Pool, in_turns


async def test_rows_read_in_turns_are_all_there_in_their_order(pool: Pool) -> None:
    count = 2 * ROWS_AT_ONCE + 1
    async with pool.acquire() as connection:
        turns = [rows async for rows in in_turns(connection, f"SELECT generate_series(1, {count}) AS n")]
    assert [row["n"] for rows in turns for row in rows] == [*range(1, count + 1)]
    assert max(map(len, turns)) == ROWS_AT_ONCE


async def test_nothing_is_read_in_no_turn(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert [rows async for rows in in_turns(connection, "SELECT 1 WHERE false")] == []

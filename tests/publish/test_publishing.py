"""From the change log to Redis: what is cached equals Postgres, whatever is stopped, started or emptied in between."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random

import asyncpg

from inventory_service.storage import changes
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import decode, encode
from inventory_service.storage.changes import Cursor
from inventory_service.storage.postgres import connected
from store_sync.publish.seats import Seats
from store_sync.publish.writer import Writer
from store_sync.publisher import Publisher
from tests.publish.house import House, caught_up, ended, running, unhindered, until
from tests.sync.world import GTIN, OTHER_GTIN, at, count, item, stopped_clock


async def test_a_change_reaches_the_block_that_is_cached(house: House) -> None:
    await house.sync.load([count("1", "cola", 5), count("2", "cola", 6)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        assert not (await house.read()).from_cache
        assert (await house.read()).from_cache
        await house.sync.load([count("1", "cola", 4)], as_of=at(50))
        await caught_up(house)
        assert await house.quantities() == [4, 6]
        assert (await house.read()).from_cache
        assert await house.cache_is_true()


async def test_a_store_that_nobody_had_in_the_block_is_added(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
        await house.sync.load([count("3", "cola", 9)], as_of=at(50))
        await caught_up(house)
        assert await house.quantities() == [5, 9]
        assert (await house.read()).from_cache


async def test_an_empty_block_says_nobody_has_it_until_somebody_does(house: House) -> None:
    await house.sync.load([item("cola", GTIN)])
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
        assert (await house.read()).from_cache
        await house.sync.load([count("1", "cola", 5)], as_of=at(50))
        await caught_up(house)
        assert await house.quantities() == [5]


async def test_after_any_loads_and_reads_the_cache_equals_postgres(house: House) -> None:
    rng, names = Random(3), ["cola", "tea", "milk"]
    await house.sync.load([count("1", name, 1) for name in names], as_of=at(600))

    async def writing(source: str) -> None:
        for n in range(25):
            rows = [count(rng.choice("123"), rng.choice(names), rng.randint(0, 3), line=m) for m in range(3)]
            await house.sync.load(rows, source=source, as_of=at(500 - n), snapshot=rng.random() < 0.3)

    async def reading() -> None:
        while True:
            await house.read(rng.choice(names))

    async with running(house.one.publisher):
        reader = asyncio.create_task(reading())
        await asyncio.gather(writing("night"), writing("till"))
        await ended(reader)
        await caught_up(house)
        for name in names:
            await house.read(name)
            assert (await house.read(name)).from_cache
        assert len(await house.blocks()) == 3
        assert await house.cache_is_true()


async def test_nothing_is_believed_before_the_publisher_works(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    await house.read()
    assert not (await house.read()).from_cache
    assert await house.blocks() == {}


async def test_after_redis_was_emptied_answers_are_right_and_the_cache_fills_again(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
        await house.redis.flushdb()
        assert await house.quantities() == [5]
        await house.sync.load([count("1", "cola", 4)], as_of=at(50))
        assert await house.quantities() == [4]
        await until(house.is_live)
        assert await house.quantities() == [4]
        await house.sync.load([count("1", "cola", 3)], as_of=at(40))
        await caught_up(house)
        assert await house.quantities() == [3]
        assert (await house.read()).from_cache


async def test_what_was_committed_while_no_publisher_ran_is_published_by_the_next(house: House) -> None:
    await house.sync.load([count("1", "cola", 5), count("1", "tea", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read("cola")
        await house.read("tea")
    await house.sync.load([count("1", "cola", 4)], as_of=at(50))
    before = await house.blocks()
    async with running(house.other.publisher):
        await caught_up(house)
        after = await house.blocks()
        assert set(after) == set(before)
        assert sum(after[name] != before[name] for name in after) == 1
        assert await house.cache_is_true()


async def test_publishing_the_same_again_changes_nothing(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
    before = await house.blocks()
    assert before
    async with connected(house.pool, deadline_s=5) as connection:
        everything = (await changes.read(connection, Cursor(0, 0), [], 1_000)).changes
        writer = Writer(connection, house.one.cache, Seats(), unhindered)
        for _ in range(2):
            await writer.write(everything)
            await writer.write(everything[::-1])
    assert await house.blocks() == before


async def test_a_replay_repairs_a_cache_that_went_wrong(house: House) -> None:
    lines = [count("1", "cola", 5), count("2", "cola", 6)]
    await house.sync.load(lines, as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
        ((name, right),) = (await house.blocks()).items()
        await house.redis.set(name, encode([]))
        await house.sync.load(lines, as_of=at(60))
        await caught_up(house)
        assert await house.redis.get(name) == right


async def test_a_second_publisher_waits_for_the_first_and_then_takes_over(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))

    async def epoch() -> bytes | None:
        return await house.redis.hget(keys.PUBLISHED, "epoch")

    async with AsyncExitStack() as first, AsyncExitStack() as second:
        await first.enter_async_context(running(house.one.publisher))
        await caught_up(house)
        await second.enter_async_context(running(house.other.publisher))
        await house.read()
        for quantity in (4, 3):
            await house.sync.load([count("1", "cola", quantity)], as_of=at(50 + quantity))
            await caught_up(house)
            assert await house.quantities() == [quantity]
        assert await epoch() == b"1"
        await first.aclose()
        await house.sync.load([count("1", "cola", 2)], as_of=at(40))
        await until(lambda: _is(epoch, b"2"))
        await caught_up(house)
        assert await house.quantities() == [2]
        assert await house.cache_is_true()


async def _is(read: Callable[[], Awaitable[bytes | None]], expected: bytes) -> bool:
    return await read() == expected


async def test_a_publisher_whose_connection_is_cut_comes_back(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
        await house.sync.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'nearshelf publisher' AND datname = current_database()"
        )
        await house.sync.load([count("1", "cola", 4)], as_of=at(50))
        await caught_up(house)
        assert await house.quantities() == [4]
        assert await house.cache_is_true()


async def test_a_publisher_that_missed_what_was_pruned_begins_the_cache_anew(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
    await house.sync.load([count("1", "cola", 4)], as_of=at(50))
    async with connected(house.pool, deadline_s=5) as connection:
        last = (await changes.read(connection, Cursor(0, 0), [], 1_000)).changes[-1].cursor
        await changes.prune(connection, at(-60), last)
    await house.sync.load([count("1", "tea", 1)], as_of=at(40))
    async with running(house.other.publisher):
        await caught_up(house)
        assert await house.blocks() == {}
        assert await house.quantities() == [4]


async def test_news_of_a_product_makes_redis_forget_it_by_id_and_by_gtin(house: House) -> None:
    await house.sync.load([item("cola", GTIN, name="Cola"), item("tea", OTHER_GTIN, name="Tea")])
    async with running(house.one.publisher):
        await caught_up(house)
        ids = {row["gtin"]: row["product_id"] for row in await house.sync.fetch("SELECT gtin, product_id FROM product")}
        names = [keys.product(ids[GTIN]), keys.gtin(GTIN, None), keys.product(ids[OTHER_GTIN])]
        for name in names:
            await house.redis.set(name, b"old")
        await house.sync.load([item("cola", GTIN, name="Cola 1 l")])
        await caught_up(house)
        assert await house.redis.mget(names) == [None, None, b"old"]


async def test_a_gtin_that_nobody_knew_is_forgotten_when_a_product_gets_it(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)])
    async with running(house.one.publisher):
        await caught_up(house)
        await house.redis.set(keys.gtin(GTIN, None), b"-")
        await house.sync.load([item("cola", GTIN)])
        await caught_up(house)
        assert await house.redis.get(keys.gtin(GTIN, None)) is None


async def test_old_entries_of_the_log_are_dropped_once_they_are_published(house: House, database_url: str) -> None:
    await house.sync.load([count("1", "cola", 5)])
    connection = await asyncpg.connect(database_url)
    await changes.append(connection, "levels", [], [], at(60 * 25))
    await connection.close()
    tomorrow = Publisher(database_url, house.one.cache, stopped_clock(at(0) + timedelta(hours=1)), 0.0)
    async with running(tomorrow):
        await caught_up(house)

        async def pruned() -> bool:
            return await house.sync.value("SELECT count(*) FROM change WHERE committed_at < $1", at(60 * 24)) == 0

        await until(pruned)
    assert await house.sync.log("levels")


async def test_blocks_in_the_cache_can_be_decoded_by_slot_and_version(house: House) -> None:
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    await house.sync.load([count("1", "cola", 7)], as_of=at(50))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
    ((block),) = (await house.blocks()).values()
    assert [(entry.slot, entry.version, entry.level.observed_at) for entry in decode(block)] == [(0, 2, at(50))]

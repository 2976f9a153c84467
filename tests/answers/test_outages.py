"""Stale beats wrong, and unknown beats stale: what is said while a server is away."""

import asyncio
import time

import pytest

from geo.point import Point
from inventory_service.domain.availability import Answer, Question
from inventory_service.domain.errors import StorageError
from inventory_service.storage.cache import keys
from tests.answers.conftest import House
from tests.sync.world import GTIN, at, count, shop

SEATTLE = Point(47.6, -122.3)


async def ask(house: House) -> Answer:
    product = await house.service.product_by_gtin(GTIN, frozenset())
    return await house.service.availability(Question(product, SEATTLE))


def told(answer: Answer) -> list[tuple[str, int | None]]:
    return [(found.store.store_code, found.stock.quantity) for found in answer.results]


async def stocked(house: House, quantity: int = 5, minutes: float = 60) -> None:
    await house.sync.load([shop("s1"), count("s1", "i1", quantity, at(minutes), gtin=GTIN)])
    await house.current()


async def until(house: House, wanted: list[tuple[str, int | None]]) -> Answer:
    async with asyncio.timeout(20):
        while told(answer := await ask(house)) != wanted:
            await asyncio.sleep(0.01)
    return answer


async def test_a_change_reaches_an_answer_out_of_the_cache(house: House) -> None:
    await stocked(house)
    assert told(await ask(house)) == [("s1", 5)]
    assert (await ask(house)).from_cache
    await house.sync.load([count("s1", "i1", 2, at(1))])
    assert (await until(house, [("s1", 2)])).from_cache


async def test_without_redis_answers_come_from_postgres_and_are_right(house: House) -> None:
    await stocked(house)
    await house.redis.cut()
    await house.sync.load([count("s1", "i1", 3, at(1))])
    answer = await ask(house)
    assert (told(answer), answer.from_cache) == ([("s1", 3)], False)


async def test_after_a_flush_the_next_answers_are_right(house: House) -> None:
    await stocked(house)
    await ask(house)
    await house.cache._redis.flushall()
    await house.sync.load([count("s1", "i1", 4, at(1))])
    assert told(await ask(house)) == [("s1", 4)]
    await house.current()
    await ask(house)
    answer = await ask(house)
    assert (told(answer), answer.from_cache) == ([("s1", 4)], True)


async def test_without_postgres_the_cache_answers_with_what_it_knows(house: House) -> None:
    await stocked(house)
    await ask(house)
    await house.postgres.cut()
    answer = await ask(house)
    assert (told(answer), answer.from_cache) == ([("s1", 5)], True)


async def test_a_postgres_that_hangs_is_not_waited_for_where_the_cache_knows(house: House) -> None:
    await stocked(house)
    await ask(house)
    house.postgres.freeze()
    async with asyncio.timeout(20):
        while (await house.cache.read([keys.PUBLISHED + ":none"])).live:
            await asyncio.sleep(0.05)
    for _ in range(5):
        async with asyncio.timeout(house.tools.settings.deadline_s + 0.5):
            answer = await ask(house)
        assert (told(answer), answer.from_cache) == ([("s1", 5)], True)
    began = time.monotonic()
    await ask(house)
    assert time.monotonic() - began < 0.5
    house.postgres.thaw()


async def test_without_both_it_says_so_at_once(house: House) -> None:
    await stocked(house)
    await house.redis.cut()
    await house.postgres.cut()
    began = time.monotonic()
    with pytest.raises(StorageError):
        await ask(house)
    assert time.monotonic() - began < 2.0


async def test_what_comes_back_is_used_again_without_a_restart(house: House) -> None:
    await stocked(house)
    await house.redis.cut()
    await house.postgres.cut()
    with pytest.raises(StorageError):
        await ask(house)
    await house.postgres.mend()
    await house.redis.mend()
    await house.sync.load([count("s1", "i1", 1, at(1))])
    async with asyncio.timeout(30):
        while True:
            try:
                answer = await ask(house)
            except StorageError:
                continue
            if answer.from_cache and told(answer) == [("s1", 1)]:
                return
            await asyncio.sleep(0.01)


async def test_a_store_that_opens_is_found_without_a_restart(house: House) -> None:
    await stocked(house)
    await ask(house)
    await house.sync.load([shop("s2"), count("s2", "i1", 7, at(1))])
    await house.service._parts.memory.catch_up()
    await until(house, sorted([("s1", 5), ("s2", 7)], key=lambda one: one[0]))


async def test_a_block_of_another_format_is_not_believed(house: House) -> None:
    await stocked(house)
    await ask(house)
    for name in await house.cache._redis.keys("ns1:{*"):
        if not name.endswith(b":p") and b"{g" not in name:
            await house.cache._redis.set(name, b"\x63nonsense")
    assert told(await ask(house)) == [("s1", 5)]

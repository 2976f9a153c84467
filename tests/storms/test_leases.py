"""Across workers a cold neighbourhood is read once too, and what does not exist is remembered for all of them."""

import asyncio
import time
from random import Random

from redis.asyncio import Redis

from inventory_service.domain.gtin import check_digit
from inventory_service.lookup.products import Products
from inventory_service.storage.cache import keys
from inventory_service.storage.postgres import Pool
from tests.storms.conftest import Hire
from tests.storms.worker import until

BOUND_S = 1.0
"""Longer than any worker waits for another."""


async def test_two_workers_make_one_query_in_all(hire: Hire) -> None:
    one, other = hire(), hire()
    answers = await asyncio.gather(*(worker.ask(worker.here, 91) for _ in range(50) for worker in (one, other)))
    assert len({tuple(answer.in_order) for answer in answers}) == 1
    assert one.readings + other.readings == [[one.here, 91]]
    assert one.counted("fills_awaited") + other.counted("fills_awaited") <= 1


async def test_what_another_worker_reads_turns_up_in_the_cache(hire: Hire) -> None:
    one, other = hire(), hire()
    one.gate.clear()
    first = asyncio.create_task(one.ask(one.here))
    await until(lambda: one.under_way == 1)
    second = asyncio.create_task(other.ask(one.here))
    await until(lambda: other.counted("fills_awaited") == 1)
    one.gate.set()
    assert (await second).in_order == (await first).in_order
    assert other.readings == []


async def test_of_several_only_what_nobody_reads_is_read(hire: Hire) -> None:
    one, other = hire(), hire()
    one.gate.clear()
    first = asyncio.create_task(one.ask(one.here))
    await until(lambda: one.under_way == 1)
    second = asyncio.create_task(other.ask(91, one.here, 92))
    await until(lambda: other.counted("fills_awaited") == 1)
    one.gate.set()
    assert (await second).in_order[1] == (await first).in_order[0]
    assert other.readings == [[91, 92]]


async def test_a_worker_that_died_holding_the_lease_is_not_waited_for_long(hire: Hire, redis: Redis) -> None:
    worker = hire()
    await redis.set(keys.lease(worker.name(worker.here)), "of the dead", px=keys.LEASE_MS)
    began_s = time.monotonic()
    assert await worker.quantities() == [1, 2, 3, 4, 5]
    assert time.monotonic() - began_s < BOUND_S
    assert (worker.counted("fills_awaited"), worker.counted("fills")) == (1, 1)
    assert await redis.get(worker.name(worker.here)) is None


async def test_an_empty_neighbourhood_is_remembered_for_all_workers(hire: Hire, redis: Redis) -> None:
    one, other = hire(), hire()
    await one.ask(91)
    assert (await other.ask(91)).from_cache
    await one.ask(one.here)
    assert [await redis.pttl(one.name(where)) for where in (91, one.here)] == [-1, -1]


async def test_products_that_nobody_knows_are_remembered_for_all_workers_and_not_for_good(
    hire: Hire, pool: Pool, redis: Redis
) -> None:
    one, other = hire(), hire()
    unknown = [_gtin(Random(n).randrange(10**12, 10**13)) for n in range(50)]
    for worker in (one, other):
        products = Products(worker.through, pool, 5.0)
        assert [await products.by_gtin(gtin, None) for gtin in unknown] == [None] * 50
        assert await products.by_id(10**6) is None
    assert (one.counted("fills"), other.counted("fills")) == (51, 0)
    names = [name async for name in redis.scan_iter(keys.EVERY_VALUE)]
    assert len(names) == 51
    assert all([0 < await redis.pttl(name) <= keys.UNKNOWN_MS for name in names])


def _gtin(body: int) -> str:
    digits = f"{body:013d}"
    return digits + check_digit(digits)

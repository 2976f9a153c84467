"""However many cold names are asked for at once, Postgres is asked for few at a time, and the rest hears so soon."""

import asyncio
from collections import Counter

import pytest
from redis.asyncio import Redis

from inventory_service.lookup.admission import Admission, Bounds
from inventory_service.runtime.http.errors import CrowdedError
from tests.storms.conftest import Hire
from tests.storms.worker import Worker, until


async def flood(worker: Worker, names: range) -> "list[asyncio.Task[str]]":
    async def ask(name: int) -> str:
        try:
            await worker.ask(name)
        except CrowdedError:
            return "sent away"
        return "told"

    return [asyncio.create_task(ask(name)) for name in names]


@pytest.mark.parametrize("cache", ["cold", "gone"])
async def test_of_a_flood_few_read_some_wait_and_the_others_are_sent_away_at_once(hire: Hire, cache: str) -> None:
    bounds = {"at_once": 4, "waiting": 8, "wait_s": 20.0}
    worker = hire("unix:///nowhere/redis.sock", **bounds) if cache == "gone" else hire(**bounds)
    worker.gate.clear()
    asked = await flood(worker, range(100, 300))
    await until(lambda: sum(task.done() for task in asked) == 200 - 12)
    await until(lambda: worker.under_way == 4)
    worker.gate.set()
    assert Counter(await asyncio.gather(*asked)) == {"told": 12, "sent away": 188}
    assert worker.most_at_once == 4
    assert worker.counted("fills_shed") == 188
    assert set(await asyncio.gather(*await flood(worker, range(300, 312)))) == {"told"}


async def test_what_is_cached_is_told_while_others_are_sent_away(hire: Hire) -> None:
    worker = hire(at_once=1, waiting=1, wait_s=20.0)
    await worker.ask(worker.here)
    worker.gate.clear()
    asked = await flood(worker, range(100, 200))
    await until(lambda: sum(task.done() for task in asked) == 98)
    for _ in range(50):
        assert (await worker.ask(worker.here)).from_cache
    worker.gate.set()
    await asyncio.gather(*asked)


async def test_hundreds_who_want_the_same_take_one_place(hire: Hire) -> None:
    worker = hire(at_once=1, waiting=0)
    worker.gate.clear()
    same = [asyncio.create_task(worker.ask(worker.here)) for _ in range(300)]
    await until(lambda: worker.counted("fills_shared") == 299)
    worker.gate.set()
    assert len({tuple(answer.in_order) for answer in await asyncio.gather(*same)}) == 1


async def test_a_wait_for_a_place_has_an_end() -> None:
    admission = Admission(Bounds(at_once=1, waiting=5, wait_s=0.05))
    async with admission.place():
        with pytest.raises(CrowdedError):
            async with admission.place():
                raise AssertionError
    async with admission.place():
        pass


async def test_once_readings_are_slow_newcomers_are_sent_away_without_waiting() -> None:
    admission = Admission(Bounds(at_once=1, waiting=1_000, wait_s=0.05))
    for _ in range(2):
        async with admission.place():
            await asyncio.sleep(0.4)
    async with admission.place(), asyncio.timeout(1.0):
        for _ in range(50):
            with pytest.raises(CrowdedError):
                async with admission.place():
                    raise AssertionError


async def test_places_of_those_who_stopped_waiting_are_free_again() -> None:
    admission = Admission(Bounds(at_once=1, waiting=5, wait_s=20.0))
    entered = []

    async def read(number: int) -> None:
        async with admission.place():
            entered.append(number)
            await asyncio.sleep(0)

    async with admission.place():
        waiting = [asyncio.create_task(read(number)) for number in range(5)]
        await asyncio.sleep(0)
        for task in waiting[:4]:
            task.cancel()
        await asyncio.wait(waiting[:4])
    await waiting[4]
    await read(5)
    assert entered == [4, 5]


async def test_a_flush_leaves_nobody_waiting_and_fills_again(hire: Hire, redis: Redis) -> None:
    """Nothing is believed until a publisher is back: what is asked meanwhile is read past the cache, together."""
    worker = hire(at_once=2, waiting=2, wait_s=20.0)
    await worker.ask(worker.here)
    await redis.flushdb()
    worker.gate.clear()
    same = [asyncio.create_task(worker.ask(worker.here)) for _ in range(50)]
    await until(lambda: worker.counted("fills_shared") == 49)
    worker.gate.set()
    await asyncio.gather(*same)
    assert len(worker.readings) == 2

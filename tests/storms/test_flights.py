"""Within one worker a cold neighbourhood is read once, whoever asks."""

import asyncio
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from inventory_service.domain.errors import StorageError
from inventory_service.lookup.flights import Depart, Flight, Flights
from inventory_service.lookup.reading_metrics import ReadingMetrics
from inventory_service.lookup.readthrough import Values
from inventory_service.storage.cache import keys
from tests.storms.conftest import Hire
from tests.storms.worker import Worker, until

FAR = (91, 92, 93)
"""Neighbourhoods that hold nothing."""


def asking(worker: Worker, *names: int, times: int = 1) -> "list[asyncio.Task[Values]]":
    return [asyncio.create_task(worker.ask(*names)) for _ in range(times)]


def alike(answers: Sequence[Values]) -> bool:
    return len({tuple(answer.in_order) for answer in answers}) == 1


async def test_a_hundred_at_once_are_one_query(hire: Hire) -> None:
    worker = hire()
    answers = await asyncio.gather(*asking(worker, worker.here, *FAR, times=100))
    assert worker.readings == [[worker.here, *FAR]]
    assert alike(answers)
    assert (worker.counted("fills"), worker.counted("fills_shared")) == (1, 99)
    assert await worker.quantities() == [1, 2, 3, 4, 5]


async def test_what_is_being_read_is_waited_for_and_the_rest_is_one_query(hire: Hire) -> None:
    worker = hire()
    worker.gate.clear()
    first = asking(worker, worker.here, 91)
    await until(lambda: len(worker.readings) == 1)
    second = asking(worker, 91, 92, 93, worker.here)
    await until(lambda: len(worker.readings) == 2)
    worker.gate.set()
    ((ours, nothing),) = [one.in_order for one in await asyncio.gather(*first)]
    assert worker.readings == [[worker.here, 91], [92, 93]]
    assert (await second[0]).in_order == [nothing, nothing, nothing, ours]


async def test_one_that_is_cancelled_does_not_take_the_others_with_it(hire: Hire) -> None:
    worker = hire()
    worker.gate.clear()
    leader, *others = asking(worker, worker.here, times=5)
    await until(lambda: worker.under_way == 1)
    leader.cancel()
    await asyncio.wait([leader])
    worker.gate.set()
    assert alike(await asyncio.gather(*others))
    assert leader.cancelled()
    assert len(worker.readings) == 1


async def test_a_reading_that_nobody_waits_for_any_more_still_fills_the_cache(hire: Hire, redis: Redis) -> None:
    worker = hire()
    worker.gate.clear()
    (only,) = asking(worker, worker.here)
    await until(lambda: worker.under_way == 1)
    only.cancel()
    await asyncio.wait([only])
    worker.gate.set()
    async with asyncio.timeout(10):
        while not await redis.exists(worker.name(worker.here)):
            await asyncio.sleep(0.002)
    assert (await worker.ask(worker.here)).from_cache


async def test_a_failure_is_everyones_who_waited_and_nobodys_after(hire: Hire) -> None:
    worker = hire()
    worker.gate.clear()
    worker.away = True
    waiting = asking(worker, worker.here, times=3)
    await until(lambda: worker.under_way == 1)
    worker.gate.set()
    failures = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in failures] == [StorageError] * 3
    assert len(worker.readings) == 1
    worker.away = False
    assert await worker.quantities() == [1, 2, 3, 4, 5]


async def test_a_reading_under_way_is_not_joined_once_the_cache_knew_better(hire: Hire, redis: Redis) -> None:
    """It may have been read before what the cache has told meanwhile."""
    worker, other = hire(), hire()
    worker.gate.clear()
    slow = asking(worker, worker.here)
    await until(lambda: worker.under_way == 1)
    await redis.delete(keys.lease(worker.name(worker.here)))
    await other.ask(worker.here)
    assert (await worker.ask(worker.here)).from_cache
    await redis.delete(worker.name(worker.here))
    late = asking(worker, worker.here)
    await until(lambda: len(worker.readings) == 2)
    worker.gate.set()
    await asyncio.gather(*slow, *late)


async def test_a_reading_that_takes_long_is_not_joined_for_ever(hire: Hire) -> None:
    worker = hire()
    worker.gate.clear()
    waiting = asking(worker, worker.here)

    def more() -> bool:
        waiting.extend(asking(worker, worker.here))
        return len(worker.readings) == 2

    await until(more)
    worker.gate.set()
    assert alike(await asyncio.gather(*waiting))


@pytest.mark.parametrize("disturbance", ["no sign of life", "no Redis"])
async def test_past_the_cache_too_a_hundred_at_once_are_one_query(hire: Hire, redis: Redis, disturbance: str) -> None:
    worker = hire("unix:///nowhere/redis.sock") if disturbance == "no Redis" else hire()
    await redis.delete(keys.LIVE)
    answers = await asyncio.gather(*asking(worker, worker.here, times=100))
    assert alike(answers)
    assert not any(answer.from_cache for answer in answers)
    assert len(worker.readings) == 1


async def test_nobody_joins_a_reading_that_may_be_older_than_one_that_has_landed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flights = Flights(ReadingMetrics(CollectorRegistry()))
    gates = {"first": asyncio.Event(), "second": asyncio.Event()}

    def reading(gate: asyncio.Event) -> Depart:
        async def depart(names: Sequence[str], flight: Flight) -> dict[str, bytes]:
            flight.begin()
            await gate.wait()
            return dict.fromkeys(names, b"")

        return depart

    first = flights.board(["a"], reading(gates["first"]))["a"]
    await asyncio.sleep(0)
    monkeypatch.setattr("inventory_service.lookup.flights.JOINABLE_S", 0.0)
    second = flights.board(["a"], reading(gates["second"]))["a"]
    monkeypatch.undo()
    assert flights.board(["a"], reading(gates["second"]))["a"] is second
    gates["first"].set()
    await first.task
    assert flights.board(["a"], reading(gates["second"]))["a"] is not second
    assert second.overtaken == {"a"}
    gates["second"].set()
    await second.task

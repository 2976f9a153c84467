"""Stale beats nothing: what a worker has told lately it tells again where nobody tells better in time."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from inventory_service.domain.errors import CacheError, StorageError
from inventory_service.lookup.rest import Rest
from inventory_service.lookup.seen import Seen
from inventory_service.runtime.http.errors import CrowdedError
from inventory_service.storage.cache import keys
from tests.storms.conftest import Hire, Line
from tests.storms.worker import Worker, until


async def without_redis(hire: Hire, line: Line) -> Worker:
    """A worker that has told something out of the cache and has just lost its Redis."""
    filling, worker = hire(), hire(line.url, at_once=1, waiting=0)
    await filling.ask(filling.here)
    assert (await worker.ask(worker.here)).from_cache
    await line.wire.cut()
    return worker


async def test_without_both_it_tells_what_it_has_just_told_and_nothing_else(hire: Hire, line: Line) -> None:
    worker = await without_redis(hire, line)
    worker.away = True
    assert await worker.quantities() == [1, 2, 3, 4, 5]
    assert worker.counted("stale") == 1
    with pytest.raises(StorageError):
        await worker.ask(worker.here, 91)
    with pytest.raises(StorageError):
        await worker.ask(91)


async def test_what_it_has_told_out_of_postgres_is_told_again_too(hire: Hire) -> None:
    worker = hire("unix:///nowhere/redis.sock")
    await worker.ask(worker.here)
    worker.away = True
    assert await worker.quantities() == [1, 2, 3, 4, 5]


async def test_where_too_many_ask_what_it_has_told_is_told_again(hire: Hire, line: Line) -> None:
    worker = await without_redis(hire, line)
    worker.gate.clear()
    other = asyncio.create_task(worker.ask(91))
    await until(lambda: worker.under_way == 1)
    assert await worker.quantities() == [1, 2, 3, 4, 5]
    with pytest.raises(CrowdedError):
        await worker.ask(92)
    worker.gate.set()
    await other


async def test_where_postgres_hangs_what_it_has_told_is_told_again(hire: Hire, line: Line) -> None:
    worker = await without_redis(hire, line)
    worker.gate.clear()
    async with asyncio.timeout(5):
        assert await worker.quantities() == [1, 2, 3, 4, 5]
    worker.gate.set()


async def test_what_was_told_out_of_a_cache_that_lagged_is_not_told_again_without_it(
    hire: Hire, line: Line, redis: Redis
) -> None:
    """It may be newer or older than what was told before."""
    filling, worker = hire(), hire(line.url)
    await filling.ask(filling.here)
    await worker.ask(worker.here)
    await redis.delete(keys.LIVE)
    worker.away = True
    assert await worker.quantities() == [1, 2, 3, 4, 5]
    await line.wire.cut()
    with pytest.raises(StorageError):
        await worker.quantities()


async def test_what_comes_back_is_asked_again(hire: Hire, line: Line) -> None:
    worker = await without_redis(hire, line)
    worker.away = True
    await worker.ask(worker.here)
    worker.away = False
    assert not (await worker.ask(worker.here)).from_cache
    await line.wire.mend()
    async with asyncio.timeout(20):
        while worker.through._rest.until_s:
            await worker.ask(91)


NAMES = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)


@given(
    st.lists(st.tuples(st.sampled_from(("add", "forget", "known")), NAMES)),
    st.integers(1, 8),
)
def test_of_whatever_was_told_only_the_newest_is_told_again(steps: list[tuple[str, list[str]]], at_most: int) -> None:
    seen, told = Seen(at_most), dict[str, bytes | None]()
    for number, (step, names) in enumerate(steps):
        match step:
            case "add":
                seen.add(names, [b"%d" % number for _ in names])
                told |= dict.fromkeys(names, b"%d" % number)
            case "forget":
                seen.forget(names)
                told |= dict.fromkeys(names)
            case "known":
                assert all(value == told[name] for name, value in seen.known(names).items())
    assert len(seen.known("abcdef")) <= at_most
    assert len(seen._recent) == 0


def test_what_fits_is_known_and_what_was_told_long_ago_is_not() -> None:
    seen = Seen(at_most=4)
    seen.add(["a", "b"], [b"1", b"2"])
    seen.add(["b", "c"], [b"3", b"4"])
    assert seen.known("abcd") == {"a": b"1", "b": b"3", "c": b"4"}
    late = Seen(stale_s=0.0)
    late.add(["a"], [b"1"])
    assert late.known("a") == {}


async def test_what_others_may_have_heard_newer_is_not_told_again(hire: Hire, redis: Redis) -> None:
    """The cache told the name while it was being read, and is neither there any more nor is Postgres."""
    worker, other = hire(), hire()
    worker.gate.clear()
    slow = asyncio.create_task(worker.ask(worker.here))
    await until(lambda: worker.under_way == 1)
    await redis.delete(keys.lease(worker.name(worker.here)))
    await other.ask(worker.here)
    await worker.ask(worker.here)
    worker.gate.set()
    await slow
    await redis.flushdb()
    worker.away = True
    with pytest.raises(StorageError):
        await worker.ask(worker.here)


async def test_to_ask_for_nothing_is_no_question(hire: Hire, redis: Redis) -> None:
    await redis.delete(keys.LIVE)
    worker = hire()
    assert (await worker.ask()).in_order == []
    assert worker.readings == []


def test_a_cache_that_failed_is_tried_by_one_while_the_others_go_past_it() -> None:
    rest = Rest()
    rest.failed(CacheError("Redis did not answer."))
    assert rest.lasts()
    rest.until_s = time.monotonic()
    assert [rest.lasts() for _ in range(3)] == [False, True, True]
    rest.answered()
    assert not rest.until_s

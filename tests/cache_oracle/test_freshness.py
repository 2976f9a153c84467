"""Every answer is a level that was true within the last second, and no connection ever hears an older one again."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import aiohttp
import pytest

from loadtests.truth import Heard, Shelf, Truth, percentiles_s, went_back
from tests.cache_oracle.conftest import GTINS, SECRET, STORES, Street
from tests.publish.house import ended
from tests.sync.world import at, count

LONG_AGO_S = 5.0
"""What a disturbance keeps from being replaced stays for longer. How soon it is replaced `make freshness` measures."""
READERS = 4
PAUSE_S = 0.01
"""Between two writes and between two questions: one process does all of it but the publishing."""
SHELVES = [(gtin, store) for gtin in GTINS for store in STORES]
START = at(600)


async def write(street: Street, truth: Truth, shelves: Sequence[Shelf]) -> None:
    """The next count of some shelves, in one transaction."""
    began_s = time.monotonic()
    counts = [truth.next_count(shelf, began_s) for shelf in shelves]
    lines = [
        count(store, gtin, number, START + timedelta(milliseconds=number), line=line)
        for line, ((gtin, store), number) in enumerate(zip(shelves, counts, strict=True))
    ]
    await street.sync.load(lines)
    for shelf in shelves:
        truth.committed(shelf, time.monotonic())


async def writing(street: Street, truth: Truth, own: Sequence[Shelf], random: Random) -> None:
    while True:
        await write(street, truth, random.sample(own, random.randint(1, 4)))
        await asyncio.sleep(PAUSE_S)


async def reading(street: Street, number: int, heard: list[Heard], random: Random) -> None:
    """One connection that is kept alive, asking again and again."""
    connector = aiohttp.TCPConnector(limit=1)
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with aiohttp.ClientSession(street.url, connector=connector, headers=headers) as session:
        while True:
            gtin, asked_s = random.choice(GTINS), time.monotonic()
            question = f"/v1/availability?gtin={gtin}&lat=47.6&lon=-122.3&radius_m=100000&limit=50"
            async with session.get(question) as response:
                answer = await response.json()
            heard_s = time.monotonic()
            assert response.status == 200, answer
            for one in answer["results"]:
                shelf = (gtin, one["store"]["store_code"])
                heard.append(Heard(number, shelf, one["quantity"], asked_s, heard_s))
            await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def bustle(street: Street, truth: Truth, heard: list[Heard]) -> AsyncIterator[None]:
    """Writers and readers at work; whichever fails makes the test fail."""
    random = Random(11)
    tasks = [asyncio.create_task(writing(street, truth, SHELVES[part::2], Random(part))) for part in range(2)]
    tasks += [asyncio.create_task(reading(street, n, heard, Random(random.random()))) for n in range(READERS)]
    try:
        yield
    finally:
        for task in tasks:
            if task.done():
                task.result()
            await ended(task)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.01)


async def more(heard: list[Heard], truth: Truth) -> None:
    """Until some hundreds more counts were heard and some more were written."""
    told, written = len(heard) + 400, truth.commits + 60

    async def enough() -> bool:
        return len(heard) >= told and truth.commits >= written

    await until(enough)


async def replaced(street: Street, number: signal.Signals) -> asyncio.subprocess.Process:
    """Sends a signal to the working publisher, and waits until another works; returns the first."""
    epoch, first = await street.epoch(), await street.working()
    first.send_signal(number)

    async def another() -> bool:
        return await street.epoch() > epoch and await street.lives()

    await until(another)
    return first


async def test_answers_are_fresh_and_never_go_back_whatever_is_disturbed(
    street: Street, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, heard = Truth(), list[Heard]()
    await write(street, truth, SHELVES)
    await until(street.lives)
    async with bustle(street, truth, heard):
        await more(heard, truth)
        await street.redis.flushdb()
        await more(heard, truth)
        await street.wire.cut()
        await more(heard, truth)
        await street.wire.mend()
        await replaced(street, signal.SIGKILL)
        await more(heard, truth)
        stopped = await replaced(street, signal.SIGSTOP)
        stopped.send_signal(signal.SIGCONT)
        await more(heard, truth)
    assert {one.shelf for one in heard} == set(SHELVES)
    assert [one for one in heard if truth.was_ahead(one)] == []
    assert went_back(heard) == []
    staleness = percentiles_s([truth.staleness_s(one) for one in heard])
    with capsys.disabled():
        print(f"\nstaleness of {len(heard)} counts in seconds: {staleness}")
    assert staleness["p99.9"] <= LONG_AGO_S


def test_the_oracle_itself_tells_what_is_wrong() -> None:
    truth, shelf = Truth(), SHELVES[0]
    for moment_s in (1.0, 2.0, 3.0):
        truth.next_count(shelf, moment_s)
        truth.committed(shelf, moment_s + 0.5)
    assert truth.staleness_s(Heard(1, shelf, 3, 9.0, 9.1)) == 0.0
    assert truth.staleness_s(Heard(1, shelf, 2, 9.0, 9.1)) == 5.5
    assert truth.staleness_s(Heard(1, shelf, 2, 3.2, 3.3)) == 0.0
    assert truth.was_ahead(Heard(1, shelf, 3, 2.5, 2.9))
    assert truth.was_ahead(Heard(1, shelf, 4, 9.0, 9.1))
    assert not truth.was_ahead(Heard(1, shelf, 3, 2.5, 3.1))
    one, other = Heard(1, shelf, 3, 4.0, 4.1), Heard(1, shelf, 2, 5.0, 5.1)
    assert went_back([one, Heard(2, shelf, 2, 4.5, 4.6), other, one]) == [(one, other)]

"""Whose turn it is to publish: one process at a time, whatever is stopped, continued or cut off."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest

from inventory_service.storage import changes, publishing
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import decode
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.changes import Cursor
from inventory_service.storage.postgres import connected
from inventory_service.storage.publishing import RelievedError
from store_sync.publish.seats import Seats
from store_sync.publish.writer import Writer
from tests.publish.house import House, caught_up, ended, running, until
from tests.sync.world import at, count


async def epoch(house: House) -> int:
    return int(await house.sync.value("SELECT epoch FROM publisher"))


async def over(house: House) -> None:
    """As if nobody had renewed the lease for long enough."""
    await house.sync.fetch("UPDATE publisher SET expires_at = clock_timestamp() - interval '1 second'")


async def test_one_of_many_gets_the_turn(house: House, database_url: str) -> None:
    async def ask() -> int | None:
        async with publishing.candidacy(database_url) as connection:
            turn = await publishing.claim(connection)
            return turn and turn.epoch

    assert sorted(await asyncio.gather(*(ask() for _ in range(8))), key=str) == [1, *[None] * 7]


async def test_a_turn_that_is_not_renewed_passes_to_another(house: House, database_url: str) -> None:
    async with publishing.candidacy(database_url) as one, publishing.candidacy(database_url) as other:
        first = await publishing.claim(one)
        assert first
        await first.renew()
        assert await publishing.claim(other) is None
        await over(house)
        second = await publishing.claim(other)
        assert second
        assert second.epoch == 2
        with pytest.raises(RelievedError):
            await first.renew()
        await second.renew()


async def test_a_turn_that_is_given_back_is_free_at_once(house: House, database_url: str) -> None:
    async with publishing.candidacy(database_url) as one, publishing.candidacy(database_url) as other:
        first = await publishing.claim(one)
        assert first
        await first.release()
        assert await publishing.claim(other)


async def test_a_holder_that_was_stopped_too_long_asks_before_it_writes(
    house: House, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own clock ran on; another has taken over meanwhile, so it writes nothing."""
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
    before = await house.blocks()
    await house.sync.load([count("1", "cola", 4)], as_of=at(50))
    async with publishing.candidacy(database_url) as one, publishing.candidacy(database_url) as other:
        turn = await publishing.claim(one)
        assert turn
        news = (await changes.read(one, Cursor(0, 0), [], 1_000)).changes
        await over(house)
        assert await publishing.claim(other)
        later_s = publishing.elapsed_s() + 10
        monkeypatch.setattr(publishing, "elapsed_s", lambda: later_s)
        with pytest.raises(RelievedError):
            await Writer(one, house.one.cache, Seats(), turn.hold).write(news)
    assert await house.blocks() == before


async def test_the_late_write_of_a_relieved_publisher_changes_nothing(house: House) -> None:
    """It was stopped after its last look at its clock, with levels in hand that have changed twice since."""
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
        stopped, go_on = asyncio.Event(), asyncio.Event()

        class Stopping(Cache):
            async def publish(self, blocks: Mapping[str, bytes]) -> list[str]:
                stopped.set()
                await go_on.wait()
                return await super().publish(blocks)

        async def unaware() -> None:
            """It believes that it has the turn."""

        await house.sync.load([count("1", "cola", 4)], as_of=at(50))
        async with connected(house.pool, deadline_s=5) as connection:
            news = (await changes.read(connection, Cursor(0, 0), [], 1_000)).changes
            writer = Writer(connection, Stopping(house.redis), Seats(), unaware)
            zombie = asyncio.create_task(writer.write(news))
            await stopped.wait()
            for quantity in (3, 2):
                await house.sync.load([count("1", "cola", quantity)], as_of=at(40 - quantity))
            await caught_up(house)
            right = await house.blocks()
            go_on.set()
            await zombie
        assert await house.blocks() == right
        assert await house.cache_is_true()


async def test_a_cache_filled_from_another_database_is_begun_anew(house: House) -> None:
    await house.redis.hset(keys.PUBLISHED, mapping={"epoch": 1, "lineage": "another", "xact": 5, "seq": 5})
    await house.redis.set(keys.block(1, 1), b"of another database")
    async with running(house.one.publisher):
        await caught_up(house)
        assert await house.redis.exists(keys.block(1, 1)) == 0


async def test_a_cache_that_is_ahead_of_a_restored_database_is_begun_anew(house: House) -> None:
    lineage = await house.sync.value("SELECT lineage FROM publisher")
    await house.redis.hset(keys.PUBLISHED, mapping={"epoch": 900, "lineage": lineage, "xact": 5, "seq": 5})
    await house.redis.set(keys.block(1, 1), b"of a time that was taken back")
    async with running(house.one.publisher):
        await caught_up(house)
        assert await house.redis.exists(keys.block(1, 1)) == 0
        assert await house.redis.hget(keys.PUBLISHED, "epoch") == b"1"


@asynccontextmanager
async def process(database_url: str, redis_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    words = (sys.executable, "-m", "tests.publish.process", database_url, redis_url)
    program = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            program.kill()
        await program.wait()


async def told(program: asyncio.subprocess.Process, event: bytes) -> None:
    """Until the program has logged `event`."""
    assert program.stderr is not None
    async with asyncio.timeout(20):
        while event not in await program.stderr.readline():
            pass


async def test_a_stopped_publisher_is_replaced_and_writes_nothing_when_it_goes_on(
    house: House, database_url: str, redis_url: str
) -> None:
    await house.sync.load([count("1", "cola", 0)], as_of=at(600))
    versions: list[int] = []

    async def watching() -> None:
        while True:
            for block in (await house.blocks()).values():
                versions.extend(entry.version for entry in decode(block))
            await asyncio.sleep(0)

    async def writing() -> None:
        for number in range(1, 100_000):
            await house.sync.load([count("1", "cola", number)], as_of=at(600 - number / 1_000))

    async def turn_is(number: int) -> bool:
        return await epoch(house) == number and await house.is_live()

    async with process(database_url, redis_url) as zombie:
        await until(lambda: turn_is(1))
        await caught_up(house)
        await house.read()
        watcher, writer = asyncio.create_task(watching()), asyncio.create_task(writing())
        await until(lambda: longer_than(versions, 20))
        zombie.send_signal(signal.SIGSTOP)
        async with running(house.other.publisher):
            await until(lambda: turn_is(2))
            zombie.send_signal(signal.SIGCONT)
            await told(zombie, b"publisher_relieved")
            await ended(writer)
            await caught_up(house)
            assert await house.cache_is_true()
            assert await epoch(house) == 2
        await until(lambda: turn_is(3))
        await ended(watcher)
    assert versions == sorted(versions)


async def longer_than(versions: list[int], number: int) -> bool:
    return len(set(versions)) > number

"""The change log: nothing is skipped, however transactions overtake each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import asyncpg
import pytest
from asyncpg.transaction import Transaction

from inventory_service.storage import changes, log_reader
from inventory_service.storage.changes import Cursor
from inventory_service.storage.log_reader import Place, read_on
from tests.sync.world import NOW

START = Cursor(0, 0)


@dataclass
class Reader:
    """Reads on from where it was, and may be stopped and started from its cursor alone."""

    connection: asyncpg.Connection
    at_most: int = 100
    place: Place = field(default_factory=lambda: Place(START))

    async def next(self) -> list[int]:
        """The first id of each batch of the next page."""
        page = await read_on(self.connection, self.place, self.at_most)
        self.place = page.place
        return [one.ids[0] for one in page.changes]

    async def settle(self, cursor: Cursor) -> None:
        """Until nothing can come before `cursor`: transactions of other tests on this server count too."""
        async with asyncio.timeout(20):
            while self.place.cursor < cursor:
                assert await self.next() == []

    def restarted(self) -> "Reader":
        return Reader(self.connection, self.at_most, Place(self.place.cursor))


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[list[asyncpg.Connection]]:
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(3):
            opened.append(await asyncpg.connect(database_url))
            stack.push_async_callback(opened[-1].close)
        yield opened


async def append(connection: asyncpg.Connection, product_id: int) -> None:
    await changes.append(connection, "levels", [product_id], [1], NOW)


async def entries(connection: asyncpg.Connection) -> list[Cursor]:
    return [one.cursor for one in (await changes.read(connection, START, [], 1_000)).changes]


async def test_a_transaction_that_commits_late_is_not_skipped(connections: list[asyncpg.Connection]) -> None:
    early, late, third = connections
    reader = Reader(third)
    slow = late.transaction()
    await slow.start()
    await append(late, 1)
    await append(early, 2)
    assert await reader.next() == [2]
    assert await reader.next() == []
    await slow.commit()
    assert await reader.next() == [1]
    assert await reader.next() == []


async def test_a_lower_number_in_a_later_transaction_is_not_skipped_either(
    connections: list[asyncpg.Connection],
) -> None:
    """The later transaction takes the lower number of the sequence and commits last."""
    first, second, third = connections
    reader = Reader(third)
    one, other = first.transaction(), second.transaction()
    await one.start()
    await first.execute("SELECT pg_current_xact_id()")
    await other.start()
    await append(second, 2)
    await append(first, 1)
    await one.commit()
    assert await reader.next() == [1]
    await other.commit()
    assert await reader.next() == [2]


async def test_a_reader_that_starts_again_from_its_cursor_misses_nothing(connections: list[asyncpg.Connection]) -> None:
    """It may read twice what had overtaken a slow transaction; publishing that again does no harm."""
    writer, late, third = connections
    reader = Reader(third)
    await append(writer, 1)
    assert await reader.next() == [1]
    await reader.settle((await entries(writer))[-1])
    slow = late.transaction()
    await slow.start()
    await append(late, 2)
    await append(writer, 3)
    assert await reader.next() == [3]
    await slow.commit()
    assert await reader.restarted().next() == [2, 3]


async def test_the_cursor_never_passes_a_transaction_that_still_runs(connections: list[asyncpg.Connection]) -> None:
    writer, idle, third = connections
    reader = Reader(third)
    open_one = idle.transaction()
    await open_one.start()
    running = await idle.fetchval("SELECT pg_current_xact_id()::text::bigint")
    for product_id in range(3):
        await append(writer, product_id)
    assert await reader.next() == [0, 1, 2]
    assert reader.place.cursor.xact < running
    await open_one.rollback()
    await reader.settle((await entries(writer))[-1])


async def test_a_reader_far_ahead_of_a_slow_transaction_waits_for_it(
    connections: list[asyncpg.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has to remember is bounded; the bound is a constant of the module."""
    monkeypatch.setattr(log_reader, "MOST_AHEAD", 4)
    writer, slow, third = connections
    reader = Reader(third, at_most=2)
    open_one = slow.transaction()
    await open_one.start()
    await append(slow, 99)
    for product_id in range(10):
        await append(writer, product_id)
    pages = [await reader.next() for _ in range(5)]
    assert pages == [[0, 1], [2, 3], [], [], []]
    await open_one.commit()
    found: list[int] = []
    async with asyncio.timeout(20):
        while len(found) < 7:
            found += await reader.next()
    assert sorted(found) == [4, 5, 6, 7, 8, 9, 99]


async def test_what_was_rolled_back_is_never_read(connections: list[asyncpg.Connection]) -> None:
    writer, _, third = connections
    doomed = writer.transaction()
    await doomed.start()
    await append(writer, 1)
    await doomed.rollback()
    await append(writer, 2)
    assert await Reader(third).next() == [2]


async def test_reading_on_gives_each_batch_once_and_in_order(connections: list[asyncpg.Connection]) -> None:
    writer, _, third = connections
    async with writer.transaction():
        for product_id in range(3):
            await append(writer, product_id)
    for product_id in range(3, 7):
        await append(writer, product_id)
    reader = Reader(third, at_most=2)
    assert [await reader.next() for _ in range(5)] == [[0, 1], [2, 3], [4, 5], [6], []]


@pytest.mark.parametrize("seed", range(6))
async def test_however_writers_overtake_each_other_each_batch_is_read_once(
    connections: list[asyncpg.Connection], seed: int
) -> None:
    rng, (one, other, third) = Random(seed), connections
    reader, found, number = Reader(third, at_most=3), [], 0
    running: dict[asyncpg.Connection, Transaction] = {}
    for _ in range(60):
        writer = rng.choice([one, other])
        action = rng.choice(["append", "append", "toggle", "read"])
        if action == "read":
            found += await reader.next()
        elif action == "append":
            await append(writer, number)
            number += 1
        elif writer in running:
            await running.pop(writer).commit()
        else:
            running[writer] = writer.transaction()
            await running[writer].start()
    for transaction in running.values():
        await transaction.commit()
    while page := await reader.next():
        found += page
    assert sorted(found) == list(range(number))


async def test_nothing_that_commits_after_the_head_was_read_lies_before_it(
    connections: list[asyncpg.Connection],
) -> None:
    early, late, third = connections
    open_one = late.transaction()
    await open_one.start()
    await append(late, 1)
    await append(early, 2)
    head = await changes.head(third)
    await open_one.commit()
    await append(early, 3)
    assert {1, 3} <= set(await Reader(third, place=Place(head)).next())


async def test_news_leaves_out_levels(connections: list[asyncpg.Connection]) -> None:
    writer, _, third = connections
    await append(writer, 1)
    await changes.append(writer, "stores", [7], [], NOW)
    await append(writer, 2)
    page = await read_on(third, Place(START), 100, changes.read_news)
    assert [(one.kind, one.ids) for one in page.changes] == [("stores", [7])]


async def test_whoever_listens_is_woken_by_a_commit_and_not_before(connections: list[asyncpg.Connection]) -> None:
    writer, _, reader = connections
    woken = asyncio.Event()
    await reader.add_listener(changes.CHANNEL, lambda *_: woken.set())
    async with writer.transaction():
        await append(writer, 1)
        await reader.execute("SELECT 1")
        assert not woken.is_set()
    async with asyncio.timeout(5):
        await woken.wait()
    assert await Reader(reader).next() == [1]


async def test_pruning_drops_what_is_old_and_published_and_remembers_how_far(
    connections: list[asyncpg.Connection],
) -> None:
    writer, _, reader = connections
    for product_id in range(4):
        await changes.append(writer, "levels", [product_id], [1], NOW + timedelta(hours=product_id))
    published = (await entries(reader))[1]
    await changes.prune(writer, NOW + timedelta(hours=3), published)
    assert await Reader(reader).next() == [2, 3]
    assert await changes.pruned_to(reader) == published


async def test_how_far_the_log_was_pruned_never_goes_back(connections: list[asyncpg.Connection]) -> None:
    """The clocks of writers differ: a later entry may be the older one by its time."""
    writer, _, reader = connections
    await changes.append(writer, "levels", [1], [1], NOW + timedelta(hours=2))
    await changes.append(writer, "levels", [2], [1], NOW)
    last = (await entries(reader))[-1]
    await changes.prune(writer, NOW + timedelta(hours=1), last)
    await changes.prune(writer, NOW + timedelta(hours=3), last)
    assert await changes.pruned_to(reader) == last


async def test_a_log_that_was_never_pruned_has_lost_nothing(connections: list[asyncpg.Connection]) -> None:
    assert await changes.pruned_to(connections[0]) == Cursor(0, 0)

"""The change log: nothing is skipped, however transactions overtake each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg
import pytest

from inventory_service.storage import changes
from inventory_service.storage.changes import Cursor
from tests.sync.world import NOW

START = Cursor(0, 0)


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


async def products(connection: asyncpg.Connection, after: Cursor = START, at_most: int = 100) -> list[int]:
    return [one.ids[0] for one in await changes.read(connection, after, at_most)]


async def settled(connection: asyncpg.Connection, expected: list[int], after: Cursor = START) -> bool:
    """Whether `expected` can be read in the end: transactions of other tests on this server hold readers back too."""
    async with asyncio.timeout(20):
        while await products(connection, after) != expected:
            await asyncio.sleep(0)
    return True


async def test_a_transaction_that_commits_late_is_not_skipped(connections: list[asyncpg.Connection]) -> None:
    early, late, reader = connections
    slow = late.transaction()
    await slow.start()
    await append(late, 1)
    await append(early, 2)
    assert await products(reader) == []
    await slow.commit()
    assert await settled(reader, [1, 2])


async def test_a_lower_number_in_a_later_transaction_is_not_skipped_either(
    connections: list[asyncpg.Connection],
) -> None:
    """The later transaction takes the lower number of the sequence and commits last."""
    first, second, reader = connections
    one, other = first.transaction(), second.transaction()
    await one.start()
    await first.execute("SELECT pg_current_xact_id()")
    await other.start()
    await append(second, 2)
    await append(first, 1)
    await one.commit()
    assert await settled(reader, [1])
    seen = await changes.read(reader, START, 100)
    await other.commit()
    assert await settled(reader, [2], seen[-1].cursor)


async def test_readers_stop_below_the_oldest_transaction_that_still_runs(connections: list[asyncpg.Connection]) -> None:
    writer, idle, reader = connections
    await append(writer, 1)
    open_one = idle.transaction()
    await open_one.start()
    await idle.execute("SELECT pg_current_xact_id()")
    await append(writer, 2)
    assert await settled(reader, [1])
    await open_one.rollback()
    assert await settled(reader, [1, 2])


async def test_what_was_rolled_back_is_never_read(connections: list[asyncpg.Connection]) -> None:
    writer, _, reader = connections
    doomed = writer.transaction()
    await doomed.start()
    await append(writer, 1)
    await doomed.rollback()
    await append(writer, 2)
    assert await settled(reader, [2])


async def test_reading_on_from_a_cursor_gives_each_batch_once_and_in_order(
    connections: list[asyncpg.Connection],
) -> None:
    writer, _, reader = connections
    async with writer.transaction():
        for product_id in range(3):
            await append(writer, product_id)
    for product_id in range(3, 7):
        await append(writer, product_id)
    assert await settled(reader, list(range(7)))
    found, cursor = [], START
    while batches := await changes.read(reader, cursor, 2):
        found += [one.ids[0] for one in batches]
        cursor = batches[-1].cursor
    assert found == list(range(7))


async def test_nothing_that_commits_after_the_head_was_read_lies_before_it(
    connections: list[asyncpg.Connection],
) -> None:
    early, late, reader = connections
    open_one = late.transaction()
    await open_one.start()
    await append(late, 1)
    await append(early, 2)
    head = await changes.head(reader)
    await open_one.commit()
    await append(early, 3)
    assert await settled(reader, [1, 2, 3])
    assert {1, 3} <= set(await products(reader, head))


async def test_news_leaves_out_levels(connections: list[asyncpg.Connection]) -> None:
    writer, _, reader = connections
    await append(writer, 1)
    await changes.append(writer, "stores", [7], [], NOW)
    await append(writer, 2)
    assert await settled(reader, [1, 7, 2])
    assert [(one.kind, one.ids) for one in await changes.read_news(reader, START, 100)] == [("stores", [7])]


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
    assert await settled(reader, [1])


async def test_pruning_drops_what_is_old_and_published_and_remembers_how_far(
    connections: list[asyncpg.Connection],
) -> None:
    writer, _, reader = connections
    for product_id in range(4):
        await changes.append(writer, "levels", [product_id], [1], NOW + timedelta(hours=product_id))
    assert await settled(reader, [0, 1, 2, 3])
    batches = await changes.read(reader, START, 100)
    await changes.prune(writer, NOW + timedelta(hours=3), batches[1].cursor)
    assert await products(reader) == [2, 3]
    assert await changes.pruned_to(reader) == batches[1].cursor


async def test_how_far_the_log_was_pruned_never_goes_back(connections: list[asyncpg.Connection]) -> None:
    """The clocks of writers differ: a later entry may be the older one by its time."""
    writer, _, reader = connections
    await changes.append(writer, "levels", [1], [1], NOW + timedelta(hours=2))
    await changes.append(writer, "levels", [2], [1], NOW)
    assert await settled(reader, [1, 2])
    last = (await changes.read(reader, START, 100))[-1].cursor
    await changes.prune(writer, NOW + timedelta(hours=1), last)
    await changes.prune(writer, NOW + timedelta(hours=3), last)
    assert await changes.pruned_to(reader) == last


async def test_a_log_that_was_never_pruned_has_lost_nothing(connections: list[asyncpg.Connection]) -> None:
    assert await changes.pruned_to(connections[0]) == Cursor(0, 0)

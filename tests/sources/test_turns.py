"""Whose turn it is to take a source's files: one process at a time, and none for ever."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from inventory_service.storage.postgres import Pool
from store_sync.declared import DeclaredSource
from store_sync.sources.taking import Means, enrolled
from store_sync.sources.turns import Turn, TurnLostError, turn
from tests.sources.world import DEADLINE_S, FEED, until

PROJECT = Path(__file__).resolve().parents[2]
LEASE_S = 0.4


@pytest_asyncio.fixture
async def source_id(means: Means) -> int:
    return await enrolled(means, FEED)


async def is_free(pool: Pool, source_id: int) -> bool:
    async with turn(pool, source_id, LEASE_S) as mine:
        return mine is not None


async def test_one_at_a_time_has_the_turn(pool: Pool, source_id: int) -> None:
    async with turn(pool, source_id, 30.0) as mine:
        assert mine is not None
        assert not await is_free(pool, source_id)
    assert await is_free(pool, source_id)


async def test_turns_of_two_sources_do_not_meet(pool: Pool, means: Means, source_id: int) -> None:
    other = await enrolled(means, DeclaredSource("acme", "other", "auto"))
    async with turn(pool, source_id, 30.0):
        assert await is_free(pool, other)


async def test_a_turn_is_renewed_for_as_long_as_it_is_used(pool: Pool, source_id: int) -> None:
    async with turn(pool, source_id, LEASE_S) as mine:
        assert mine is not None
        ends_at = asyncio.get_running_loop().time() + 3 * LEASE_S
        while asyncio.get_running_loop().time() < ends_at:
            assert not await is_free(pool, source_id)
            mine.check()
            await asyncio.sleep(0.02)


async def test_who_does_not_renew_loses_the_turn_and_goes_no_further(pool: Pool, source_id: int) -> None:
    silent = Turn(pool, source_id, LEASE_S)
    assert await silent.begin()
    lines = silent.guarded(iter(range(1_000_000)))
    assert next(lines) == 0
    await until(lambda: is_free(pool, source_id), "the lease runs out")
    with pytest.raises(TurnLostError):
        next(lines)


async def test_who_lost_the_turn_cannot_renew_or_end_that_of_another(pool: Pool, source_id: int) -> None:
    silent = Turn(pool, source_id, LEASE_S)
    assert await silent.begin()
    other = Turn(pool, source_id, 30.0)
    await until(other.begin, "the lease runs out")
    async with asyncio.timeout(DEADLINE_S):
        await silent.renew()
    await silent.end()
    assert not await is_free(pool, source_id)
    other.check()


@asynccontextmanager
async def holder(database_url: str, source_id: int) -> AsyncIterator[Process]:
    """Another process that has the turn; it is gone when the block ends."""
    words = (sys.executable, "-m", "tests.sources.holder", database_url, str(source_id), str(LEASE_S))
    process = await asyncio.create_subprocess_exec(*words, cwd=PROJECT, stdout=PIPE)
    try:
        assert await said(process) == "held"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def said(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        return (await process.stdout.readline()).decode().strip()


async def test_a_killed_process_gives_up_its_turn(pool: Pool, database_url: str, source_id: int) -> None:
    async with holder(database_url, source_id) as process:
        assert not await is_free(pool, source_id)
        process.kill()
        await until(lambda: is_free(pool, source_id), "the turn is free")


async def test_a_stopped_process_blocks_nobody_and_does_nothing_once_it_continues(
    pool: Pool, database_url: str, source_id: int
) -> None:
    async with holder(database_url, source_id) as process:
        process.send_signal(signal.SIGSTOP)
        await until(lambda: is_free(pool, source_id), "the turn is free")
        async with turn(pool, source_id, 30.0) as mine:
            assert mine is not None
            process.send_signal(signal.SIGCONT)
            assert await said(process) == "lost"
            mine.check()

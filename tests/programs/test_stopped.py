"""A program that is stopped in the middle keeps nobody waiting for good, and writes nothing when it goes on."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from inventory_service.storage.postgres import NAME, Pool, throw_out_stopped
from tests.programs import sending

PROJECT = Path(__file__).resolve().parents[2]
SILENT_S = 0.2
DEADLINE_S = 20
WAYS = ("sending", "receiving", "holding")
SILENT = """
SELECT count(*) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
WHERE a.datname = current_database() AND a.wait_event_type = 'Client' AND l.locktype = 'advisory' AND l.granted
  AND a.application_name = $1 AND a.state_change < clock_timestamp() - make_interval(secs => $2)
"""
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


async def until(pool: Pool, query: str, *arguments: object) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await pool.fetchval(query, *arguments):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def stopped(pool: Pool, database_url: str, way: str) -> AsyncIterator[Process]:
    """A process that holds sending.LOCK and has stopped itself."""
    words = (sys.executable, "-m", "tests.programs.sending", database_url, way)
    process = await asyncio.create_subprocess_exec(
        *words, cwd=PROJECT, env=os.environ, stderr=DEVNULL, start_new_session=True
    )
    try:
        await until(pool, SILENT, NAME, SILENT_S)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def waiting(pool: Pool) -> AsyncIterator["asyncio.Task[str]"]:
    """Somebody who waits for the lock."""
    task = asyncio.create_task(pool.execute("SELECT pg_advisory_lock($1)", sending.LOCK))
    await until(pool, WAITING)
    yield task
    task.cancel()
    await asyncio.wait([task])


@pytest.mark.parametrize("way", WAYS)
async def test_who_was_stopped_loses_what_others_wait_for_and_writes_nothing(
    pool: Pool, database_url: str, way: str
) -> None:
    async with stopped(pool, database_url, way) as process, waiting(pool) as somebody:
        async with pool.acquire() as connection:
            await throw_out_stopped(connection, SILENT_S)
        async with asyncio.timeout(DEADLINE_S):
            await somebody
            process.send_signal(signal.SIGCONT)
            assert await process.wait() != 0
        assert await pool.fetchval("SELECT to_regclass('sent')") is None


async def test_nobody_is_thrown_out_for_whom_nobody_waits(pool: Pool, database_url: str) -> None:
    async with stopped(pool, database_url, "sending"):
        async with pool.acquire() as connection:
            await throw_out_stopped(connection, SILENT_S)
        assert await pool.fetchval(SILENT, NAME, SILENT_S) == 1


async def test_nobody_is_thrown_out_who_was_heard_of_lately(pool: Pool, database_url: str) -> None:
    async with stopped(pool, database_url, "sending"), waiting(pool) as somebody:
        async with pool.acquire() as connection:
            await throw_out_stopped(connection, 3600.0)
        assert await pool.fetchval(SILENT, NAME, SILENT_S) == 1
        assert not somebody.done()

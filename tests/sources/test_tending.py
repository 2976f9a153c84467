"""All sources beside each other: none takes the others down, and a killed process loses nothing."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from inventory_service.domain.errors import StorageError
from store_sync.declared import Declared, DeclaredSource
from store_sync.schedule import keep_looking, tend
from store_sync.sources.taking import Means
from tests.sources.world import FEED, Sources, feed, until, watched, write
from tests.sync.world import at

PROJECT = Path(__file__).resolve().parents[2]
MANY = 25_000
FORGOTTEN_MS = 1_000
"""After so long Postgres ends the transaction of a client that is stopped."""


@asynccontextmanager
async def tended(means: Means, *sources: DeclaredSource) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(tend(Declared(sources), means))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_folders_and_urls_are_kept_up_with_beside_one_that_is_missing(
    sources: Sources, means: Means, tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=feed(("2", "cola", 2)))

    app = web.Application()
    app.router.add_get("/stock.txt", answer)
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "a.txt", feed(("1", "cola", 1)), at(60))
    missing = watched(tmp_path / "nowhere", source="missing")
    async with TestServer(app) as server:
        pulled = DeclaredSource(
            "acme", "pulled", FEED.format, url=str(server.make_url("/stock.txt")), every_s=900.0
        )  # fmt: skip
        async with tended(means, missing, watched(tmp_path / "in"), pulled):
            await until(lambda: _has(sources, {("1", "cola"): 1, ("2", "cola"): 2}), "both are loaded")
            await until(lambda: _told(sources, "missing"), "the missing folder is told")


async def _has(sources: Sources, expected: dict[tuple[str, str], int]) -> bool:
    return await sources.quantities() == expected


async def _told(sources: Sources, source: str) -> bool:
    return (await sources.row(source))["look_failure"] is not None


async def test_it_ends_when_it_is_cancelled(sources: Sources, means: Means, tmp_path: Path) -> None:
    async with tended(means, watched(tmp_path)) as task:
        await asyncio.sleep(0)
        assert not task.done()
    assert task.cancelled()


async def test_with_nothing_to_fetch_it_returns(means: Means) -> None:
    async with asyncio.timeout(5):
        await tend(Declared([DeclaredSource("acme", "till", "auto")]), means)


@pytest.mark.parametrize("failure", [StorageError("Postgres is away."), ValueError("a fault of ours")])
async def test_a_failure_is_told_once_and_the_look_repeated(failure: Exception) -> None:
    looks = 0
    done = asyncio.Event()

    async def look() -> float:
        nonlocal looks
        looks += 1
        if looks <= 2:
            raise failure
        done.set()
        return 60.0

    with capture_logs() as logs:
        task = asyncio.create_task(keep_looking("acme/feed", look))
        async with asyncio.timeout(20):
            await done.wait()
        await asyncio.sleep(0)
        task.cancel()
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["away"]
    assert len([entry for entry in logs if entry["event"] == "source_failed"]) == isinstance(failure, ValueError)
    assert logs[-1]["event"] == "back"


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_process_that_dies_in_the_middle_of_a_file_loses_nothing(
    sources: Sources, means: Means, tmp_path: Path, database_url: str, end: signal.Signals
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.txt", feed(*((str(n % 3 + 1), f"item{n // 3}", n % 7) for n in range(MANY))), at(60))
    url = f"{database_url}&idle_in_transaction_session_timeout={FORGOTTEN_MS}"
    words = (sys.executable, "-m", "tests.sources.tending", url, str(folder))
    process = await asyncio.create_subprocess_exec(*words, cwd=PROJECT, stdout=PIPE, stderr=PIPE, env=os.environ)
    try:
        await until(lambda: _begun(sources), "the first rows are committed")
        process.send_signal(end)
        async with tended(means, watched(folder)):
            await until(lambda: _remembered(sources), "the file is taken by another")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    quantities = await sources.quantities()
    assert len(quantities) == MANY
    assert all(quantities[str(n % 3 + 1), f"item{n // 3}"] == n % 7 for n in range(MANY))


async def _begun(sources: Sources) -> bool:
    return bool(await sources.sync.value("SELECT count(*) FROM load JOIN source USING (source_id)"
                                         " WHERE slug = 'feed' AND rows > 0"))  # fmt: skip


async def _remembered(sources: Sources) -> bool:
    return bool(await sources.sync.value("SELECT count(*) FROM source_file"))

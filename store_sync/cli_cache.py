"""`python -m store_sync verify` and `rebuild`: Redis beside Postgres."""

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from inventory_service.runtime import memory
from inventory_service.runtime.console import run_with
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.postgres import connected
from store_sync.rebuild import rebuild as rebuild_cache
from store_sync.strays import clear_strays
from store_sync.verify import Verified, Verifier

app = typer.Typer(add_completion=False)

DEADLINE_S = 60.0


@app.command()
def verify() -> None:
    """Compares all that Redis holds with Postgres; prints each difference and puts it right.

    Before that it looks in Postgres for stock of items that are other products by now, tells it and counts it no more.

    The last line is one JSON object. Exit status 1 where a difference is left.
    """
    found = Verified()

    async def work(tools: Toolbox) -> None:
        nonlocal found
        began_s = time.monotonic()
        async with _cache(tools) as cache, connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            stray = await clear_strays(connection, print, tools.clock)
            found = await Verifier(connection, cache, print).run()
        if not found.live:
            print(
                "No publisher keeps up: what Redis lacks may be on its way, and counts as no difference.",
                file=sys.stderr,
            )
        print(orjson.dumps({**asdict(found), "stray": stray, "seconds": _since(began_s)}).decode())

    run_with(work)
    if found.repaired < found.different:
        raise typer.Exit(1)


@app.command()
def rebuild(
    product: Annotated[list[int] | None, typer.Option(min=1, help="Only this product, by our id; repeatable.")] = None,
) -> None:
    """Fills Redis from Postgres while both serve; interrupted, the next one goes on. The last line is a JSON object."""

    async def work(tools: Toolbox) -> None:
        began_s = time.monotonic()
        memory.settle()
        async with _cache(tools) as cache:
            with _bar() as bar:
                task = bar.add_task("products", total=None)
                done = await rebuild_cache(
                    tools.pool, cache, product or [], lambda at, of: bar.update(task, completed=at, total=of)
                )
        print(orjson.dumps({**asdict(done), "seconds": _since(began_s)}).decode())

    run_with(work)


@asynccontextmanager
async def _cache(tools: Toolbox) -> AsyncIterator[Cache]:
    redis = open_redis(tools.servers.redis_url, deadline_s=DEADLINE_S)
    try:
        yield Cache(redis)
    finally:
        await redis.aclose()


def _bar() -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())


def _since(began_s: float) -> float:
    return round(time.monotonic() - began_s, 3)

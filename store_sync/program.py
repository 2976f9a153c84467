"""The one wiring place of the syncing programs."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from inventory_service.runtime import memory
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.shutdown import ended, stop_signal
from inventory_service.runtime.toolbox import Toolbox, opened
from inventory_service.settings import Settings
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from store_sync.declared import Declared, load_declared
from store_sync.demo import run as demo
from store_sync.load import Loader
from store_sync.publisher import Publisher
from store_sync.receiver.app import create_app
from store_sync.receiver.parts import Parts, assembled
from store_sync.schedule import tend
from store_sync.sources.taking import Means


async def serve(settings: Settings) -> None:
    """Publishes, tends the declared sources, receives, and runs the demo where there is one, until SIGTERM or SIGINT.

    Prints `ready URL` once it does. Raises ConfigurationError at once for mistakes in the file of sources.
    """
    stop, declared = stop_signal(), load_declared(settings.sources)
    async with (
        opened(settings) as tools,
        _background(_publish(tools), stop),
        _demo(tools, declared, stop),
        _background(tend(declared, _means(tools)), stop),
        _receiver(tools, declared) as parts,
        serve_app(create_app(parts), settings.host, settings.sync_port) as port,
    ):
        memory.settle()
        print(f"ready http://{settings.host}:{port}", flush=True)
        await stop.wait()


async def _publish(tools: Toolbox) -> None:
    redis = open_redis(tools.servers.redis_url, deadline_s=5.0)
    try:
        await Publisher(tools.servers.database_url, Cache(redis), tools.clock).run()
    finally:
        await redis.aclose()


@asynccontextmanager
async def _demo(tools: Toolbox, declared: Declared, stop: asyncio.Event) -> AsyncIterator[None]:
    """The demo world in an empty database, and its till; nothing where real data is or comes, or DEMO=0."""
    if declared.sources or not (tools.settings.demo and await demo.wanted(tools.pool)):
        yield
        return
    world = demo.Demo(tools.pool, tools.clock)
    await world.load()
    async with _background(world.run(), stop):
        yield


@asynccontextmanager
async def _background(work: Coroutine[None, None, None], stop: asyncio.Event) -> AsyncIterator[None]:
    """Runs `work` beside the block and ends it with the block; `work` that fails ends the program, with its error."""

    def failed(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            stop.set()

    task = asyncio.create_task(work)
    task.add_done_callback(failed)
    try:
        yield
    finally:
        await ended(task)


def _receiver(tools: Toolbox, declared: Declared) -> AbstractAsyncContextManager[Parts]:
    return assembled(tools.servers.database_url, tools.clock, declared, tools.settings.data_dir / "spool")


def _means(tools: Toolbox) -> Means:
    loader, settings = Loader(tools.pool, tools.clock), tools.settings
    return Means(tools.pool, loader, tools.clock, settings.data_dir, os.environ, settings.pull_max_bytes)

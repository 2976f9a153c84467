"""The one wiring place of the syncing programs."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from aiohttp import web

from inventory_service.runtime.shutdown import ended, stop_signal
from inventory_service.runtime.toolbox import Toolbox, opened
from inventory_service.settings import Settings
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from store_sync.demo import run as demo
from store_sync.publisher import Publisher
from store_sync.receiver import create_app

STOP_WITHIN_S = 5.0


async def serve(settings: Settings) -> None:
    """Publishes, and runs the demo where there is one, until SIGTERM or SIGINT; prints `ready URL` once it does."""
    stop = stop_signal()
    async with (
        opened(settings) as tools,
        _background(_publish(tools)),
        _demo(tools),
        _listening(create_app(tools.pool), settings) as port,
    ):
        print(f"ready http://{settings.host}:{port}", flush=True)
        await stop.wait()


async def _publish(tools: Toolbox) -> None:
    redis = open_redis(tools.servers.redis_url, deadline_s=5.0)
    try:
        await Publisher(tools.servers.database_url, Cache(redis), tools.clock).run()
    finally:
        await redis.aclose()


@asynccontextmanager
async def _demo(tools: Toolbox) -> AsyncIterator[None]:
    """The demo world in an empty database, and its till; nothing where real data is or DEMO=0."""
    if not (tools.settings.demo and await demo.wanted(tools.pool)):
        yield
        return
    world = demo.Demo(tools.pool, tools.clock)
    await world.load()
    async with _background(world.run()):
        yield


@asynccontextmanager
async def _background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Runs `work` beside the block; ends it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await ended(task)


@asynccontextmanager
async def _listening(app: web.Application, settings: Settings) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S, keepalive_timeout=30.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.sync_port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()

"""The one wiring place of the answering program."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client import CollectorRegistry

from inventory_service.accuracy.reckoning import Reckoner
from inventory_service.domain.webhooks import Backoff
from inventory_service.live.following import Follower
from inventory_service.live.streams import Bounds as StreamBounds
from inventory_service.live.streams import Streams
from inventory_service.lookup.levels import Levels
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.products import Products
from inventory_service.lookup.reading_metrics import ReadingMetrics
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.lookup.service import Parts, Service
from inventory_service.place_loading import ensure_packages
from inventory_service.runtime import memory
from inventory_service.runtime.compiling import ensure_compiled, keep_compiled
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.shutdown import close_pool, ended, stop_signal
from inventory_service.runtime.toolbox import Toolbox, opened
from inventory_service.settings import Settings
from inventory_service.shoppers.hearing import Bounds, Hearing
from inventory_service.spending.ledger import Ledger
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.postgres import open_pool
from inventory_service.web.app import create_app
from inventory_service.web.parts import WRITER
from inventory_service.web.warming import warm
from inventory_service.web.webhook_events import EventWording
from inventory_service.webhooks.metrics import WebhookMetrics
from inventory_service.webhooks.office import Office
from inventory_service.webhooks.service import Webhooks


@asynccontextmanager
async def service(tools: Toolbox, registry: CollectorRegistry | None = None) -> AsyncIterator[Service]:
    """The service with its memory loaded and following the change log; `registry` takes what it counts."""
    settings = tools.settings
    pool = await open_pool(tools.servers.database_url, deadline_s=settings.deadline_s)
    redis = open_redis(tools.servers.redis_url)
    cache = Cache(redis)
    memory = Memory(tools.pool, settings.default_country, timedelta(seconds=settings.horizon_s))
    await memory.load()
    through = ReadThrough(cache, ReadingMetrics(registry or CollectorRegistry()))
    horizon = timedelta(seconds=settings.horizon_s)
    reckoner = Reckoner(tools.pool, tools.clock, horizon)
    parts = Parts(
        pool=pool,
        cache=cache,
        memory=memory,
        through=through,
        levels=Levels(through, pool, settings.deadline_s),
        products=Products(through, pool, settings.deadline_s),
        reckoner=reckoner,
        clock=tools.clock,
        hearing=Hearing(pool, cache, tools.clock, settings.deadline_s, _bounds(settings)),
        ledger=Ledger(settings.anonymous_per_minute),
        streams=Streams(StreamBounds(settings.streams_per_worker, settings.streams_per_client)),
        webhooks=Webhooks(pool, tools.clock, settings.deadline_s, private=settings.webhook_private),
        deadline_s=settings.deadline_s,
    )
    answering = Service(parts)
    settling = asyncio.create_task(answering.ledger.keep(cache))
    using = asyncio.create_task(answering.usage.keep(tools.pool, tools.clock))
    following = asyncio.create_task(memory.follow())
    waking = asyncio.create_task(Follower(tools.pool, cache, memory, tools.clock, parts.streams).follow())
    counting = asyncio.create_task(answering.demand.keep(tools.pool, tools.clock))
    try:
        yield answering
    finally:
        await ended(settling)
        await ended(using)
        await ended(counting)
        await ended(waking)
        await ended(following)
        await reckoner.close()
        await cache.aclose()
        await redis.aclose()
        await close_pool(pool)


@asynccontextmanager
async def telling(
    tools: Toolbox, answering: Service, registry: CollectorRegistry, backoff: Backoff | None = None
) -> AsyncIterator[None]:
    """Webhooks are delivered meanwhile, by this program or another one of the same database."""
    office = Office(
        tools.servers.database_url,
        tools.pool,
        answering.memory,
        tools.clock,
        EventWording(),
        WebhookMetrics(registry),
        private=tools.settings.webhook_private,
        backoff=backoff or Backoff(),
    )
    working = asyncio.create_task(office.run())
    try:
        yield
    finally:
        await ended(working)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(settings.reports_per_device, settings.reports_per_address)


def _shared(settings: Settings) -> socket.socket | None:
    return None if settings.listen_fd is None else socket.socket(fileno=settings.listen_fd)


async def compile_all(tools: Toolbox) -> None:
    """Makes the machine code that answers need, and keeps it for every start of these sources."""
    async with service(tools) as answering:
        app = create_app(answering, tools.settings)
        await asyncio.to_thread(warm, answering, app[WRITER])
    keep_compiled()


async def serve(settings: Settings) -> None:
    """Answers until SIGTERM or SIGINT; prints `ready URL` once it does."""
    memory.one_heap()
    stop = stop_signal()
    async with opened(settings) as tools:
        await ensure_packages(tools.pool, tools.servers)
        await ensure_compiled(tools.servers)
        registry = CollectorRegistry()
        async with service(tools, registry) as answering:
            app = create_app(answering, settings, registry)
            await asyncio.to_thread(warm, answering, app[WRITER])
            memory.settle()
            async with (
                telling(tools, answering, registry),
                serve_app(app, settings.host, settings.port, shared=_shared(settings)) as port,
            ):
                print(f"ready http://{settings.host}:{port}", flush=True)
                await stop.wait()

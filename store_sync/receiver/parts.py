"""What the receiver is made of, under one typed key; `receiver` puts it together."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from aiohttp import web

from inventory_service.domain.clock import Clock
from inventory_service.domain.feed import Loaded
from inventory_service.runtime.shutdown import close_pool
from inventory_service.storage.postgres import Pool, nothing_kept, open_pool
from store_sync.declared import Declared
from store_sync.load import FeedOrder, Loader
from store_sync.receiver import metrics
from store_sync.receiver.bounds import Bounds
from store_sync.receiver.desk import Body, Desk
from store_sync.receiver.identity import Keys
from store_sync.receiver.slots import Slots
from store_sync.receiver.spool import Spool

BULK_DEADLINE_S = 120.0
LIVE_DEADLINE_S = 10.0
LIVE_CONNECTIONS = 16
"""One for each clerk of both desks, and some for who only looks something up."""
BULK_CONNECTIONS = 2
USUAL = Bounds()


@dataclass(frozen=True, slots=True)
class Parts:
    """`bulk_pool` opens connections of the event loop that asks for them."""

    pool: Pool
    bulk_pool: Callable[[], AbstractAsyncContextManager[Pool]]
    clock: Clock
    declared: Declared
    environment: Mapping[str, str]
    keys: Keys
    event_desk: Desk[Loaded]
    webhook_desk: Desk[None]
    spool: Spool
    uploads: Slots
    streams: Slots
    reading: Slots
    bounds: Bounds


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)


@asynccontextmanager
async def assembled(
    database_url: str,
    clock: Clock,
    declared: Declared,
    spool: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    bounds: Bounds = USUAL,
) -> AsyncIterator[Parts]:
    """The receiver's parts, its desk at work. `environment` holds the secrets; `spool` is a folder for uploads."""
    pool = await open_pool(database_url, deadline_s=LIVE_DEADLINE_S, at_most=LIVE_CONNECTIONS, tidied=nothing_kept)
    loader = Loader(pool, clock)
    events = Desk(loader.take_each, bounds.events.desk, metrics.EVENTS)
    webhooks = Desk(partial(_take_together, loader), bounds.webhooks.desk, metrics.WEBHOOKS)
    try:
        async with events.open() as event_desk, webhooks.open() as webhook_desk:
            yield Parts(
                pool=pool,
                bulk_pool=lambda: _bulk_pool(database_url),
                clock=clock,
                declared=declared,
                environment=environment,
                keys=Keys(pool, clock, bounds.asking_s),
                event_desk=event_desk,
                webhook_desk=webhook_desk,
                spool=Spool(spool, bounds.uploads.free_bytes),
                uploads=Slots(bounds.uploads.at_once, "uploads"),
                streams=Slots(bounds.events.streams_at_once, "streams of events"),
                reading=Slots(bounds.webhooks.reading_at_once, "webhooks"),
                bounds=bounds,
            )
    finally:
        await close_pool(pool)


async def _take_together(loader: Loader, order: FeedOrder, bodies: Sequence[Body]) -> list[None]:
    """Webhooks as if all were one: nobody asks what became of which."""
    metrics.count(order, "webhooks", await loader.take(order, list(chain.from_iterable(bodies))))
    return [None] * len(bodies)


@asynccontextmanager
async def _bulk_pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=BULK_DEADLINE_S, at_most=BULK_CONNECTIONS)
    try:
        yield pool
    finally:
        await close_pool(pool)

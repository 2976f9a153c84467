"""What the receiver is made of, under one typed key; `receiver` puts it together."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from inventory_service.domain.clock import Clock
from inventory_service.domain.feed import Loaded
from inventory_service.runtime.shutdown import close_pool
from inventory_service.storage.postgres import Pool, open_pool
from store_sync.declared import Declared
from store_sync.job import Line
from store_sync.load import FeedOrder, Loader
from store_sync.receiver.bounds import Bounds
from store_sync.receiver.desk import Desk
from store_sync.receiver.identity import Keys
from store_sync.receiver.slots import Slots
from store_sync.receiver.spool import Spool

BULK_DEADLINE_S = 120.0
LIVE_DEADLINE_S = 10.0
LIVE_CONNECTIONS = 10
BULK_CONNECTIONS = 2
USUAL = Bounds()


class Taker(Protocol):
    """Takes live lines in: all of them committed once it returns. Raises PausedError, StorageError."""

    async def take(self, order: FeedOrder, lines: Sequence[Line]) -> Loaded: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """`bulk_pool` opens connections of the event loop that asks for them."""

    pool: Pool
    bulk_pool: Callable[[], AbstractAsyncContextManager[Pool]]
    clock: Clock
    declared: Declared
    environment: Mapping[str, str]
    keys: Keys
    taker: Taker
    desk: Desk
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
    pool = await open_pool(database_url, deadline_s=LIVE_DEADLINE_S, at_most=LIVE_CONNECTIONS)
    taker = Loader(pool, clock)
    try:
        async with Desk(taker.take, bounds.webhooks).open() as desk:
            yield Parts(
                pool=pool,
                bulk_pool=lambda: _bulk_pool(database_url),
                clock=clock,
                declared=declared,
                environment=environment,
                keys=Keys(pool, bounds.asking_s),
                taker=taker,
                desk=desk,
                spool=Spool(spool, bounds.uploads.free_bytes),
                uploads=Slots(bounds.uploads.at_once, "uploads"),
                streams=Slots(bounds.events.streams_at_once, "streams of events"),
                reading=Slots(bounds.webhooks.reading_at_once, "webhooks"),
                bounds=bounds,
            )
    finally:
        await close_pool(pool)


@asynccontextmanager
async def _bulk_pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=BULK_DEADLINE_S, at_most=BULK_CONNECTIONS)
    try:
        yield pool
    finally:
        await close_pool(pool)

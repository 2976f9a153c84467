"""The change log's way to Redis: in order, resumable, idempotent. Any number may run; one works."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import UnavailableError
from inventory_service.runtime.outage import Outage
from inventory_service.storage import changes, positions, products, publishing
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import Packed, pack
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.changes import Change, Cursor
from inventory_service.storage.log_reader import Place, read_on
from inventory_service.storage.postgres import Connection

log = structlog.get_logger(__name__)

BATCHES_AT_ONCE = 50
KEYS_AT_ONCE = 5_000
IDLE_S = 0.25
REST_S = 1.0
PRUNE_EVERY_S = 600.0
KEPT = timedelta(hours=24)


class Publisher:
    """One candidate for the one publisher that works."""

    def __init__(self, database_url: str, cache: Cache, clock: Clock, prune_every_s: float = PRUNE_EVERY_S) -> None:
        self._database_url, self._cache, self._clock = database_url, cache, clock
        self._prune_every_s = prune_every_s

    async def run(self) -> None:
        """Publishes until cancelled. While Postgres or Redis is away it rests and tries again."""
        outage = Outage("postgres or redis, for the publisher")
        while True:
            try:
                async with publishing.turn(self._database_url) as connection:
                    if connection is not None:
                        await self._work(connection)
                outage.over()
            except UnavailableError as error:
                outage.met(error)
            await asyncio.sleep(REST_S)

    async def _work(self, connection: Connection) -> None:
        """Publishes while this process is the publisher and Redis remembers it."""
        epoch, cursor = await self._start(connection)
        place = Place(cursor)
        async with publishing.wakened(connection) as woken:
            prune_at = 0.0
            while True:
                page = await read_on(connection, place, BATCHES_AT_ONCE)
                await self.publish(connection, page.changes)
                place = page.place
                if not await self._cache.advance(epoch, place.cursor, 0 if page.more else keys.LIVE_MS):
                    log.info("publisher_steps_back")
                    return
                if not (page.more and page.changes):
                    prune_at = await self._prune(connection, place.cursor, prune_at)
                    await publishing.wait(woken, IDLE_S)

    async def _start(self, connection: Connection) -> tuple[int, Cursor]:
        """Takes over where the last publisher was; where that is lost, the cache begins anew.

        The head is read before anything is dropped: what commits later lies behind it and is published.
        """
        head = await changes.head(connection)
        epoch, cursor = await self._cache.take_over()
        if cursor is None or cursor < await changes.pruned_to(connection):
            await self._cache.forget_all()
            cursor = head
            log.info("cache_begun_anew")
        return epoch, cursor

    async def publish(self, connection: Connection, batches: Sequence[Change]) -> None:
        """Writes what the batches changed, as it is now."""
        touched = {key for one in batches if one.kind == "levels" for key in zip(one.ids, one.store_ids, strict=True)}
        ordered = sorted(touched)
        for start in range(0, len(ordered), KEYS_AT_ONCE):
            await self._publish_levels(connection, ordered[start : start + KEYS_AT_ONCE])
        described = sorted({one for change in batches if change.kind == "products" for one in change.ids})
        if described:
            await self._forget_products(connection, described)

    async def _publish_levels(self, connection: Connection, wanted: Sequence[positions.Key]) -> None:
        blocks: dict[str, list[Packed]] = defaultdict(list)
        for shelf in await positions.shelves(connection, wanted):
            blocks[keys.block(shelf.product_id, shelf.neighbourhood_id)].append(pack(shelf))
        await self._cache.publish(blocks)

    async def _forget_products(self, connection: Connection, product_ids: Sequence[int]) -> None:
        names = [keys.product(one) for one in product_ids]
        for product in (await products.by_ids(connection, product_ids)).values():
            if product.gtin is not None:
                names.append(keys.gtin(product.gtin, product.owner_id))
        await self._cache.forget(names)

    async def _prune(self, connection: Connection, cursor: Cursor, prune_at: float) -> float:
        now = asyncio.get_running_loop().time()
        if now < prune_at:
            return prune_at
        await changes.prune(connection, self._clock() - KEPT, cursor)
        return now + self._prune_every_s

"""The change log's way to Redis: in order, resumable, idempotent. Any number may run; one works."""

import asyncio
from datetime import timedelta

import structlog

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import UnavailableError
from inventory_service.runtime.outage import Outage
from inventory_service.storage import changes, publishing, shoppers
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache, Taken
from inventory_service.storage.changes import Cursor
from inventory_service.storage.log_reader import Page, Place, read_on
from inventory_service.storage.postgres import Connection
from inventory_service.storage.publishing import RelievedError, Turn, elapsed_s
from store_sync.publish import metrics
from store_sync.publish.redis_clock import RedisClock
from store_sync.publish.seats import Seats
from store_sync.publish.writer import Writer

log = structlog.get_logger(__name__)

BATCHES_AT_FIRST, FEWEST_BATCHES, MOST_BATCHES = 50, 10, 2_000
LEVELS_A_PAGE = 200_000
"""A page is as many batches as have about so many levels."""
IDLE_S = 0.2
NOTE_EVERY_S = 0.05
"""While more waits to be published, the place in the log and the sign of life are written so often only."""
ASK_AGAIN_S = 0.5
REST_S = 1.0
PRUNE_EVERY_S = 600.0
KEPT = timedelta(hours=24)


class Publisher:
    """One candidate for the one publisher that works."""

    def __init__(self, database_url: str, cache: Cache, clock: Clock, prune_every_s: float = PRUNE_EVERY_S) -> None:
        self._database_url, self._cache, self._clock = database_url, cache, clock
        self._prune_every_s, self._prune_at_s = prune_every_s, 0.0
        self._outage = Outage("postgres or redis, for the publisher")
        self._redis_clock = RedisClock(cache)
        self._backlog = metrics.Backlog()

    async def run(self) -> None:
        """Publishes until cancelled. While Postgres or Redis is away it rests and tries again."""
        while True:
            try:
                async with publishing.candidacy(self._database_url) as connection:
                    await self._serve(connection, await self._turn(connection))
            except RelievedError as error:
                metrics.relieved.inc()
                log.info("publisher_relieved", reason=str(error))
                await asyncio.sleep(ASK_AGAIN_S)
            except UnavailableError as error:
                self._outage.met(error)
                await asyncio.sleep(REST_S)

    async def _turn(self, connection: Connection) -> Turn:
        """Waits until nobody has the turn."""
        while (turn := await publishing.claim(connection)) is None:
            self._outage.over()
            await asyncio.sleep(ASK_AGAIN_S)
        return turn

    async def _serve(self, connection: Connection, turn: Turn) -> None:
        """Publishes while the turn is this process's and Redis remembers it; gives it back at the end."""
        metrics.takeovers.inc()
        metrics.working.set(1)
        try:
            seats = Seats()
            await seats.load(connection)
            taken, cursor = await self._start(connection, turn)
            await self._publish(connection, turn, taken, cursor, Writer(connection, self._cache, seats, turn.hold))
        finally:
            metrics.working.set(0)
            self._backlog.emptied()
            await turn.release()

    async def _start(self, connection: Connection, turn: Turn) -> tuple[Taken, Cursor]:
        """Takes over where the last publisher was; where that is lost, the cache begins anew.

        The head is read before anything is dropped: what commits later lies behind it and is published.
        """
        head = await changes.head(connection)
        taken = await self._take_over(turn)
        if taken.cursor is not None and await changes.pruned_to(connection) <= taken.cursor <= head:
            return taken, taken.cursor
        await turn.hold()
        await self._cache.forget_all()
        metrics.begun_anew.inc()
        log.info("cache_begun_anew")
        return taken, head

    async def _take_over(self, turn: Turn) -> Taken:
        await turn.hold()
        taken = await self._cache.take_over(turn.epoch, turn.lineage)
        if taken is None:
            # Either this process was relieved, or the database was restored and counts its turns anew.
            await turn.renew()
            await self._cache.disown()
            taken = await self._cache.take_over(turn.epoch, turn.lineage)
        if taken is None:
            raise RelievedError("Another publisher has taken over Redis.")
        return taken

    async def _publish(self, connection: Connection, turn: Turn, taken: Taken, cursor: Cursor, writer: Writer) -> None:
        place, at_most, noted_s = Place(cursor), BATCHES_AT_FIRST, -NOTE_EVERY_S
        async with publishing.wakened(connection) as woken:
            while True:
                live_until_ms = await self._redis_clock.at_least_ms() + keys.LIVE_MS
                page = await self._pass(connection, writer, place, at_most)
                place, at_most = page.place, next_size(page, at_most)
                if not woken.is_set() or elapsed_s() >= noted_s + NOTE_EVERY_S:
                    await self._note(turn, taken, page, live_until_ms)
                    noted_s = elapsed_s()
                self._outage.over()
                if not (page.more and page.changes):
                    await self._prune(connection, place.cursor)
                    await publishing.wait(woken, IDLE_S)

    async def _pass(self, connection: Connection, writer: Writer, place: Place, at_most: int) -> Page:
        """One page, read and written."""
        with metrics.pass_seconds.time():
            page = await read_on(connection, place, at_most)
            self._backlog.found(page.oldest_at, self._clock())
            await writer.write(page.changes)
        return page

    async def _note(self, turn: Turn, taken: Taken, page: Page, live_until_ms: int) -> None:
        """Writes the place and, at the log's end, the sign of life: what the page's reading saw, as of its beginning.

        Raises RelievedError.
        """
        await turn.hold()
        complete = None if page.more else page.horizon
        if not await self._cache.advance(taken, page.place.cursor, complete, live_until_ms):
            raise RelievedError("Redis was taken over, emptied or started again.")
        if not page.more:
            self._backlog.emptied()

    async def _prune(self, connection: Connection, cursor: Cursor) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._prune_at_s:
            await changes.prune(connection, self._clock() - KEPT, cursor)
            await shoppers.forget(connection, self._clock())
            self._prune_at_s = now_s + self._prune_every_s


def next_size(page: Page, at_most: int) -> int:
    """How many batches to read next, by how large those of this page were."""
    if not page.changes:
        return at_most
    levels = sum(len(change.ids) for change in page.changes) / len(page.changes)
    return min(MOST_BATCHES, max(FEWEST_BATCHES, int(LEVELS_A_PAGE / max(1.0, levels))))

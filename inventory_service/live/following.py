"""What wakes a worker's streams: changed levels and products out of the log, other keys, other stores, each new minute.

A change is read from the log once it is committed, but answers come out of the cache, which follows a moment later. So
streams are woken only when the cache is known to hold what the reading saw, or is not believed at all.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from geo.point import Point
from inventory_service.domain.clock import Clock, whole_minute
from inventory_service.domain.errors import CacheError, StorageError
from inventory_service.live.streams import Streams, Watch
from inventory_service.lookup.memory import Memory
from inventory_service.runtime.outage import Outage
from inventory_service.storage import changes
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.changes import Change
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.log_reader import Page, Place, read_on
from inventory_service.storage.postgres import Pool, connected

LOOK_S, LOOK_AGAIN_S = 0.1, 0.02
"""Between two looks into the log, and into the cache that is still to follow."""
DEADLINE_S = 5.0
BATCHES_AT_ONCE = 200
SHARE = 0.01
"""Of all streams, woken at each look where all are due: within ten seconds, and within one where there are few."""
MOST_WAITING = 1_000
"""Readings that the cache has not followed. Beyond that nobody waits for it: each minute is looked at anyway."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was new in the log: by product the places of stores, None for all; and streams that are new themselves."""

    horizon: Horizon
    touched: dict[int, set[Point] | None]
    fresh: frozenset[Watch]


class Follower:
    """Wakes `streams` while there are any."""

    def __init__(self, pool: Pool, cache: Cache, memory: Memory, clock: Clock, streams: Streams) -> None:
        self._pool, self._cache, self._memory, self._clock = pool, cache, memory, clock
        self._streams = streams
        self._place: Place | None = None
        self._waiting: deque[Reading] = deque(maxlen=MOST_WAITING)
        self._outage = Outage("postgres, for the streams")
        self._minute: datetime | None = None
        self._known = self._what_is_known()

    async def follow(self) -> None:
        """Until cancelled; while Postgres is away streams are woken each minute alone."""
        while True:
            if not self._streams.any_open.is_set():
                self._place = None
                self._waiting.clear()
                await self._streams.any_open.wait()
            await self._look()
            await asyncio.sleep(LOOK_AGAIN_S if self._waiting else LOOK_S)

    async def _look(self) -> None:
        self._look_at_clock()
        self._look_at_memory()
        self._streams.next_turn(SHARE)
        try:
            await self._read()
        except StorageError as error:
            self._outage.met(error)
        else:
            self._outage.over()
        if self._waiting:
            await self._tell()

    def _look_at_clock(self) -> None:
        minute = whole_minute(self._clock())
        if minute != self._minute:
            self._minute = minute
            self._streams.look_again()

    def _look_at_memory(self) -> None:
        """Stores, places, sources and what is learned concern anybody; keys those alone who use another one now."""
        known = self._what_is_known()
        if any(one is not other for one, other in zip(known[1:], self._known[1:], strict=True)):
            self._streams.look_again()
        if known[0] is not self._known[0]:
            held = {key.key_id: key for key in self._memory.keys.values()}
            for watch in self._streams:
                if watch.key is not None and held.get(watch.key.key_id) != watch.key:
                    watch.wake()
        self._known = known

    def _what_is_known(self) -> tuple[object, ...]:
        memory = self._memory
        return memory.keys, memory.ground, memory.gazetteer

    async def _read(self) -> None:
        """Raises StorageError."""
        fresh = self._streams.fresh
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            if self._place is None or self._place.cursor < await changes.pruned_to(connection):
                self._place = Place(await changes.head(connection))
                self._streams.look_again()
            read = partial(changes.read_touched, product_ids=self._streams.product_ids)
            page = await read_on(connection, self._place, BATCHES_AT_ONCE, read)
        self._place = page.place
        self._take_in(page, fresh)
        self._streams.settle(fresh)

    def _take_in(self, page: Page, fresh: frozenset[Watch]) -> None:
        touched: dict[int, set[Point] | None] = {}
        for change in page.changes:
            self._note(change, touched)
        if touched or fresh:
            self._waiting.append(Reading(page.horizon, touched, fresh))

    def _note(self, change: Change, touched: dict[int, set[Point] | None]) -> None:
        directory = self._memory.directory
        if change.kind == "products":
            touched.update(dict.fromkeys(change.ids))
            return
        for product_id, store_id in zip(change.ids, change.store_ids, strict=True):
            row, points = directory.row_of(store_id), touched.setdefault(product_id, set())
            if row is None:
                touched[product_id] = None
            elif points is not None:
                points.add(directory.point_at(row))

    async def _tell(self) -> None:
        """Wakes whom the readings concern that the cache has followed by now."""
        published = await self._published()
        while self._waiting and (published is None or published.covers(self._waiting[0].horizon)):
            reading = self._waiting.popleft()
            for product_id, points in reading.touched.items():
                self._streams.touch(product_id, points)
            for watch in reading.fresh:
                watch.wake()

    async def _published(self) -> Horizon | None:
        """What the cache surely holds; None where it is not believed: then answers come from Postgres."""
        try:
            sign = (await self._cache.read([])).sign
            return None if sign is None else Horizon.parse(sign.decode())
        except (CacheError, ValueError):
            return None

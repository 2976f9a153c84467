"""What a worker holds in memory, and how it keeps up: it follows the change log's news."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import structlog

from inventory_service.domain.belief.learned import Learned, untaught
from inventory_service.domain.belief.model import Model
from inventory_service.domain.errors import StorageError
from inventory_service.domain.key import Key
from inventory_service.lookup.coverage import Coverage
from inventory_service.lookup.directory import Directory
from inventory_service.lookup.ground import Ground
from inventory_service.lookup.heard import Heard
from inventory_service.lookup.places import Gazetteer
from inventory_service.lookup.store_rows import StoreRows
from inventory_service.runtime.outage import Outage
from inventory_service.storage import changes, keys, learned, offered, places, positions, products, stores
from inventory_service.storage.cache.keys import LIVE_MS
from inventory_service.storage.changes import Change, Cursor
from inventory_service.storage.log_reader import Place, read_on
from inventory_service.storage.postgres import Connection, Pool, connected
from inventory_service.storage.publishing import elapsed_s

log = structlog.get_logger(__name__)

POLL = timedelta(milliseconds=200)
BATCHES_AT_ONCE = 200
LOAD_DEADLINE_S = 60.0
LIVE_S = LIVE_MS / 1000
"""How long what a worker has not heard of is taken for unknown: as long as the cache is believed."""
PRODUCTS_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True)
class Small:
    """What is read whole whenever any of it is new; held all at once, so that no answer stands on half of it."""

    sources: dict[int, str]
    retailers: dict[str, int]
    keys: dict[bytes, Key]
    learned: Learned
    learned_id: int


class Memory:
    """Stores, neighbourhoods, sources, coverage, places, keys, which products there are and what has been learned."""

    def __init__(self, pool: Pool, default_country: str, horizon: timedelta) -> None:
        """`horizon` serves until any has been learned."""
        self._pool, self._default_country = pool, default_country
        self._place = Place(Cursor(0, 0))
        self._outage = Outage("postgres, for the change log's news")
        self.directory = Directory.of(())
        self.coverage = Coverage.of(())
        self._horizon, self._learned_id = horizon, 0
        self.learned = untaught(horizon)
        self.ground = Ground(self.directory, self.coverage, self.learned)
        self.sources: dict[int, str] = {}
        self.retailers: dict[str, int] = {}
        self.keys: dict[bytes, Key] = {}
        self.gazetteer = Gazetteer.of((), default_country)
        self._heard, self._heard_all, self._complete_at_s = Heard(0), False, -math.inf

    def unheard(self, gtin: int) -> bool:
        """Whether surely nobody had told of the GTIN, one that is not restricted, LIVE_S ago or later."""
        return gtin not in self._heard and self._heard_all and elapsed_s() - self._complete_at_s < LIVE_S

    def hear(self, gtin: str | None) -> None:
        """Its product is told to somebody: from now on it is not unheard of."""
        if gtin is not None:
            self._heard.add(int(gtin))

    async def load(self) -> None:
        """Reads everything once but which products there are: that is for `catch_up`, and nobody waits for it.

        Places first: what is kept of stores then fits into what their rows leave free. Raises StorageError.
        """
        async with connected(self._pool, deadline_s=LOAD_DEADLINE_S) as connection:
            place = Place(await changes.head(connection))
            await self._load_places(connection)
            parts = [StoreRows.of(some) async for some in stores.every(connection)]
            self.directory = await asyncio.to_thread(Directory.joined, parts)
            self.coverage = Coverage.of(_rows(await positions.coverage(connection, None)))
            small = await self._small(connection)
            self.ground = await asyncio.to_thread(Ground, self.directory, self.coverage, small.learned)
            self._hold(small)
        self._place, self._heard_all = place, False

    async def follow(self) -> None:
        """Keeps up with the log until cancelled; while Postgres is away the last state stands."""
        while True:
            await asyncio.sleep(POLL.total_seconds())
            try:
                await self.catch_up()
            except StorageError as error:
                self._outage.met(error)
            else:
                self._outage.over()

    async def catch_up(self) -> None:
        """Takes in what was committed since. Raises StorageError."""
        began_s = elapsed_s()
        async with connected(self._pool, deadline_s=LOAD_DEADLINE_S) as connection:
            if self._place.cursor < await changes.pruned_to(connection):
                log.warning("memory_reloaded", reason="the change log was pruned meanwhile")
                await self.load()
                return
            if not self._heard_all:
                await self._load_heard(connection)
            more = True
            while more:
                page = await read_on(connection, self._place, BATCHES_AT_ONCE, changes.read_news)
                await self._take_in(connection, page.changes)
                self._place, more = page.place, page.more and bool(page.changes)
        if not page.more:
            self._complete_at_s = began_s

    async def _take_in(self, connection: Connection, news: list[Change]) -> None:
        kinds = {change.kind for change in news}
        described = {one for change in news if change.kind == "stores" for one in change.ids}
        covered = {one for change in news if change.kind == "coverage" for one in change.ids}
        if described:
            found = await stores.directory(connection, sorted(described))
            self.directory = await asyncio.to_thread(self.directory.updated, found)
        rows = _rows(await positions.coverage(connection, sorted(covered))) if covered else []
        self.coverage = self.coverage.updated(rows) if rows else self.coverage
        small = await self._small(connection) if kinds & {"stores", "keys", "learned"} else None
        knows = self.learned if small is None else small.learned
        if described or self.ground.learned is not knows or not self.ground.covered(rows):
            self.ground = await asyncio.to_thread(Ground, self.directory, self.coverage, knows)
        if small is not None:
            self._hold(small)
        if "places" in kinds:
            await self._load_places(connection)
        if "products" in kinds:
            await self._hear_of(connection, {one for change in news if change.kind == "products" for one in change.ids})

    async def _small(self, connection: Connection) -> Small:
        sources, retailers = await stores.source_slugs(connection), await stores.retailer_slugs(connection)
        held = await keys.known(connection)
        return Small(sources, retailers, held, *await self._learned_now(connection))

    async def _learned_now(self, connection: Connection) -> tuple[Learned, int]:
        """With the id of the fit; what is held, where nothing is new."""
        model, paces = self.learned.model, self.learned.paces
        newest = await learned.newest_id(connection)
        if newest != self._learned_id:
            parameters, paces = await learned.newest(connection)
            model = await asyncio.to_thread(Model.of, parameters)
        names, limits = await learned.source_names(connection), await learned.thresholds(connection)
        now, held = Learned.of(model, paces, names, limits, self._horizon), self.learned
        same = newest == self._learned_id and (now.speakers, now.thresholds) == (held.speakers, held.thresholds)
        return (held if same else now), newest

    def _hold(self, small: Small) -> None:
        self.sources, self.retailers, self.keys = small.sources, small.retailers, small.keys
        self.learned, self._learned_id = small.learned, small.learned_id

    async def _load_places(self, connection: Connection) -> None:
        rows = await places.every(connection)
        self.gazetteer = await asyncio.to_thread(Gazetteer.of, rows, self._default_country)

    async def _hear_of(self, connection: Connection, product_ids: set[int]) -> None:
        touched = np.fromiter(product_ids, dtype=np.int64, count=len(product_ids))
        lacking = self._heard.lacks(touched)
        if len(lacking):
            self._heard.learn(*await products.numbered_of(connection, lacking.tolist()))
        if self._heard.full:
            await self._load_heard(connection)

    async def _load_heard(self, connection: Connection) -> None:
        """Until all is read nothing is unheard of; what is told meanwhile is heard of too."""
        self._heard_all = False
        last = await offered.last_product(connection)
        heard = self._heard = Heard(last)
        for first in range(0, last + 1, PRODUCTS_AT_ONCE):
            heard.learn(*await products.numbered(connection, first, first + PRODUCTS_AT_ONCE - 1))
        self._heard_all = True


def _rows(covered: Mapping[positions.Key, datetime]) -> list[tuple[int, int, datetime]]:
    return [(store_id, source_id, moment) for (store_id, source_id), moment in covered.items()]

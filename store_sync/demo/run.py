"""The demo in motion: its world loaded through the same door as everybody's, then the till, tick by tick."""

import asyncio
import io
from collections.abc import Iterator
from random import Random

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import StorageError
from inventory_service.runtime.outage import Outage
from inventory_service.storage import positions, stores
from inventory_service.storage.postgres import Pool, connected
from inventory_service.storage.stores import RetailerProfile
from store_sync.demo.feeds import STORES_MAPPING, products_feed, stock_feed, stock_head, stock_line, stores_feed
from store_sync.demo.till import Till
from store_sync.demo.world import SEED, Count, DemoRetailer, DemoWorld
from store_sync.formats.registry import parser_for
from store_sync.load import FeedOrder, Loader

SOURCE = "demo-till"
TICK_S = 1.0
STAND_BY_S = 12 * 3600.0
"""How often the demo retailers tell that they still stand by everything: silence would fade it to unknown."""
DEADLINE_S = 60.0


class Demo:
    """The simulated retailers of one database."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._loader = pool, Loader(pool, clock)
        self._world = DemoWorld.build(SEED)
        self._fresh = False

    async def load(self) -> None:
        """Loads the demo retailers that are not there as a whole: a load may have been killed half-way."""
        held = await self._counts()
        lacking = [one for one in self._world.retailers if len(held[one.slug]) < sum(1 for _ in one.opening_counts())]
        for retailer in lacking:
            await self._load(retailer, "stores", stores_feed(retailer))
            await self._load(retailer, "products", products_feed(retailer))
            await self._load(retailer, "stock", b"".join(stock_feed(retailer)))
        self._fresh = len(lacking) == len(self._world.retailers)

    async def run(self) -> None:
        """Sells and delivers until cancelled. While the database is away nothing is sold."""
        till = Till(self._world, await self._counts(), Random(SEED))  # noqa: S311 - a simulation
        outage = Outage("postgres, for the demo's till")
        loop = asyncio.get_running_loop()
        stand_by_at = loop.time() + (STAND_BY_S if self._fresh else 0.0)
        while True:
            await asyncio.sleep(TICK_S)
            try:
                if loop.time() >= stand_by_at:
                    await self._stand_by()
                    stand_by_at = loop.time() + STAND_BY_S
                for slug, feed in till.tick(TICK_S).items():
                    await self._load(self._retailer(slug), "stock", feed)
                outage.over()
            except StorageError as error:
                outage.met(error)

    async def _stand_by(self) -> None:
        """A snapshot of what the service holds: nothing changes, and the stores are covered."""
        for slug, counts in (await self._counts()).items():
            feed = b"".join(_lines(self._retailer(slug), counts))
            await self._load(self._retailer(slug), "snapshot", feed)

    async def _counts(self) -> dict[str, list[Count]]:
        found = {}
        for retailer in self._world.retailers:
            async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
                found[retailer.slug] = [Count(*row) for row in await positions.counts(connection, retailer.slug)]
        return found

    def _retailer(self, slug: str) -> DemoRetailer:
        return next(one for one in self._world.retailers if one.slug == slug)

    async def _load(self, retailer: DemoRetailer, what: str, feed: bytes) -> None:
        kind = "stock" if what == "snapshot" else what
        parser = parser_for("csv", kind, STORES_MAPPING) if kind == "stores" else parser_for("google", kind, None)
        profile = RetailerProfile(retailer.slug, retailer.name, demo=True)
        order = FeedOrder(profile, SOURCE, f"demo {what}", kind, snapshot=what == "snapshot")
        await self._loader.load(order, parser(io.BytesIO(feed)))


async def wanted(pool: Pool) -> bool:
    """Whether this database has the demo or is empty, rather than holding others' data alone."""
    async with connected(pool, deadline_s=DEADLINE_S) as connection:
        slugs = await stores.retailer_slugs(connection)
    return not slugs or any(slug.startswith("demo-") for slug in slugs)


def _lines(retailer: DemoRetailer, counts: list[Count]) -> Iterator[bytes]:
    known_stores = {store.code: store for store in retailer.stores}
    known_items = {item.item_id: item for item in retailer.items}
    yield stock_head()
    for store_code, item_id, quantity in counts:
        if store_code in known_stores and item_id in known_items:
            yield stock_line(retailer, known_stores[store_code], known_items[item_id], quantity)

"""The one door for the web layer: every question that can be asked of the service."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from geo.point import Point
from inventory_service.accuracy.reckoning import EVERYBODY, Account, Reach, Reckoner
from inventory_service.domain.asked_gtin import parse_asked
from inventory_service.domain.availability import Answer, OpenState, Question
from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import (
    CacheError,
    FieldFault,
    InputError,
    KeyInvalidError,
    MovedError,
    NotFoundError,
    StorageError,
)
from inventory_service.domain.gtin import GtinError, is_restricted
from inventory_service.domain.hours import open_state
from inventory_service.domain.key import Key
from inventory_service.domain.place import Place
from inventory_service.domain.product import Product
from inventory_service.domain.shoppers import Word
from inventory_service.domain.store import Store
from inventory_service.domain.words import normalised
from inventory_service.live.streams import Streams
from inventory_service.lookup.choosing import FIRST_WAVE, Choice, Chooser
from inventory_service.lookup.demand import Demand
from inventory_service.lookup.directory import Reached
from inventory_service.lookup.levels import Levels
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.near import Search
from inventory_service.lookup.places import Gazetteer
from inventory_service.lookup.products import Products
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.lookup.shortcut import Shortcut
from inventory_service.lookup.survey import Survey, Surveyor
from inventory_service.lookup.telling import told
from inventory_service.shoppers.hearing import Hearing, Voice
from inventory_service.spending.ledger import Ledger
from inventory_service.spending.usage import Usage
from inventory_service.staff.service import StaffService
from inventory_service.storage import products, stores
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.keys import key_hash
from inventory_service.storage.postgres import Pool, connected, ping
from inventory_service.storage.shoppers import Heard
from inventory_service.webhooks.service import Webhooks


@dataclass(frozen=True, slots=True)
class NearStore:
    """A store and its geodesic distance from where was asked."""

    store: Store
    metres: float

    @property
    def distance_m(self) -> int:
        return round(self.metres)


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Some products and the cursor of the next ones; None: that was all."""

    products: tuple[Product, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is wired from."""

    pool: Pool
    cache: Cache
    memory: Memory
    through: ReadThrough
    levels: Levels
    products: Products
    reckoner: Reckoner
    clock: Clock
    hearing: Hearing
    ledger: Ledger
    streams: Streams
    webhooks: Webhooks
    deadline_s: float


UNKNOWN_KEY = "This is not one of our keys."


def unknown_gtin(gtin: str) -> NotFoundError:
    """`gtin` has 14 digits."""
    return NotFoundError(f"No product with GTIN {gtin} is known.", FieldFault("gtin", "is not known"))


def unknown_store(store_id: int) -> NotFoundError:
    return NotFoundError(f"No store {store_id} is known.", FieldFault("id", "is not known"))


class Service:
    """Answers out of memory, the cache and Postgres."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.chooser = Chooser(parts.levels)
        self.shortcut = Shortcut(parts.memory, parts.cache, parts.through, parts.clock)
        self.surveyor = Surveyor(parts.levels)
        self.demand = Demand()
        self.ledger, self.usage = parts.ledger, Usage()
        self.streams = parts.streams
        self.staff = StaffService(parts.pool, parts.memory, parts.clock, parts.deadline_s)
        self.webhooks = parts.webhooks

    def now(self) -> datetime:
        return self._parts.clock()

    @property
    def memory(self) -> Memory:
        """What this worker knows, for whoever tells of it without being asked."""
        return self._parts.memory

    async def availability(self, question: Question) -> Answer:
        """Raises StorageError."""
        now = self.now()
        choice = await self.choose(question, now)
        return await self.search(question, now) if choice is None else self.answer_of(choice)

    async def choose(self, question: Question, now: datetime, at_once: int = FIRST_WAVE) -> Choice | None:
        """The kernel's choice, ready to be written; None where it is not sure. Raises StorageError."""
        return await self.chooser.choose(question, self._parts.memory, now, at_once)

    async def survey(self, question: Question, now: datetime) -> Survey:
        """All levels within the radius. Raises StorageError, UnavailableError."""
        return await self.surveyor.survey(question, self._parts.memory, now)

    def answer_of(self, choice: Choice) -> Answer:
        """A choice as plain data."""
        results, beyond = choice.candidates()
        tell = partial(told, question=choice.question, sources=choice.sources, now=choice.now)
        return Answer(
            product=choice.question.product,
            answered_at=choice.now,
            quantity=choice.question.quantity,
            results=tuple(map(tell, results)),
            nearest_beyond=next(map(tell, beyond), None),
            from_cache=choice.from_cache,
        )

    async def search(self, question: Question, now: datetime) -> Answer:
        """Without haste, and always sure. Raises StorageError."""
        search = Search(question, self._parts.memory, now)
        findings = await search.run(self._parts.levels)
        ranked = search.ranked(findings)
        likely = any(one.likely for one in ranked)
        return Answer(
            product=question.product,
            answered_at=now,
            quantity=question.quantity,
            results=tuple(search.found(one) for one in ranked),
            nearest_beyond=None if likely or findings.beyond is None else search.found(findings.beyond),
            from_cache=findings.from_cache,
        )

    async def product_by_gtin(self, gtin: str, retailers: frozenset[str]) -> Product:
        """Raises InputError (restricted GTIN without exactly one retailer), NotFoundError, StorageError."""
        owner_id = self._owner_of(gtin, retailers)
        product = await self._parts.products.by_gtin(gtin, owner_id)
        if product is None:
            raise unknown_gtin(gtin)
        self._parts.memory.hear(product.gtin)
        return product

    def _owner_of(self, gtin: str, retailers: frozenset[str]) -> int | None:
        if not is_restricted(gtin):
            return None
        if len(retailers) != 1:
            fault = "is a store's own number: name exactly one retailer"
            raise InputError(FieldFault("gtin", fault), FieldFault("retailer", "exactly one is needed for this GTIN"))
        (slug,) = retailers
        owner_id = self._parts.memory.retailers.get(slug)
        if owner_id is None:
            raise NotFoundError(f"No retailer {slug} is known.", FieldFault("retailer", "is not known"))
        return owner_id

    async def product_by_id(self, product_id: int) -> Product:
        """Raises NotFoundError, MovedError, StorageError."""
        product = await self._parts.products.by_id(product_id)
        if product is None:
            raise NotFoundError(f"No product {product_id} is known.", FieldFault("product", "is not known"))
        if product.merged_into is not None:
            raise MovedError(product.merged_into)
        self._parts.memory.hear(product.gtin)
        return product

    async def search_products(
        self, text: str, limit: int, after: str | None, retailers: frozenset[str] = frozenset()
    ) -> ProductPage:
        """Products that hold all the words, by id; where there are none, those that look alike. Raises StorageError.

        Only what `retailers` list, if any are named.
        """
        if text and not normalised(text):
            return ProductPage((), None)
        coded = tuple(one for one in await self._products_by_code(text) if self.listed_by(one, retailers))
        page = ProductPage(coded, None) if coded else await self._page(text, limit, after, retailers)
        for product in page.products:
            self._parts.memory.hear(product.gtin)
        return page

    def listed_by(self, product: Product, retailers: frozenset[str]) -> bool:
        """Whether one of `retailers` lists it; none named: anybody may."""
        ids = self._parts.memory.retailers
        return not retailers or any(ids.get(slug) in product.offers for slug in retailers)

    async def _page(self, text: str, limit: int, after: str | None, retailers: frozenset[str]) -> ProductPage:
        ids = self._parts.memory.retailers
        owners = [ids[slug] for slug in retailers if slug in ids] if retailers else None
        async with connected(self._parts.pool, deadline_s=self._parts.deadline_s) as connection:
            found = await products.search(connection, text, limit + 1, int(after) if after else 0, owners)
            if not found and after is None and text:
                return ProductPage(tuple(await products.similar(connection, text, limit, owners)), None)
        page = found[:limit]
        return ProductPage(tuple(page), str(page[-1].product_id) if len(found) > limit else None)

    async def _products_by_code(self, text: str) -> tuple[Product, ...]:
        """The product whose barcode `text` is, if it is one that anybody may have."""
        try:
            product = await self._parts.products.by_gtin(parse_asked(text), None)
        except GtinError:
            return ()
        return (product,) if product else ()

    def stores_near(
        self,
        origin: Point,
        radius_m: float,
        limit: int,
        retailers: frozenset[str],
        after: Reached | None = None,
    ) -> list[NearStore]:
        """The nearest stores first, equal distances by store id; `after`: those behind."""
        found = self._parts.memory.directory.nearest(origin, radius_m, limit, retailers, after)
        return [NearStore(store, metres) for store, metres in found]

    def store(self, store_id: int) -> Store:
        """Raises NotFoundError."""
        store = self._parts.memory.directory.store(store_id)
        if store is None:
            raise unknown_store(store_id)
        return store

    async def store_by_code(self, retailer: str, code: str) -> Store:
        """Raises NotFoundError, StorageError."""
        retailer_id = self._parts.memory.retailers.get(retailer)
        if retailer_id is not None:
            async with connected(self._parts.pool, deadline_s=self._parts.deadline_s) as connection:
                store_id = (await stores.ids(connection, retailer_id, [code])).get(code)
            store = None if store_id is None else self._parts.memory.directory.store(store_id)
            if store is not None:
                return store
        detail = "No such store of this retailer is known."
        raise NotFoundError(detail, FieldFault("/store_code", "is not known of this retailer"))

    async def hear(self, product: Product, store: Store, word: Word, voice: Voice) -> Heard:
        """Takes in what a shopper says. Raises TooManyError, StorageError."""
        return await self._parts.hearing.hear((product.product_id, store.store_id), word, voice)

    def retailer_known(self, slug: str) -> bool:
        return slug in self._parts.memory.retailers

    def hours(self, store: Store) -> OpenState:
        return open_state(store.opening_hours, store.timezone, self.now(), store.country)

    @property
    def gazetteer(self) -> Gazetteer:
        """What names mean now: another one as soon as the worker knows other places."""
        return self._parts.memory.gazetteer

    def resolve_place(self, near: str) -> Place:
        """Raises InputError whose pointer is `near`."""
        return self.gazetteer.resolve(near)

    def search_places(self, text: str, limit: int) -> list[Place]:
        return self.gazetteer.search(text, limit)

    def authenticate(self, secret: str) -> Key:
        """Raises KeyInvalidError."""
        key = self._parts.memory.keys.get(key_hash(secret))
        fault = UNKNOWN_KEY if key is None else key.fault(self.now())
        if key is None or fault is not None:
            raise KeyInvalidError(fault)
        return key

    async def accuracy(self, key: Key | None) -> Account:
        """How right answers were: everybody's; for a staff key those of its stores. Raises StorageError."""
        return await self._parts.reckoner.account(self._reach(key))

    def accuracy_told(self) -> Account | None:
        """Everybody's account as it was made last."""
        return self._parts.reckoner.told()

    def renew_accuracy(self) -> None:
        """Has everybody's account made anew where that is due; waits for nothing."""
        self._parts.reckoner.renew()

    def _reach(self, key: Key | None) -> Reach:
        if key is None or key.kind != "st" or key.retailer is None:
            return EVERYBODY
        return Reach(self._parts.memory.retailers[key.retailer], key.store_ids)

    async def readiness(self) -> dict[str, str]:
        """Each part's state, "ok" or a short reason. Ready needs the directory and Postgres or Redis."""
        return {"postgres": await self._postgres_state(), "redis": await self._redis_state(), "directory": "ok"}

    async def _postgres_state(self) -> str:
        try:
            await ping(self._parts.pool, deadline_s=self._parts.deadline_s)
        except StorageError as error:
            return str(error)
        return "ok"

    async def _redis_state(self) -> str:
        try:
            await self._parts.cache.ping()
        except CacheError as error:
            return str(error)
        return "ok"

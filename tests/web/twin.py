"""A small service in memory, passed in where the real one would be: three stores, four products, six keys."""

import asyncio
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from geo.point import Point
from inventory_service.accuracy.reckoning import Account
from inventory_service.domain.availability import Answer, Backing, Evidence, Found, OpenState, Question
from inventory_service.domain.errors import (
    FieldFault,
    InputError,
    KeyInvalidError,
    MovedError,
    NotFoundError,
    StorageError,
    TooManyError,
)
from inventory_service.domain.freshness import Ages, Freshness, SourceFreshness, StoreFreshness, StoreTotals
from inventory_service.domain.key import Key
from inventory_service.domain.looks import Looks
from inventory_service.domain.offer import Money, Pickup
from inventory_service.domain.place import Place
from inventory_service.domain.product import Product
from inventory_service.domain.scoring import Tally
from inventory_service.domain.shoppers import Word
from inventory_service.domain.stock import SEEN, Stock
from inventory_service.domain.store import Store
from inventory_service.live.streams import Bounds, Streams
from inventory_service.lookup.arrays import FOUND
from inventory_service.lookup.demand import Demand
from inventory_service.lookup.places import Gazetteer
from inventory_service.lookup.service import NearStore, ProductPage, Service
from inventory_service.lookup.survey import Survey
from inventory_service.shoppers.hearing import Voice
from inventory_service.spending.ledger import Ledger
from inventory_service.spending.usage import Usage
from inventory_service.staff.service import StaffService
from inventory_service.staff.who import Staff, staff_of
from inventory_service.storage.shoppers import Heard
from inventory_service.webhooks.service import Webhooks

NOW = datetime(2026, 11, 22, 3, 40, 12, 987_654, tzinfo=UTC)
SEATTLE = Point(47.61, -122.33)
PAXLOVID = Product(17, "00300691085301", "Paxlovid", "Pfizer", None, category="Antivirals")
OWN_LABEL = Product(18, "02000000000015", "Salad bowl", None, None, owner_id=1)
MERGED_ID, HANGING_ID, BROKEN_ID = 2_000_000_090, 2_000_000_091, 2_000_000_092
PRODUCTS = (PAXLOVID, OWN_LABEL)
KEYS = {
    "sk_counts_0123456789": Key(1, "sk", "counts", "sk_c", frozenset({"read", "counts"})),
    "sk_reader_0123456789": Key(2, "sk", "reader", "sk_r", frozenset({"read"})),
    "sk_ingest_0123456789": Key(3, "sk", "ingest", "sk_i", frozenset({"ingest"})),
    "pk_shop_0123456789": Key(
        4, "pk", "shop", "pk_s", frozenset({"read", "counts"}), frozenset({"https://shop.example"})
    ),
    "sk_indie_0123456789": Key(6, "sk", "indie", "sk_i", frozenset({"read"}), retailers=frozenset({"indie"})),
    "st_staff_0123456789": Key(5, "st", "staff", "st_s", frozenset({"read"}), retailer="cvs"),
}


def store(store_id: int, lat: float, **changes: object) -> Store:
    plain = Store(
        store_id=store_id,
        retailer_id=1,
        retailer="cvs",
        retailer_name="CVS",
        store_code=f"{store_id:020d}",
        name=f"CVS {store_id}",
        address="1 Pike St, Seattle, WA 98101",
        city="Seattle",
        region="WA",
        postcode="98101",
        country="US",
        point=Point(lat, -122.33),
        phone="+12065550100",
        timezone="America/Los_Angeles",
        opening_hours="Mo-Su 08:00-22:00",
        neighbourhood_id=1,
        slot=store_id,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


STORES = (store(1, 47.612), store(2, 47.62), store(3, 47.7, retailer="indie", retailer_name="Indie", demo=True))


SOURCES = (
    SourceFreshness("cvs", "feed", Ages(500, 600, 7_200), Ages(2, 60, 7_200), NOW - timedelta(minutes=1)),
    SourceFreshness("indie", "till", Ages(400, 3_600, 86_400), None, NOW - timedelta(days=15)),
)
FRESH = Freshness(Ages(900, 3_600, 86_400), StoreTotals(3, 2, 1, Ages(2, 60, 7_200)), SOURCES)
LOOKS = (
    Looks(NOW.date(), "judged", False, 9, Tally(40, 38.0, 36, 3.6, 4.0)),
    Looks(NOW.date() - timedelta(days=1), "judged", False, 0, Tally(10, 0.5, 1, 0.9, 1.0)),
    Looks(NOW.date(), "unknown", False, 0, Tally(5, 0.0, 3, 0.0, 0.0)),
    Looks(NOW.date() - timedelta(days=40), "undone", False, 0, Tally(2, 0.0, 0, 0.0, 0.0)),
)


@dataclass
class Shelf:
    """What the twin answers of each store."""

    stock: Stock = field(default_factory=lambda: Stock.exactly(7))
    probability: float | None = 0.9234
    as_of: datetime = NOW - timedelta(minutes=9)
    covered_at: datetime | None = NOW - timedelta(minutes=5)


class Detour:
    """Nothing is cached."""

    def begin(self, _asked: object, _then: object) -> bool:
        return False

    def blocks_of(self, _gtin: int) -> int:
        return 1

    def unheard(self, _gtin: int) -> bool:
        return False


class NoStaff(StaffService):
    """Knows whose key it is, and nothing else: what staff do is asked of the real one (tests/staff)."""

    def __init__(self) -> None:
        pass

    def of(self, key: Key | None) -> Staff:
        return staff_of(key, {"cvs": 1})


class NoWebhooks(Webhooks):
    """Nobody has any: what is subscribed to is asked of the real one (tests/webhooks)."""

    def __init__(self) -> None:
        pass


class Twin(Service):
    """`questions` and `words` remember what was asked and said; `states` and `failing` stand for the servers behind."""

    gazetteer = Gazetteer.of((), "US")

    def __init__(self) -> None:
        self.shortcut = Detour()  # type: ignore[assignment]
        self.ledger, self.usage = Ledger(0), Usage()
        self.streams = Streams(Bounds())
        self.demand, self.staff, self.webhooks = Demand(), NoStaff(), NoWebhooks()
        self.shelf = Shelf()
        self.questions: list[Question] = []
        self.states = {"postgres": "ok", "redis": "ok", "directory": "ok"}
        self.failing = False
        self.empty_nearby = False
        self.moment = NOW
        self.looks: tuple[Looks, ...] = LOOKS
        self.renewals = 0
        self.words: list[tuple[int, int, Word, str]] = []
        self.tired = False

    def now(self) -> datetime:
        return self.moment

    async def choose(self, _question: Question, _now: datetime, _at_once: int = 1) -> None:
        return None

    async def search(self, question: Question, _now: datetime) -> Answer:
        self.questions.append(question)
        if self.failing:
            raise StorageError("postgres at 10.1.2.3 refused the connection")
        found = [self._found(one) for one in self.stores_near(question.origin, question.radius_m, 50, frozenset())]
        nearby = () if self.empty_nearby else tuple(found[: question.limit])
        beyond = found[0] if self.empty_nearby else None
        return Answer(question.product, self.moment, question.quantity, nearby, beyond, from_cache=True)

    async def survey(self, question: Question, now: datetime) -> Survey:
        """Nobody has anything: what a list finds is asked of the real one (tests/answers/test_basket.py)."""
        return Survey(question, None, np.zeros(0, dtype=FOUND), b"", now)  # type: ignore[arg-type]

    def _found(self, near: NearStore) -> Found:
        shelf = self.shelf
        evidence = (
            Evidence("record", "feed", shelf.stock, shelf.as_of),
            Evidence("confirmation", "staff", SEEN, shelf.as_of),
        )
        backing = Backing(shelf.as_of, shelf.covered_at, evidence)
        return Found(
            store=near.store,
            hours=self.hours(near.store),
            distance_m=near.distance_m,
            availability="unknown" if shelf.probability is None else "in_stock",
            probability=shelf.probability,
            stock=shelf.stock,
            exact=backing,
            shown=backing,
            price=Money(Decimal("29.9"), "USD"),
            pickup=Pickup("buy", "same_day"),
        )

    async def product_by_gtin(self, gtin: str, retailers: frozenset[str]) -> Product:
        for product in PRODUCTS:
            if product.gtin == gtin:
                return product
        raise NotFoundError(f"No product with GTIN {gtin} is known.", FieldFault("gtin", "is not known"))

    async def product_by_id(self, product_id: int) -> Product:
        if product_id == MERGED_ID:
            raise MovedError(PAXLOVID.product_id)
        if product_id == HANGING_ID:
            await asyncio.Event().wait()
        if product_id == BROKEN_ID:
            raise ZeroDivisionError("a secret of the inside")
        for product in PRODUCTS:
            if product.product_id == product_id:
                return product
        raise NotFoundError(f"No product {product_id} is known.", FieldFault("product", "is not known"))

    async def search_products(
        self, text: str, limit: int, after: str | None, retailers: frozenset[str] = frozenset()
    ) -> ProductPage:
        known = [product for product in PRODUCTS if text.lower() in (product.name or "").lower()]
        known = [product for product in known if self.listed_by(product, retailers)]
        rest = [product for product in known if product.product_id > int(after or 0)]
        page = rest[:limit]
        return ProductPage(tuple(page), str(page[-1].product_id) if len(rest) > limit else None)

    def listed_by(self, _product: Product, retailers: frozenset[str]) -> bool:
        return not retailers or "cvs" in retailers

    def stores_near(
        self,
        origin: Point,
        radius_m: float,
        limit: int,
        retailers: frozenset[str],
        after: tuple[float, int] | None = None,
    ) -> list[NearStore]:
        near = [
            NearStore(store, round(111_000 * math.hypot(store.point.lat - origin.lat, store.point.lon - origin.lon)))
            for store in STORES
            if not retailers or store.retailer in retailers
        ]
        behind = [one for one in near if after is None or (one.metres, one.store.store_id) > after]
        return [one for one in behind if one.metres <= radius_m][:limit]

    def store(self, store_id: int) -> Store:
        for store in STORES:
            if store.store_id == store_id:
                return store
        raise NotFoundError(f"No store {store_id} is known.", FieldFault("id", "is not known"))

    async def store_by_code(self, retailer: str, code: str) -> Store:
        for store in STORES:
            if (store.retailer, store.store_code) == (retailer, code):
                return store
        raise NotFoundError("No such store.", FieldFault("/store_code", "is not known of this retailer"))

    async def hear(self, product: Product, store: Store, word: Word, voice: Voice) -> Heard:
        if self.tired:
            raise TooManyError("That is enough for today.", 3_600)
        self.words.append((product.product_id, store.store_id, word, voice.token))
        return Heard(len(self.words), counted=word.observed_at > self.shelf.as_of, news=len(self.words) == 1)

    def retailer_known(self, slug: str) -> bool:
        return slug in {"cvs", "indie"}

    def hours(self, store: Store) -> OpenState:
        return OpenState(open_now=True, closes_at=datetime(2026, 11, 22, 6, 0, tzinfo=UTC))

    def resolve_place(self, near: str) -> Place:
        if near != "98101":
            raise InputError(FieldFault("near", "is no place that we know"))
        return Place("Seattle, WA 98101", SEATTLE, "US", "postcode")

    def search_places(self, text: str, limit: int) -> list[Place]:
        return [Place("Seattle, WA 98101", SEATTLE, "US", "postcode")][:limit]

    def authenticate(self, secret: str) -> Key:
        if secret not in KEYS:
            raise KeyInvalidError("This is not one of our keys.")
        return KEYS[secret]

    async def accuracy(self, key: Key | None) -> Account:
        own = key is not None and key.kind == "st"
        quiet = replace(FRESH, evidence=None, quietest=(StoreFreshness(1, "0042", "CVS 1", None, None),))
        fresh = quiet if own else FRESH
        return Account(self.moment, self.looks, fresh, timedelta(days=14))

    def accuracy_told(self) -> Account | None:
        return None if self.renewals == 0 else Account(NOW, self.looks, FRESH, timedelta(days=14))

    def renew_accuracy(self) -> None:
        self.renewals += 1

    async def readiness(self) -> dict[str, str]:
        return self.states

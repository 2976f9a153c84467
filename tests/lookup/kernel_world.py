"""Stores around hard places, with levels of every kind, in memory: for the kernel and the search without haste."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.domain.belief.basis import Traits
from inventory_service.domain.belief.learned import Learned, Paces
from inventory_service.domain.belief.model import Model
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.belief.verdict import Thresholds
from inventory_service.domain.level import Level, Shown
from inventory_service.domain.neighbourhoods import assign
from inventory_service.domain.offer import NO_DETAILS, Details, Money, Pickup, SalePrice
from inventory_service.domain.product import Product, RetailPrice
from inventory_service.domain.stock import MAX_QUANTITY, Stock
from inventory_service.domain.store import Store
from inventory_service.lookup.choosing import Choice, Chooser
from inventory_service.lookup.coverage import Coverage
from inventory_service.lookup.directory import Directory
from inventory_service.lookup.ground import Ground
from inventory_service.lookup.levels import EMPTY, Blocks
from inventory_service.lookup.near import Findings, Search
from inventory_service.storage.cache.block import encode
from inventory_service.storage.positions import Shelf

NOW = datetime(2026, 11, 22, 9, 30, 17, 250_000, UTC)
HORIZON = timedelta(days=14)
CENTRES = (
    Point(47.6, -122.3),
    Point(89.9, 10.0),
    Point(-16.8, 179.99),
    Point(51.5, -0.1),
    Point(-89.99, -120.0),
    Point(90.0, 0.0),
    Point(0.0, 0.0),
)
RETAILERS = 5
SALE = SalePrice(Money(Decimal(7), "USD"), NOW - timedelta(days=1), NOW + timedelta(days=1))
DETAILS = (
    Details(aisle="A 7"),
    Details(price=Money(Decimal("9.50"), "USD"), pickup=Pickup("buy", "same_day")),
    Details(sale_price=SALE, order_in_store=True),
)
OFFERS = {
    1: RetailPrice(Money(Decimal("12.5"), "USD")),
    2: RetailPrice(Money(Decimal("12"), "EUR"), SALE),
    4: RetailPrice(),
    5: RetailPrice(Money(Decimal(900), "JPY")),
    99: RetailPrice(),
}


@dataclass
class InMemory:
    """Levels out of a dictionary, as the cache would give them."""

    blocks: dict[int, bytes]
    asked: int = 0

    async def read(self, _product_id: int, neighbourhood_ids: Sequence[int]) -> Blocks:
        self.asked += len(neighbourhood_ids)
        return Blocks([self.blocks.get(one, EMPTY) for one in neighbourhood_ids], from_cache=True)


@dataclass
class World:
    memory: Any
    levels: InMemory
    chooser: Chooser
    product: Product

    async def both(self, question: Question) -> tuple[Choice | None, Search, Findings]:
        search = Search(question, self.memory, NOW)
        choice = await self.chooser.choose(question, self.memory, NOW)
        return choice, search, await search.run(self.levels)  # type: ignore[arg-type]


def around(centre: Point, random: Random, spread: float) -> Point:
    lat = min(90.0, max(-90.0, centre.lat + random.uniform(-spread, spread)))
    return Point(lat, (centre.lon + random.uniform(-1.7 * spread, 1.7 * spread) + 540.0) % 360.0 - 180.0)


def stores_of(retailer: int, count: int, random: Random, first: int) -> list[Store]:
    points = []
    for number in range(count):
        centre = random.choice(CENTRES)
        points.append(centre if number % 9 == 0 else around(centre, random, random.choice((0.01, 0.2, 3.0))))
    plan = assign([], retailer, 0, points)
    base = 1_000 * retailer
    zone, hours = random.choice((("UTC", None), ("America/New_York", "Mo-Su 08:00-22:00"), ("Asia/Tokyo", "24/7")))
    return [
        Store(
            first + at,
            retailer,
            f"r{retailer}",
            "R",
            f"s{at}",
            "S",
            "A",
            None,
            None,
            None,
            None,
            point,
            None,
            zone,
            hours,
            base - seat.neighbourhood_id,
            seat.slot,
        )
        for at, (point, seat) in enumerate(zip(points, plan.assignments, strict=True))
    ]


def stock(random: Random) -> Stock:
    low = random.choice((0, 0, 1, 2, 3, 9, 65_535, MAX_QUANTITY))
    return Stock(low, random.choice((low, low, low, None, min(low + 1, MAX_QUANTITY), min(low + 5, MAX_QUANTITY))))


def level(random: Random) -> Level:
    observed_at = (NOW - timedelta(hours=random.choice((0.2, 30.0, 200.0, 330.0, 500.0)))).replace(microsecond=0)
    covered_at = observed_at + timedelta(seconds=random.choice((0, 0, 0, 3_000, 400_000)))
    details = random.choice((NO_DETAILS, NO_DETAILS, *DETAILS))
    told, leaning = (random.choice((3, 4, 5, 77)), details), random.choice((0, 0, -184, -69, 7, 120))
    return Level(stock(random), observed_at, observed_at, covered_at, *told, leaning=leaning)


def showing(shelf: Shelf, random: Random) -> Shelf:
    """As it is, or with other evidence shown: of the same or another source, that was repeated or not."""
    own = shelf.level.own
    observed_at = own.observed_at - timedelta(hours=random.choice((0, 1, 24, 300)))
    covered_at = random.choice((observed_at, observed_at, own.observed_at, own.covered_at))
    other = Shown(random.choice((own.source_id, own.source_id, 3, 5, 77)), observed_at, covered_at)
    return replace(shelf, level=replace(shelf.level, shown=random.choice((None, other))))


def learned(random: Random, store_ids: Sequence[int]) -> Learned:
    """Sources with a track record of their own, products and stores with a pace, a retailer with thresholds."""
    traits = {
        f"r/{name}": Traits(
            doubt=random.choice((0.0, 1.5, -0.5)),
            lag_s=random.choice((0.0, 3_600.0, 90_000.0)),
            horizon_s=random.choice((3, 14, 30)) * 86_400.0,
            base=random.choice(((0.8, 0.7, 0.6), (0.4, 0.3, 0.1))),
            overlooked=random.choice((0.0, 1.0)),
        )
        for name in ("a", "b")
    }
    model = Model.of(Parameters(revision=random.choice((0, 1)), sources=traits))
    paces = Paces({1: random.choice((0, 1, 9, 20, 32))}, {one: random.choice((-3, 0, 2)) for one in store_ids})
    names, limits = {3: "r/a", 4: "r/b", 5: "r/staff"}, {2: Thresholds(0.2, 0.6, 0.85)}
    return Learned.of(model, paces, names, limits, HORIZON)


def world(random: Random, per_retailer: int) -> World:
    stores = [
        store
        for retailer in range(1, RETAILERS + 1)
        for store in stores_of(retailer, per_retailer, random, retailer * 10_000)
    ]
    blocks: dict[int, list[Shelf]] = {}
    for store in stores:
        if random.random() < 0.7:
            shelf = Shelf(1, store.store_id, store.neighbourhood_id, store.slot, 1, level(random))
            blocks.setdefault(store.neighbourhood_id, []).append(shelf)
    news = [
        (store.store_id, random.choice((3, 4)), NOW - timedelta(hours=random.uniform(0, 400)))
        for store in stores
        if random.random() < 0.4
    ]
    directory, coverage = Directory.of(stores), Coverage.of(news)
    knows = learned(random, [store.store_id for store in stores])
    ground, sources = Ground(directory, coverage, knows), {3: "a", 4: "b", 5: "staff"}
    memory = SimpleNamespace(directory=directory, coverage=coverage, ground=ground, sources=sources)
    others = Random(per_retailer)
    levels = InMemory({one: encode(showing(shelf, others) for shelf in shelves) for one, shelves in blocks.items()})
    product = Product(1, "00300691085301", "P", None, None, offers=OFFERS)
    return World(memory, levels, Chooser(levels), product)  # type: ignore[arg-type]


def question(product: Product, random: Random) -> Question:
    centre = random.choice((*CENTRES, Point(random.uniform(-90, 90), random.uniform(-180, 180))))
    return Question(
        product,
        random.choice((centre, around(centre, random, 3.0))),
        radius_m=random.choice((1.0, 20_000.0, 100_000.0, 500_000.0)),
        limit=random.choice((1, 2, 5, 10, 50)),
        quantity=random.choice((1, 1, 2, 3, 7)),
        arrive_in=timedelta(seconds=random.choice((0, 0, 5_000))),
        retailers=random.choice((frozenset(), frozenset(), frozenset({"r1"}), frozenset({"r3", "r4", "r5"}))),
    )

"""The demo world: a few simulated retailers, the same ones for the same seed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from math import cos, pi, radians, sin
from random import Random
from typing import NamedTuple

from store_sync.demo.catalogue import Article, articles
from store_sync.demo.spots import ABROAD, Spot, us_spots
from store_sync.demo.trades import TRADES, Trade

SEED = 20_260
"""The seed of the world that everybody sees."""
METRES_PER_DEGREE = 111_320.0
SCATTER_M = (60.0, 600.0)
"""How far a store stands from the middle of its postcode."""
SHARE_ON_SALE = 0.05
SALE_FACTOR = Decimal("0.80")
CENT = Decimal("0.01")

QUANTITIES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 24, 40)
QUANTITY_WEIGHTS = (8, 9, 10, 11, 10, 9, 8, 7, 6, 5, 4, 4, 3, 3, 2, 1)
"""Shelves hold few pieces of most things; 8 in 100 are empty."""

US_STREETS = ("Main St", "Oak Ave", "Maple St", "Park Ave", "2nd St", "Market St", "Cedar Blvd", "Lake Rd", "Hill St")
STREETS = {
    "US": US_STREETS,
    "GB": ("High Street", "Station Road", "Church Lane", "Mill Road", "Victoria Street"),
    "DE": ("Hauptstraße", "Bahnhofstraße", "Gartenstraße", "Lindenallee", "Marktplatz"),
}


@dataclass(frozen=True, slots=True)
class DemoStore:
    """`breadth` is the share of its retailer's list that it carries."""

    code: str
    name: str
    street: str
    spot: Spot
    lat: float
    lon: float
    phone: str
    opening_hours: str
    breadth: float


@dataclass(frozen=True, slots=True)
class DemoItem:
    """An article as one retailer lists it; prices in US dollars."""

    item_id: str
    article: Article
    price: Decimal
    sale_price: Decimal | None
    aisle: str


class Count(NamedTuple):
    """So many pieces of an item at a store."""

    store_code: str
    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class DemoRetailer:
    """A retailer, its stores and its list. What stands on its shelves at the opening follows from the seed."""

    trade: Trade
    stores: tuple[DemoStore, ...]
    items: tuple[DemoItem, ...]
    seed: int

    @property
    def slug(self) -> str:
        return self.trade.slug

    @property
    def name(self) -> str:
        return self.trade.name

    def shelves(self) -> Iterator[tuple[DemoStore, list[tuple[DemoItem, int]]]]:
        """Store by store, the items it carries and how many of each it opens with."""
        rng = Random(f"{self.seed} {self.slug} shelves")  # noqa: S311 - a simulation
        weights = list(accumulate(QUANTITY_WEIGHTS))
        for store in self.stores:
            carried = [item for item in self.items if rng.random() < store.breadth]
            yield store, list(zip(carried, rng.choices(QUANTITIES, cum_weights=weights, k=len(carried)), strict=True))

    def opening_counts(self) -> Iterator[Count]:
        for store, shelf in self.shelves():
            for item, quantity in shelf:
                yield Count(store.code, item.item_id, quantity)


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """All demo retailers. Holds no counts and no more of the postcodes than the stores stand in."""

    retailers: tuple[DemoRetailer, ...]

    @classmethod
    def build(cls, seed: int = SEED) -> "DemoWorld":
        """Takes about a second, nearly all of it for reading the ZIP codes."""
        spots = us_spots()
        return cls(tuple(_retailer(trade, spots, seed) for trade in TRADES))


def _retailer(trade: Trade, spots: Sequence[Spot], seed: int) -> DemoRetailer:
    rng = Random(f"{seed} {trade.slug}")  # noqa: S311 - a simulation
    home = rng.choices(spots, cum_weights=list(accumulate(spot.pull for spot in spots)), k=trade.us_stores)
    abroad = [spot for spot in ABROAD for _ in range(trade.stores_a_town_abroad)]
    listed = [article for article in articles() if trade.letter in article.sold_by]
    return DemoRetailer(
        trade=trade,
        stores=tuple(_stores(trade, [*home, *abroad], rng)),
        items=tuple(_item(trade, number, article, rng) for number, article in enumerate(listed, start=1)),
        seed=seed,
    )


def _stores(trade: Trade, spots: Sequence[Spot], rng: Random) -> Iterator[DemoStore]:
    in_town: Counter[tuple[str, str]] = Counter()
    for number, spot in enumerate(spots, start=1):
        in_town[spot.city, spot.region] += 1
        nth = in_town[spot.city, spot.region]
        lat, lon = _scattered(spot, rng)
        yield DemoStore(
            code=trade.code.format(number),
            name=f"{trade.sign} {spot.city}" + (f" {nth}" if nth > 1 else ""),
            street=_street(spot.country, rng),
            spot=spot,
            lat=lat,
            lon=lon,
            phone=f"{spot.phone_prefix}{rng.randrange(10**spot.phone_digits):0{spot.phone_digits}d}",
            opening_hours=rng.choice(trade.hours[spot.country]),
            breadth=trade.stocked_share * rng.uniform(0.75, 1.25),
        )


def _scattered(spot: Spot, rng: Random) -> tuple[float, float]:
    distance_m, bearing = rng.uniform(*SCATTER_M), rng.uniform(0.0, 2.0 * pi)
    north = distance_m * cos(bearing) / METRES_PER_DEGREE
    east = distance_m * sin(bearing) / (METRES_PER_DEGREE * cos(radians(spot.lat)))
    return round(spot.lat + north, 6), round(spot.lon + east, 6)


def _street(country: str, rng: Random) -> str:
    street, number = rng.choice(STREETS[country]), rng.randrange(1, 200 if country != "US" else 9_900)
    return f"{street} {number}" if country == "DE" else f"{number} {street}"


def _item(trade: Trade, number: int, article: Article, rng: Random) -> DemoItem:
    price = (article.price * trade.price_factor).quantize(CENT)
    return DemoItem(
        item_id=f"{trade.letter}{1000 + number}",
        article=article,
        price=price,
        sale_price=(price * SALE_FACTOR).quantize(CENT) if rng.random() < SHARE_ON_SALE else None,
        aisle=f"Aisle {rng.randint(1, trade.aisles)}" if trade.aisles else "",
    )

"""Traffic over a world: endless seeded streams of what is asked, no address twice.

`dense`: products that many chains share, asked for within big cities, where at least ten stores near by have them; for
ratios between programs. `natural`: products by a Zipf law of exponent 1, shoppers near where people live, a tenth of
them naming a postcode or a city, a twentieth asking for a product that nobody lists.

Streams of several processes (`lane` 0 to `lanes` - 1) have nothing in common. An address tells itself from all others
by its last digits: a point by the last four of its latitude and longitude (a ten-thousandth of a metre), a radius by
its millionths of a metre; so for 100,000,000 addresses.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from loadtests.world.assortment import Assortment
from loadtests.world.draws import generator
from loadtests.world.gazetteer import Gazetteer
from loadtests.world.gtins import gtins
from loadtests.world.stored import Stored

Numbers = NDArray[np.int64]

BATCH = 4_096
PATH = "/v1/availability"
NAMED, UNKNOWN = 0.10, 0.05
"""Of natural questions: those that name a place, and those for a product that nobody lists."""
NAMED_BY_ZIP = 0.5
WANTED_STORES, FEWEST_CHAINS = 0.2, 8
"""A dense product is listed by so large a share of all stores, and by at least so many chains (of 150)."""
CITY_STORES, CITY_DEGREES = 400, 0.35
"""A dense city has so many stores (of 52,000) within about 40 km."""
IN_TOWN_DEGREES, ABOUT_TOWN_DEGREES = 0.04, 0.08
"""Standard deviation of a shopper's latitude and longitude from the middle of a dense city, of a natural one."""
TASTE = 1.0
"""What is popular: products in many stores, times a log-normal number of this sigma."""
TAIL = 10_000
UNIQUE = TAIL * TAIL
RADIUS_M = 50_000


def targets(stored: Stored, mix: str, seed: int = 1, lane: int = 0, lanes: int = 1) -> Iterator[bytes]:
    """Path and query of one question after another. Raises KeyError for an unknown mix."""
    draw = generator(seed, f"traffic {mix}", lane)
    ask = MIXES[mix](stored)
    numbers = np.arange(BATCH, dtype=np.int64) * lanes + lane
    while True:
        yield from ask(draw, numbers % UNIQUE)
        numbers += BATCH * lanes


Ask = Callable[[np.random.Generator, Numbers], list[bytes]]
"""Questions that bear these numbers, which no two of them share."""


def dense(stored: Stored) -> Ask:
    products, cities = dense_products(stored.assortment), dense_cities(stored)
    gazetteer, seed = stored.geography.gazetteer, stored.assortment.world.seed
    share = np.cumsum(gazetteer.populations[cities]) / gazetteer.populations[cities].sum()

    def ask(draw: np.random.Generator, numbers: Numbers) -> list[bytes]:
        size = len(numbers)
        where = cities[np.searchsorted(share, draw.random(size), side="right").clip(max=len(cities) - 1)]
        wanted = gtins(seed, products[draw.integers(len(products), size=size)])
        return _at_points(draw, numbers, wanted, gazetteer, where, IN_TOWN_DEGREES)

    return ask


def natural(stored: Stored) -> Ask:
    ranked, names = popular_first(stored.assortment), _Names(stored.geography.gazetteer)
    gazetteer, seed = stored.geography.gazetteer, stored.assortment.world.seed

    def ask(draw: np.random.Generator, numbers: Numbers) -> list[bytes]:
        size = len(numbers)
        listed = ranked[zipf_ranks(draw, len(ranked), size)]
        unlisted = len(ranked) + draw.integers(len(ranked), size=size)
        wanted = gtins(seed, np.where(draw.random(size) < UNKNOWN, unlisted, listed))
        where = gazetteer.cities(draw, size)
        asked = _at_points(draw, numbers, wanted, gazetteer, where, ABOUT_TOWN_DEGREES)
        for place in np.flatnonzero(draw.random(size) < NAMED).tolist():
            near = names.of(draw, int(where[place]))
            number = int(numbers[place])
            asked[place] = b"%b?gtin=%014d&near=%b&radius_m=%d.%08d" % (
                PATH.encode(), wanted[place], near, RADIUS_M, number,
            )  # fmt: skip
        return asked

    return ask


MIXES: dict[str, Callable[[Stored], Ask]] = {"dense": dense, "natural": natural}


def dense_products(assortment: Assortment) -> Numbers:
    """Shared by many stores and chains; where a world has none, the tenth of the shared ones that most stores have."""
    chains = assortment.shared_by.sum(axis=1)
    stores = assortment.listing_stores[: len(chains)]
    fit = (stores >= WANTED_STORES * assortment.world.stores) & (chains >= FEWEST_CHAINS)
    if fit.any():
        return np.flatnonzero(fit)
    return np.argsort(-stores, kind="stable")[: max(1, len(chains) // 10)]


def dense_cities(stored: Stored) -> Numbers:
    """Cities with many stores around; where a world has none, the ten that have the most."""
    places, gazetteer = stored.geography.places, stored.geography.gazetteer
    order = np.argsort(places.lats)
    lats, lons = places.lats[order], places.lons[order]
    first = np.searchsorted(lats, gazetteer.lats - CITY_DEGREES)
    last = np.searchsorted(lats, gazetteer.lats + CITY_DEGREES)
    wide = CITY_DEGREES / np.cos(np.radians(gazetteer.lats))
    counts = np.array(
        [
            np.count_nonzero(np.abs(lons[start:end] - lon) <= reach)
            for start, end, lon, reach in zip(first, last, gazetteer.lons, wide, strict=True)
        ]
    )
    fit = np.flatnonzero(counts >= CITY_STORES * len(places) / 52_000)
    return fit if len(fit) else np.argsort(-counts, kind="stable")[:10]


def popular_first(assortment: Assortment) -> Numbers:
    """All products, what is asked for most first: rather what is to be had in many stores."""
    draw = generator(assortment.world.seed, "popularity")
    taste = draw.lognormal(0.0, TASTE, assortment.products) * assortment.listing_stores
    return np.argsort(-taste, kind="stable")


def zipf_ranks(draw: np.random.Generator, ranks: int, size: int) -> Numbers:
    """Ranks from 0; rank k comes log((k + 2) / (k + 1)) / log(ranks + 1) of the time, nearly as 1 / (k + 1)."""
    return (np.exp(draw.random(size) * np.log(ranks + 1)).astype(np.int64) - 1).clip(0, ranks - 1)


def _at_points(
    draw: np.random.Generator,
    numbers: Numbers,
    wanted: Numbers,
    gazetteer: Gazetteer,
    where: Numbers,
    spread_degrees: float,
) -> list[bytes]:
    lats = gazetteer.lats[where] + spread_degrees * draw.standard_normal(len(where))
    lons = gazetteer.lons[where] + spread_degrees * draw.standard_normal(len(where))
    rows = zip(wanted.tolist(), lats.tolist(), (numbers % TAIL).tolist(), lons.tolist(),
               (numbers // TAIL).tolist(), strict=True)  # fmt: skip
    return [b"/v1/availability?gtin=%014d&lat=%.5f%04d&lon=%.5f%04d" % row for row in rows]


@dataclass(frozen=True)
class _Names:
    """Places by name, ready for an address."""

    gazetteer: Gazetteer

    def of(self, draw: np.random.Generator, city: int) -> bytes:
        """A postcode of the city where it has one, as often as its name."""
        zip_code = int(self.gazetteer.some_zip(draw, np.array([city]))[0])
        if zip_code >= 0 and draw.random() < NAMED_BY_ZIP:
            return str(self.gazetteer.zips[zip_code]).encode()
        return quote(f"{self.gazetteer.names[city]}, {self.gazetteer.regions[city]}").encode()

"""Small worlds for these tests, made without any package of places."""

from datetime import UTC, datetime

import numpy as np

from loadtests.world.assortment import Assortment
from loadtests.world.chains import settle
from loadtests.world.gazetteer import Gazetteer
from loadtests.world.geography import Geography
from loadtests.world.model import World
from loadtests.world.places import drawn
from loadtests.world.stored import Stored

BEGAN_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SMALL = World(positions=30_000, stores=600, retailers=6)


def three_cities() -> Gazetteer:
    """Of 800,000, 150,000 and 50,000 people; the last has no postcode."""
    return Gazetteer(
        np.array(["Bigtown", "Old Port", "Hamlet"]),
        np.array(["WA", "OR", "TX"]),
        np.array([47.6, 45.5, 31.0]),
        np.array([-122.3, -122.6, -97.5]),
        np.array([800_000, 150_000, 50_000]),
        np.array([0, 2, 3, 3]),
        np.array(["98101", "98104", "97201"]),
        np.array([47.61, 47.60, 45.51]),
        np.array([-122.33, -122.32, -122.69]),
    )


def stored(world: World = SMALL) -> Stored:
    assortment, gazetteer = Assortment(world), three_cities()
    places = drawn(gazetteer, world.seed, world.stores)
    places = places.at(settle(assortment, places))
    zones, codes = np.full(world.stores, "America/Chicago"), np.full(world.stores, "206")
    return Stored(assortment, Geography(places, zones, codes, gazetteer), 0)

"""Which retailer has a store at which place: small chains keep to one region, the largest are everywhere."""

import numpy as np
from numpy.typing import NDArray

from loadtests.world.assortment import Assortment
from loadtests.world.draws import generator
from loadtests.world.places import Places

REACH = 6
"""A retailer opens its stores anywhere among REACH times as many places nearest to its home."""


def settle(assortment: Assortment, places: Places) -> NDArray[np.int64]:
    """An order of the places: those of the first retailer's stores, then those of the second's, and so on.

    The smallest retailers choose first, each around a home drawn among the places that are left.
    """
    draw = generator(assortment.world.seed, "chains")
    points = np.stack((places.lats, places.lons * np.cos(np.radians(places.lats))), axis=1)
    free = np.arange(len(places))
    chosen: list[NDArray[np.int64]] = []
    for count in assortment.store_counts[::-1].tolist():
        home = points[free[draw.integers(len(free))]]
        far = ((points[free] - home) ** 2).sum(axis=1)
        near = np.argsort(far, kind="stable")[: REACH * count]
        taken = draw.choice(near, size=count, replace=False)
        chosen.append(free[taken])
        free = np.delete(free, taken)
    return np.concatenate(chosen[::-1])

"""The stores of a world at their places, and the cities that shoppers come from; kept in a file beside the world."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.world.assortment import Assortment, Numbers
from loadtests.world.chains import settle
from loadtests.world.gazetteer import Gazetteer, by_zip, us_gazetteer
from loadtests.world.places import TEXTS, Places, drawn, real

STORES = "stores_"


@dataclass(frozen=True)
class Geography:
    """`places` of the stores by retailer, then by number; in step with them time zones and telephone area codes."""

    places: Places
    timezones: NDArray[Any]
    area_codes: NDArray[Any]
    gazetteer: Gazetteer

    def save(self, path: Path) -> None:
        columns = {"lats": self.places.lats, "lons": self.places.lons, **self.places.texts}
        columns |= {"timezones": self.timezones, "area_codes": self.area_codes}
        cities = {one.name: getattr(self.gazetteer, one.name) for one in fields(Gazetteer)}
        np.savez(path, **{STORES + name: column for name, column in columns.items()}, **cities)


def geography(assortment: Assortment, stores_file: Path | None) -> Geography:
    """With `stores_file` its places; where it has too few, more are drawn."""
    world, gazetteer = assortment.world, us_gazetteer()
    if stores_file is None:
        places = drawn(gazetteer, world.seed, world.stores)
    else:
        places = real(stores_file, world.seed, world.stores)
        places = places.with_more(drawn(gazetteer, world.seed, world.stores - len(places)))
    places = places.at(settle(assortment, places))
    known = by_zip()
    facts = [known.get(postcode[:5], ("", "")) for postcode in places.texts["postcode"].tolist()]
    return Geography(places, np.array([zone for zone, _ in facts]), np.array([code for _, code in facts]), gazetteer)


def opened_geography(path: Path) -> Geography:
    with np.load(path) as kept:
        places = Places(
            kept[STORES + "lats"], kept[STORES + "lons"], {name: kept[STORES + name] for name in TEXTS}
        )  # fmt: skip
        gazetteer = Gazetteer(**{one.name: kept[one.name] for one in fields(Gazetteer)})
        return Geography(places, kept[STORES + "timezones"], kept[STORES + "area_codes"], gazetteer)


def first_stores(assortment: Assortment) -> Numbers:
    """Where each retailer's stores begin among the places."""
    return np.concatenate(([0], np.cumsum(assortment.store_counts)))

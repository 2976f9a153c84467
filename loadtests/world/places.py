"""Where stores stand: the points and addresses of a stores file, else of addresses drawn where people live."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from loadtests.world.draws import generator
from loadtests.world.gazetteer import Gazetteer

STREETS = ("Main St", "Oak Ave", "Market St", "Broadway", "Lincoln Hwy", "Washington Blvd", "2nd St", "Mill Rd")
AROUND_ZIP_DEGREES, AROUND_CITY_DEGREES = 0.015, 0.03
"""Standard deviation of a drawn store's latitude from its postcode's, or from that of a city without postcodes."""
TEXTS = ("street", "city", "region", "postcode")


@dataclass(frozen=True)
class Places:
    """Columns in step; `texts` by the names in TEXTS."""

    lats: NDArray[np.float64]
    lons: NDArray[np.float64]
    texts: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.lats)

    def at(self, chosen: NDArray[np.int64]) -> "Places":
        return Places(self.lats[chosen], self.lons[chosen], {name: text[chosen] for name, text in self.texts.items()})

    def with_more(self, other: "Places") -> "Places":
        return Places(
            np.concatenate((self.lats, other.lats)),
            np.concatenate((self.lons, other.lons)),
            {name: np.concatenate((self.texts[name], other.texts[name])) for name in TEXTS},
        )


def drawn(gazetteer: Gazetteer, seed: int, size: int) -> Places:
    """Addresses in cities by their inhabitants, each near one of its city's postcodes."""
    draw = generator(seed, "places")
    cities = gazetteer.cities(draw, size)
    zips = gazetteer.some_zip(draw, cities)
    has = zips >= 0
    spread = np.where(has, AROUND_ZIP_DEGREES, AROUND_CITY_DEGREES)
    lats = np.where(has, gazetteer.zip_lats[zips], gazetteer.lats[cities]) + spread * draw.standard_normal(size)
    lons = np.where(has, gazetteer.zip_lons[zips], gazetteer.lons[cities]) + spread * draw.standard_normal(size)
    numbers, streets = draw.integers(1, 9_999, size), draw.integers(len(STREETS), size=size)
    street = [f"{number} {STREETS[which]}" for number, which in zip(numbers.tolist(), streets.tolist(), strict=True)]
    postcodes = np.where(has, gazetteer.zips[zips], "")
    texts = (np.array(street), gazetteer.names[cities], gazetteer.regions[cities], postcodes)
    return Places(lats.round(6), lons.round(6), dict(zip(TEXTS, texts, strict=True)))


def real(path: Path, seed: int, size: int) -> Places:
    """At most `size` of the US stores in a tab-separated file (plain or .gz), in a drawn order.

    Columns: address, city, region, postcode, country, lat, lon; others are passed over.
    """
    rows = list(_rows(path))
    lats, lons = (np.array([float(row[name]) for row in rows]) for name in ("lat", "lon"))
    columns = zip(TEXTS, ("address", "city", "region", "postcode"), strict=True)
    texts = {name: np.array([row[column].strip() for row in rows]) for name, column in columns}
    return Places(lats, lons, texts).at(generator(seed, "real places").permutation(len(rows))[:size])


def fingerprint(path: Path) -> str:
    """Name and content of a file, short: two worlds with the same one stand at the same places."""
    return f"{path.name}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with _opened(path) as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["country"] == "US" and _is_point(row["lat"], row["lon"]):
                yield row


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _is_point(lat: str, lon: str) -> bool:
    try:
        return -90 <= float(lat) <= 90 and -180 <= float(lon) <= 180 and float(lat) != 0 != float(lon)
    except ValueError:
        return False

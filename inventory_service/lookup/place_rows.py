"""Rows of gazetteers → distinct places: one a postcode, and a city wherever only postcodes tell of it."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from geo.distance import distance_m
from geo.point import Point
from inventory_service.domain.placenames import PlaceRow, name_key, name_keys, postcode_key
from inventory_service.places.packages import ORIGINS as PACKAGES

SAME_CITY_M = 30_000.0
"""A city named by postcodes is the listed one of that name within this distance."""
CITY_SPAN_M = 50_000.0
"""Postcodes of one name and region that lie farther apart are those of several towns."""

_Named = tuple[str, PlaceRow]
"""A name that a postcode bears, and the postcode."""


def one_per_postcode(rows: Sequence[PlaceRow]) -> Iterator[PlaceRow]:
    """One row a postcode and country: the middle of its places, named by the most frequent name (then by alphabet).

    Rows of a file that somebody loaded stand in place of a package's.
    """
    grouped: dict[tuple[str, str], list[PlaceRow]] = defaultdict(list)
    for row in rows:
        grouped[row.country, postcode_key(row.postcode)].append(row)
    for group in grouped.values():
        loaded = [row for row in group if row.origin not in PACKAGES]
        yield _merged(loaded or group)


def cities_of(postcodes: Sequence[PlaceRow], listed: Sequence[PlaceRow]) -> Iterator[PlaceRow]:
    """Cities that stand only in postcodes' names; their population is not known (0)."""
    keys = {name: name_key(name) for row in postcodes for name in (row.name, *row.aliases)}
    known = _places_by_name(listed, frozenset(keys.values()))
    grouped: dict[tuple[str, str, str], list[_Named]] = defaultdict(list)
    for row in postcodes:
        for name in (row.name, *row.aliases):
            grouped[row.country, row.region, keys[name]].append((name, row))
    for (country, _, key), group in grouped.items():
        near = known.get((country, key), ())
        for town in _towns(group):
            city = _city(town)
            if not any(distance_m(_point(city), other) <= SAME_CITY_M for other in near):
                yield city


def _places_by_name(listed: Sequence[PlaceRow], wanted: frozenset[str]) -> dict[tuple[str, str], list[Point]]:
    found: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for city in listed:
        for name in (city.name, *city.aliases):
            for key in name_keys(name) & wanted:
                found[city.country, key].append(_point(city))
    return found


def _towns(named: list[_Named]) -> Iterator[list[_Named]]:
    """`named` of one name and region, parted where they lie too far from the town's first postcode."""
    left = sorted(named, key=lambda one: (one[1].postcode, one[1].lat, one[1].lon, one[0]))
    while len(left) > 1:
        first = _point(left[0][1])
        near = [distance_m(first, _point(row)) <= CITY_SPAN_M for _, row in left]
        yield [one for one, inside in zip(left, near, strict=True) if inside]
        left = [one for one, inside in zip(left, near, strict=True) if not inside]
    if left:
        yield left


def _city(town: Sequence[_Named]) -> PlaceRow:
    name = _most_frequent([name for name, _ in town])
    first = town[0][1]
    middle = _middle([_point(row) for _, row in town])
    return PlaceRow(
        first.country, "city", name, first.region, first.region_name, "", middle.lat, middle.lon, 0, first.origin
    )


def _merged(rows: Sequence[PlaceRow]) -> PlaceRow:
    if len(rows) == 1:
        return rows[0]
    name = _most_frequent([row.name for row in rows])
    first = min((row for row in rows if row.name == name), key=lambda row: (row.region, row.lat, row.lon))
    middle = _middle([_point(row) for row in rows])
    return replace(first, lat=middle.lat, lon=middle.lon)


def _most_frequent(names: Sequence[str]) -> str:
    """Of equally frequent ones the first in the alphabet."""
    counts = Counter(names)
    return min(counts, key=lambda name: (-counts[name], name))


def _middle(points: Sequence[Point]) -> Point:
    """The direction of the sum of unit vectors: right at the antimeridian too. Opposite points: the first one."""
    if len(points) == 1:
        return points[0]
    x = y = z = 0.0
    for point in points:
        lat, lon = math.radians(point.lat), math.radians(point.lon)
        x += math.cos(lat) * math.cos(lon)
        y += math.cos(lat) * math.sin(lon)
        z += math.sin(lat)
    if math.hypot(x, y, z) < 1e-9:
        return points[0]
    return Point(round(math.degrees(math.atan2(z, math.hypot(x, y))), 6), round(math.degrees(math.atan2(y, x)), 6))


def _point(row: PlaceRow) -> Point:
    return Point(row.lat, row.lon)

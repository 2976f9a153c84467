"""All places of a worker in columns, and the indexes that find them by name and by postcode."""

from array import array
from collections.abc import Iterable, Sequence

from geo.point import Point
from inventory_service.domain.place import Place
from inventory_service.domain.placenames import PlaceRow, name_key, name_keys, name_words, postcode_key
from inventory_service.lookup.place_rows import cities_of, one_per_postcode
from inventory_service.lookup.text_index import TextIndex, Texts
from inventory_service.places.countries import countries_by_name, country_words, named_country

NAMES_ITS_REGION = frozenset({"US", "CA", "AU"})
"""Countries where people tell cities apart by the code of a state."""
HOME_TIMES = 8
"""A town of the default country is as important as one so many times as populous elsewhere."""


class PlaceTable:
    """Numbered from the most important: cities by population, those of the default country by eight times theirs, then
    postcodes; of equals the default country's first.
    """

    def __init__(self, rows: Iterable[PlaceRow], default_country: str) -> None:
        places = _distinct(rows, default_country)
        self.default_country = default_country
        self._lats = array("d", (row.lat for row in places))
        self._lons = array("d", (row.lon for row in places))
        self._populations = array("i", (row.population for row in places))
        areas = {(row.country, row.region, row.region_name): 0 for row in places}
        self._areas = list(areas)
        areas = {area: number for number, area in enumerate(self._areas)}
        self._area_of = array("i", (areas[row.country, row.region, row.region_name] for row in places))
        self._names = Texts(row.name for row in places)
        self._cities = sum(row.kind == "city" for row in places)
        self._first_of_region, self._first_of_country = self._first_cities()
        self._firsts_of_regions = self._first_of_each_region()
        self._postcodes = Texts(row.postcode for row in places[self._cities :])
        numbered = list(enumerate(places[: self._cities]))
        self.by_name = TextIndex((key, number) for number, row in numbered for key in name_keys(row.name))
        self.by_alias = TextIndex(
            (key, number) for number, row in numbered for alias in row.aliases for key in name_keys(alias)
        )
        self.by_postcode = TextIndex(
            (postcode_key(row.postcode), number) for number, row in enumerate(places) if row.kind == "postcode"
        )

    def __len__(self) -> int:
        return len(self._names)

    def country(self, number: int) -> str:
        return self._areas[self._area_of[number]][0]

    def name(self, number: int) -> str:
        return self._names[number]

    def population(self, number: int) -> int:
        return self._populations[number]

    def point(self, number: int) -> Point:
        return Point(self._lats[number], self._lons[number])

    def place(self, number: int) -> Place:
        kind = "city" if number < self._cities else "postcode"
        return Place(self._label(number), self.point(number), self.country(number), kind, self._populations[number])

    def region_words(self, number: int) -> frozenset[str]:
        """Words that may stand for the place's region."""
        _, code, name = self._areas[self._area_of[number]]
        return frozenset(name_words(f"{code} {name}"))

    def area_words(self, number: int) -> frozenset[str]:
        """Words that may stand for the place's region or country."""
        return self.region_words(number) | country_words().get(self.country(number), frozenset())

    def first_in(self, key: str) -> int | None:
        """The most important city of the default country's region, or of the country, that has this name or code."""
        first, land = self._first_of_region.get(key), countries_by_name().get(key)
        if first is not None and self._populations[first]:
            return first
        abroad = None if land is None else self._first_of_country.get(land)
        return first if abroad is None else abroad

    def _first_cities(self) -> tuple[dict[str, int], dict[str, int]]:
        """The most important city by name and code of the default country's regions, and by country."""
        of_region: dict[str, int] = {}
        of_country: dict[str, int] = {}
        for area, number in {self._area_of[at]: at for at in reversed(range(self._cities))}.items():
            country, *names = self._areas[area]
            of_country[country] = min(number, of_country.get(country, number))
            for key in _keys(*names) if country == self.default_country else ():
                of_region[key] = min(number, of_region.get(key, number))
        return of_region, of_country

    def first_in_region(self, words: Sequence[str]) -> int | None:
        """The most important city of the region that the first words name, in the country that all others name."""
        for size in range(len(words) - 1, 0, -1):
            rest = set(words[size:])
            for number in self._firsts_of_regions.get(" ".join(words[:size]), ()):
                if rest <= country_words().get(self.country(number), frozenset()):
                    return number
        return None

    def _first_of_each_region(self) -> dict[str, tuple[int, ...]]:
        """By name and code of regions anywhere, their most important cities."""
        firsts: dict[str, tuple[int, ...]] = {}
        for area, number in {self._area_of[at]: at for at in reversed(range(self._cities))}.items():
            _, *names = self._areas[area]
            for key in _keys(*names):
                firsts[key] = (*firsts.get(key, ()), number)
        return firsts

    def same_area(self, number: int, other: int) -> bool:
        """Whether both lie in one region, or in one country that is not the default one."""
        one, two = self._areas[self._area_of[number]], self._areas[self._area_of[other]]
        return one[0] == two[0] if one[0] != self.default_country else one == two

    def _label(self, number: int) -> str:
        country, region, _ = self._areas[self._area_of[number]]
        name = self._names[number]
        postcode = self._postcodes[number - self._cities] if number >= self._cities else ""
        if country == "US":
            state = region or ("" if postcode else "US")
            return " ".join(filter(None, (f"{name}, {state}" if state else name, postcode)))
        if region and not postcode and country in NAMES_ITS_REGION:
            return f"{name}, {region}, {country}"
        return f"{postcode} {name}, {country}" if postcode else f"{name}, {named_country(country)}"


def _keys(*names: str) -> set[str]:
    return {name_key(name) for name in names if name}


def _distinct(rows: Iterable[PlaceRow], default_country: str) -> list[PlaceRow]:
    cities: list[PlaceRow] = []
    postcodes: list[PlaceRow] = []
    for row in rows:
        (cities if row.kind == "city" else postcodes).append(row)
    places = [*cities, *cities_of(postcodes, cities), *one_per_postcode(postcodes)]
    places.sort(
        key=lambda row: (
            row.kind == "postcode",
            -row.population * (HOME_TIMES if row.country == default_country else 1),
            row.country != default_country,
            row.country,
            row.postcode,
            row.region,
            row.name,
            row.lat,
            row.lon,
        )
    )
    return places

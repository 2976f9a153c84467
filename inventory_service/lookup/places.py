"""Finding the place that somebody means: a postcode, a city, or coordinates."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from typing import NoReturn

import numpy as np

from geo.distance import distance_m
from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.domain.place import Place
from inventory_service.domain.placenames import PlaceRow, name_key, name_keys, name_words
from inventory_service.lookup.place_table import PlaceTable
from inventory_service.lookup.place_text import (
    MOST_WORDS,
    code_splits,
    coordinates,
    looks_like_coordinates,
    readable,
    shortened,
)
from inventory_service.lookup.text_index import TextIndex
from inventory_service.places.countries import country_words

FAMOUS_POPULATION = 1_000_000
FAMOUS_TIMES = 100
"""A city so large, and so many times larger, is meant by its other name (Milano) rather than a hamlet of that name."""
LARGE_POPULATION = 500_000
"""A city so large is meant by its name rather than a region far from it (Washington)."""
ALIAS_LETTERS = 4
"""Typed letters from which other names of famous cities stand beside the true ones."""
SAME_TOWN_M = 50_000.0
"""A city named beside a postcode agrees with it within this distance."""
ZIP_LENGTHS = range(3, 5)
"""Digits of a five-digit postcode that a spreadsheet robbed of its leading zeros."""
CANDIDATES = 400
"""Most populous names that are compared with a misspelt one: bounds the time."""


class Gazetteer:
    """Immutable. Raises InputError, with the caller's `pointer`, where a text names no place."""

    def __init__(self, table: PlaceTable) -> None:
        self._table = table

    @classmethod
    def of(cls, rows: Iterable[PlaceRow], default_country: str) -> "Gazetteer":
        """`default_country` (alpha-2) is preferred where a text fits several countries."""
        return cls(PlaceTable(rows, default_country))

    def __len__(self) -> int:
        return len(self._table)

    def resolve(self, text: str, pointer: str = "near") -> Place:
        """The one place that `text` means.

        Coordinates; else a postcode (the default country's first); else the most populous city of that name.
        """
        plain = readable(text, pointer)
        point = coordinates(plain, pointer)
        if point is not None:
            return point
        words = name_words(plain)
        if not words:
            raise InputError(FieldFault(pointer, "Give a postcode, a city with its region, or latitude,longitude."))
        if len(words) > MOST_WORDS:
            self._unknown(plain, words, pointer)
        number = self._postcode(words, pointer)
        if number is None:
            number = self._city(words)
            self._no_area(plain, words, number, pointer)
        if number is None:
            self._unknown(plain, words, pointer)
        return self._table.place(number)

    def search(self, text: str, limit: int, pointer: str = "q") -> list[Place]:
        """Places that `text`, still being typed, may become: postcodes by number, cities by population."""
        plain = readable(text, pointer)
        words = name_words(plain)[: MOST_WORDS + 1]
        if not words or len(words) > MOST_WORDS or limit < 1:
            return []
        if looks_like_coordinates(plain):
            return self._only(plain, pointer)
        if any(letter.isdigit() for letter in plain):
            found = self._table.by_postcode.prefix("".join(words).upper())
            places = self._places(np.unique(found[: max(limit, CANDIDATES)]).tolist(), limit)
        else:
            places = self._places(self._typed(words), limit)
        return places or self._only(plain, pointer)

    def _only(self, text: str, pointer: str) -> list[Place]:
        try:
            return [self.resolve(text, pointer)]
        except InputError:
            return []

    def _places(self, numbers: Iterable[int], limit: int) -> list[Place]:
        """The first `limit` with different labels."""
        by_label: dict[str, Place] = {}
        for number in numbers:
            place = self._table.place(number)
            by_label.setdefault(place.label, place)
            if len(by_label) == limit:
                break
        return list(by_label.values())

    def _typed(self, words: list[str]) -> list[int]:
        """Cities whose name begins with all the words, or is the first ones while the others begin its region."""
        name = " ".join(words)
        found = set(np.unique(self._table.by_name.prefix(name))[:CANDIDATES].tolist())
        others = np.unique(self._table.by_alias.prefix(name))[:CANDIDATES].tolist()
        if len(name) >= ALIAS_LETTERS:
            found.update(n for n in others if self._table.population(n) >= FAMOUS_POPULATION)
        for size in range(len(words) - 1, 0, -1):
            key, rest = " ".join(words[:size]), words[size:]
            found.update(n for index in self._names for n in index.exact(key) if self._begins_area(n, rest))
        return sorted(found) + [n for n in others if n not in found]

    @property
    def _names(self) -> tuple[TextIndex, TextIndex]:
        return self._table.by_name, self._table.by_alias

    def _begins_area(self, number: int, words: list[str]) -> bool:
        area = self._table.area_words(number)
        return all(any(known.startswith(word) for known in area) for word in words)

    def _postcode(self, words: list[str], pointer: str) -> int | None:
        for code, hints in code_splits(words):
            agreeing = [number for number in self._with_code(code) if self._agrees(number, hints)]
            if agreeing:
                return self._one_country(agreeing, pointer)
        return None

    def _with_code(self, code: str) -> list[int]:
        table = self._table
        exact = table.by_postcode.exact(code)
        if exact:
            return exact
        for country, short in shortened(code):
            found = [number for number in table.by_postcode.exact(short) if table.country(number) == country]
            if found:
                return found
        return table.by_postcode.exact(code.zfill(5)) if code.isdigit() and len(code) in ZIP_LENGTHS else []

    def _agrees(self, number: int, hints: list[str]) -> bool:
        """Whether the words beside a postcode name its region, its country, itself or a city near it."""
        table = self._table
        left = [word for word in hints if word not in table.area_words(number)]
        if set(left) <= set(name_words(table.name(number))):
            return True
        here, country = table.point(number), table.country(number)
        cities = (n for index in self._names for n in index.exact(" ".join(left)) if table.country(n) == country)
        return any(distance_m(here, table.point(city)) <= SAME_TOWN_M for city in cities)

    def _one_country(self, numbers: list[int], pointer: str) -> int:
        """The default country's, or the only one. Raises InputError where other countries compete."""
        table = self._table
        for number in numbers:
            if table.country(number) == table.default_country:
                return number
        if len(numbers) > 1:
            labels = " or ".join(f"“{table.place(number).label}”" for number in numbers[:5])
            raise InputError(FieldFault(pointer, f"Several countries have this postcode: say {labels}."))
        return numbers[0]

    def _city(self, words: list[str]) -> int | None:
        """The longest beginning of `words` that is a city, all others naming its region or country."""
        for size in range(len(words), 0, -1):
            key, rest = " ".join(words[:size]), words[size:]
            own = self._inside(self._table.by_name.exact(key), rest)
            other = self._inside(self._table.by_alias.exact(key), rest)
            if own or other:
                return self._better(own, other)
        return None

    def _inside(self, numbers: list[int], words: list[str]) -> list[int]:
        """Those in the region or country that `words` name; the default country's regions before all others."""
        if not words:
            return numbers
        table, named = self._table, set(words)
        home = [n for n in numbers if table.country(n) == table.default_country and named <= table.region_words(n)]
        return home or [n for n in numbers if named <= table.area_words(n)]

    def _better(self, own: list[int], other: list[int]) -> int:
        """`own` bear the name, `other` have it as an alias; both from the most populous."""
        table = self._table
        if not own:
            return other[0]
        at_home = any(table.country(n) == table.default_country and table.population(n) for n in own)
        famous = max(FAMOUS_POPULATION, FAMOUS_TIMES * table.population(own[0]))
        return other[0] if other and not at_home and table.population(other[0]) >= famous else own[0]

    def _no_area(self, text: str, words: list[str], number: int | None, pointer: str) -> None:
        """Raises InputError where a region or a country is named, and not a city in it, nor a large one elsewhere."""
        table = self._table
        keys = {" ".join(words): None, " ".join(self._without_home(words)): None}
        first = next((found for key in keys if (found := table.first_in(key)) is not None), None)
        if first is None and number is None:
            first = table.first_in_region(words)
        if first is None or (number is not None and (table.same_area(first, number) or self._is_large(number, keys))):
            return
        advice = f"Name a town in it, such as “{table.place(first).label}”."
        raise InputError(FieldFault(pointer, f"“{text}” is a whole region or country. {advice}"))

    def _is_large(self, number: int, keys: Iterable[str]) -> bool:
        """Whether it is a large city with one of these for its own name."""
        own = name_keys(self._table.name(number)).intersection(keys)
        return bool(own) and self._table.population(number) >= LARGE_POPULATION

    def _without_home(self, words: list[str]) -> list[str]:
        """Without the default country's name behind them."""
        home = country_words().get(self._table.default_country, frozenset())
        size = len(words)
        while size > 1 and words[size - 1] in home:
            size -= 1
        return words[:size]

    def _unknown(self, text: str, words: list[str], pointer: str) -> NoReturn:
        shown = text if len(text) <= 60 else text[:59] + "…"
        close = self._close_to(text, words)
        advice = (
            f"Did you mean “{close}”?" if close else "Give a postcode, a city with its region, or latitude,longitude."
        )
        raise InputError(FieldFault(pointer, f"No place is known as “{shown}”. {advice}"))

    def _close_to(self, text: str, words: list[str]) -> str | None:
        """The label of the city whose name is spelt most like the part before the comma."""
        table = self._table
        key = name_key(text.partition(",")[0])
        rest = name_words(text.partition(",")[2])
        numbers = np.unique(table.by_name.prefix(key[:3]))[:CANDIDATES].tolist()
        for pool in (self._inside(numbers, rest), numbers):
            known: dict[str, int] = {}
            for number in pool:
                known.setdefault(name_key(table.name(number)), number)
            close = get_close_matches(key, known, n=len(known) or 1, cutoff=0.8)
            if close:
                return table.place(min(known[name] for name in close if _as_close(key, name, close[0]))).label
        without = [(number, hints) for code, hints in code_splits(words) for number in self._with_code(code)]
        named = [number for number, hints in without if set(hints) & table.region_words(number)]
        ends = (self._city(name_words(end)) for end in _ends(text))
        found = next((one for one in (*named, *ends, *(number for number, _ in without)) if one is not None), None)
        return None if found is None else table.place(found).label


def _as_close(key: str, name: str, closest: str) -> bool:
    """Whether a name is spelt as much like `key` as the closest one is."""
    return SequenceMatcher(None, name, key).ratio() >= SequenceMatcher(None, closest, key).ratio()


def _ends(text: str) -> Iterator[str]:
    """What stands behind each comma, the longest first: a town, where a street came before it."""
    _, comma, end = text.partition(",")
    while comma:
        yield end
        _, comma, end = end.partition(",")

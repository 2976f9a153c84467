"""Reading what people type for a place, before any gazetteer is asked."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from geo.point import Point
from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.domain.place import Place

LONGEST = 200
"""Characters; no place has a longer name."""
MOST_WORDS = 12

_NUMBER = r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:e[+-]?[0-9]{1,9})?|[+-]?nan|[+-]?inf(?:inity)?"
_COMMA_PAIR = re.compile(rf"\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*", re.IGNORECASE)
_SPACE_PAIR = re.compile(rf"\s*({_NUMBER})\s+({_NUMBER})\s*", re.IGNORECASE)
_LABEL = re.compile(r"\A\s*near\s+", re.IGNORECASE)
"""What stands before the numbers in the label of a point."""
_NO_POSTCODE = re.compile(r"[.+a-z]|^\s*-|\s-", re.IGNORECASE)
"""Two numbers with only a space between are coordinates if they show a fraction or a sign; else a postcode: 110 00."""


class _Short(NamedTuple):
    """Full postcodes of a country whose places are listed by a part of them: the first `keep` characters."""

    country: str
    full: re.Pattern[str]
    keep: slice


_SHORTENED = (
    _Short("US", re.compile(r"[0-9]{9}"), slice(5)),
    _Short("GB", re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}"), slice(-3)),
    _Short("CA", re.compile(r"[A-Z][0-9][A-Z][0-9][A-Z][0-9]"), slice(3)),
    _Short("NL", re.compile(r"[0-9]{4}[A-Z]{2}"), slice(4)),
    _Short("IE", re.compile(r"[A-Z][0-9][0-9W][0-9A-Z]{4}"), slice(3)),
)


def readable(text: str, pointer: str) -> str:
    """`text` without blanks around it. Raises InputError where it is no line of text or too long."""
    if len(text) > LONGEST:
        raise InputError(FieldFault(pointer, f"A place has at most {LONGEST} characters."))
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise InputError(FieldFault(pointer, "A place must not hold control characters or broken text."))
    return text.strip()


def looks_like_coordinates(text: str) -> bool:
    """Whether `text` is two numbers, on the globe or not."""
    return _pair(text) is not None


def coordinates(text: str, pointer: str) -> Place | None:
    """The point that "47.61,-122.33" or "47.61 -122.33" names; None: these are no two numbers.

    Raises InputError where they are, but lie on no globe.
    """
    pair = _pair(text)
    if pair is None:
        return None
    try:
        point = Point(float(pair[1]), float(pair[2]))
    except ValueError as error:
        raise InputError(FieldFault(pointer, f"Read as latitude, longitude: {error}.")) from None
    # adding 0.0 turns -0.0 into 0.0
    return Place(f"near {round(point.lat, 2) + 0.0:.2f}, {round(point.lon, 2) + 0.0:.2f}", point, "", "point")


def _pair(text: str) -> re.Match[str] | None:
    plain = _LABEL.sub("", text.replace("\N{MINUS SIGN}", "-"))
    pair = _COMMA_PAIR.fullmatch(plain)
    if pair is None and _NO_POSTCODE.search(plain):
        pair = _SPACE_PAIR.fullmatch(plain)
    return pair


def code_splits(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Every way to see a postcode of one to three words in `words`: its key and the other words, longest first."""
    for length in (3, 2, 1):
        for start in range(len(words) - length + 1):
            code = "".join(words[start : start + length]).upper()
            if code.isascii() and any(letter.isdigit() for letter in code):
                yield code, words[:start] + words[start + length :]


def shortened(code: str) -> Iterator[tuple[str, str]]:
    """Country and listed part of a full postcode: SW1A1AA gives (GB, SW1A), 981011234 gives (US, 98101)."""
    for short in _SHORTENED:
        if short.full.fullmatch(code):
            yield short.country, code[short.keep]

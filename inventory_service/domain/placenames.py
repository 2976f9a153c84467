"""Names of places: as rows to store, and as keys that forgive case, accents and punctuation."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

PlaceKind = Literal["postcode", "city"]

_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "'": "", "’": "", "ʼ": ""}
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_SHORT_WORDS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One postcode or city of a gazetteer; `origin` names the package or file that it came from.

    `country` is ISO 3166-1 alpha-2, `region` the short code of a state (may be empty), `lat`, `lon` degrees WGS84,
    `population` 0 where not known. `aliases` are other names of the same place, in any spelling.
    """

    country: str
    kind: PlaceKind
    name: str
    region: str
    region_name: str
    postcode: str
    lat: float
    lon: float
    population: int
    origin: str
    aliases: tuple[str, ...] = ()


def name_words(text: str) -> list[str]:
    """The words of `text`, folded: "St. Louis" and "saint louis" give the same, as do "Zürich" and "ZURICH"."""
    bare = text.casefold().translate(_PLAIN)
    if not bare.isascii():
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold()).translate(_PLAIN)
        bare = "".join([letter for letter in plain if not unicodedata.combining(letter)])
    return [_SHORT_WORDS.get(word, word) for word in _NO_WORD.split(bare) if word]


def name_key(text: str) -> str:
    """The folded words of `text`, one space between two."""
    return " ".join(name_words(text))


def name_keys(text: str) -> set[str]:
    """Every key that `text` should be found by: "München" by munchen and muenchen."""
    if text.isascii():
        return {name_key(text)} - {""}
    folded = unicodedata.normalize("NFC", text.casefold())
    return {name_key(folded), name_key(folded.translate(_GERMAN))} - {""}


def postcode_key(text: str) -> str:
    """Letters and digits only, upper case: "sw1a 1aa" gives SW1A1AA."""
    return "".join(letter for letter in text.upper() if letter.isalnum() and letter.isascii())

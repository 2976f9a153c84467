"""The named conversions of mapping files: text → text, applied to a value that is not empty."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from inventory_service.domain.gtin import GtinError, ndc_to_gtin
from store_sync.formats import places, values
from store_sync.formats.reasons import Unusable

Conversion = Callable[[str], str]
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+\Z")


@lru_cache(maxsize=4_096)
def _ndc(text: str) -> str:
    try:
        return ndc_to_gtin(text)
    except GtinError as error:
        raise Unusable("invalid_gtin", str(error)) from None


def collapse(text: str) -> str:
    """One space where any white space stood."""
    return " ".join(text.split())


def key(text: str) -> str:
    """One spelling of what people write in many."""
    return collapse(text).upper()


def from_slug(text: str) -> str:
    return text.replace("-", " ").replace("_", " ").title()


def decimal(text: str) -> str:
    """A number without the zeros that end its decimals."""
    return text.rstrip("0").rstrip(".") if _DECIMAL.match(text) else text


CONVERSIONS: Final[Mapping[str, Conversion]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "collapse": collapse,
    "key": key,
    "slug": places.slug,
    "from_slug": from_slug,
    "us_zip": places.us_zip,
    "us_zip5": places.us_zip5,
    "country": places.country,
    "gtin": values.gtin,
    "ndc": _ndc,
    "whole": lambda text: str(values.count(text)),
    "decimal": decimal,
}
"""By the name that a mapping uses; docs/FEEDS.md says what each does."""

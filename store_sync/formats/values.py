"""Text → values: what every format means by a count, a price, a time. Readers raise Unusable."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from inventory_service.domain.gtin import GtinError, parse_gtin
from inventory_service.domain.offer import Money, Pickup, SalePrice
from inventory_service.domain.stock import IN_STOCK, LIMITED, MAX_QUANTITY, NONE_LEFT, Stock
from store_sync.formats.reasons import Unusable

T = TypeVar("T")

MAX_CODE = 500
"""Characters of a store code or item id: well within what a Postgres index entry holds."""
MAX_TEXT = 500
MAX_URL = 2_000
MAX_AISLE_BYTES = 20
ORDER_IN_STORE = "on_display_to_order"
AVAILABILITY = {
    "in_stock": IN_STOCK,
    "limited_availability": LIMITED,
    ORDER_IN_STORE: NONE_LEFT,
    "out_of_stock": NONE_LEFT,
}
PICKUP_METHODS = {name: name for name in ("buy", "reserve", "ship_to_store", "not_supported")}
_SLAS = ("same_day", "next_day", "2_day", "3_day", "4_day", "5_day", "6_day", "multi_week")
PICKUP_SLAS = {name: name for name in _SLAS}
EARLIEST_YEAR = 1900
"""Years before it are slips of the pen (0216 for 2016); the loader has its own, later limit."""

_WHOLE = re.compile(r"[0-9]{1,12}(?:\.0{1,6})?\Z")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}\Z")
"""What is a thousand to whoever writes a point between thousands, and three decimals to others."""
THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies with three decimals (ISO 4217)."""
_SIGNED = re.compile(r"-[0-9]")
_BELOW_ZERO = re.compile(r"-\s*[0-9]")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_SEPARATORS = re.compile(r"[\s_-]+")
_UNIX = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,9})?\Z")
_BETWEEN_TIMES = re.compile(r"\s*[/,]\s*|\s+")


def read(field: str, reader: Callable[[str], T], text: str) -> T:
    """What `reader` makes of `text`; its fault then names `field`."""
    try:
        return reader(text)
    except Unusable as fault:
        raise fault.at(field) from None


def missing(field: str) -> Unusable:
    return Unusable("missing", f"{field} is empty.", field)


def count(text: str) -> int:
    """`17` and `22.0`; nothing that could be meant otherwise, such as `1,234` or `1.000`."""
    if _GROUPED.match(text):
        raise Unusable("invalid_number", _either(text, "pieces"))
    if _WHOLE.match(text):
        quantity = int(text.partition(".")[0])
        if quantity <= MAX_QUANTITY:
            return quantity
        raise Unusable("invalid_number", f"{text} is more than {MAX_QUANTITY}.")
    if _BELOW_ZERO.match(text):
        raise Unusable("negative", f"A shelf cannot hold {_quoted(text)} pieces.")
    raise Unusable("invalid_number", f"{_quoted(text)} is not a whole number of pieces.")


def pieces(text: str) -> int:
    """How many pieces moved: `2` and `2.0`, and `-1` for one that came back; never 0."""
    moved = -count(text[1:]) if _SIGNED.match(text) else count(text)
    if not moved:
        raise Unusable("invalid_number", "0 pieces are no movement.")
    return moved


def word(text: str) -> str:
    """A word of a fixed list in one spelling: lower case, one underscore where separators stood."""
    return _SEPARATORS.sub("_", text.strip().lower())


@lru_cache(maxsize=65_536)
def stock(availability: str, quantity: str) -> Stock:
    """What a row says of its shelf; either may be empty, and where they disagree the lower one holds."""
    if not availability:
        return Stock.exactly(read("quantity", count, quantity)) if quantity else _nothing_said()
    claimed = read("availability", _claimed, availability)
    return Stock.exactly(read("quantity", count, quantity)).lower_of(claimed) if quantity else claimed


def _claimed(availability: str) -> Stock:
    return one_of(AVAILABILITY, availability)


def one_of(words: "dict[str, T]", text: str) -> T:
    try:
        return words[word(text)]
    except KeyError:
        raise Unusable("invalid_value", f"{_quoted(text)} is none of {', '.join(words)}.") from None


def money(text: str) -> Money:
    """`29.99 USD`."""
    amount, _, currency = text.partition(" ")
    return price(amount, currency.strip())


@lru_cache(maxsize=65_536)
def price(amount: str, currency: str) -> Money:
    """An amount with a point for decimals, at most 4 of them, and an ISO 4217 code.

    Three decimals that may be thousands are taken in currencies that have three alone.
    """
    if _GROUPED.match(amount) and _CURRENCY.match(currency) and currency not in THOUSANDTHS:
        raise Unusable("invalid_price", _either(amount, currency))
    if _AMOUNT.match(amount) and _CURRENCY.match(currency):
        return Money(Decimal(amount), currency)
    given = _quoted(f"{amount} {currency}".strip())
    if _BELOW_ZERO.match(amount):
        raise Unusable("negative", f"A price cannot be {given}.")
    raise Unusable("invalid_price", f"{given} is not a price such as 29.99 USD.")


@lru_cache(maxsize=65_536)
def moment(text: str, zone: tzinfo = UTC) -> datetime:
    """An ISO 8601 time as aware UTC; one without an offset is meant in `zone`."""
    try:
        return in_utc(datetime.fromisoformat(text) if text.isascii() else _no_time(text), zone)
    except (ValueError, OverflowError):
        return _no_time(text)


def formatted_time(text: str, pattern: str, zone: tzinfo) -> datetime:
    """A time in strptime's `pattern` as aware UTC."""
    try:
        return in_utc(datetime.strptime(text, pattern), zone)  # noqa: DTZ007 -- in_utc gives it its zone
    except (ValueError, OverflowError):
        raise Unusable("invalid_time", f"{_quoted(text)} is not a time of the form {pattern}.") from None


def unix_time(text: str) -> datetime:
    """Seconds since 1970 as aware UTC."""
    if not _UNIX.match(text):
        raise Unusable("invalid_time", f"{_quoted(text)} is not a number of seconds since 1970.")
    return datetime.fromtimestamp(float(text), UTC)


def in_utc(stated: datetime, zone: tzinfo) -> datetime:
    """`stated` as aware UTC. Raises OverflowError at the calendar's ends, Unusable for years that cannot be meant."""
    if stated.year < EARLIEST_YEAR:
        raise Unusable("invalid_time", f"The year {stated.year:04} cannot be meant.")
    return (stated if stated.tzinfo else stated.replace(tzinfo=zone)).astimezone(UTC)


def sale_price(reduced: str, dates: str) -> SalePrice:
    """A price and the two times it is valid between (`/`, comma or space joins them); no times: always."""
    amount = read("sale_price", money, reduced)
    if not dates:
        return SalePrice(amount)
    starts_at, ends_at = read("sale_price_effective_date", _span, dates)
    return SalePrice(amount, starts_at, ends_at)


def _span(dates: str) -> tuple[datetime, datetime]:
    times = _BETWEEN_TIMES.split(dates)
    if len(times) != 2:
        raise Unusable("invalid_time", f"{_quoted(dates)} is not two times joined by /.")
    starts_at, ends_at = moment(times[0]), moment(times[1])
    if starts_at > ends_at:
        raise Unusable("invalid_time", "The sale ends before it begins.")
    return starts_at, ends_at


def pickup(method: str, sla: str) -> Pickup:
    """How a product is handed over, and how soon: a method other than `not supported` needs an SLA."""
    if not method:
        raise missing("pickup_method")
    how = read("pickup_method", lambda text: one_of(PICKUP_METHODS, text), method)
    if sla:
        return Pickup(how, read("pickup_sla", lambda text: one_of(PICKUP_SLAS, text), sla))
    if how != "not_supported":
        raise missing("pickup_sla")
    return Pickup(how)


def aisle(text: str) -> str:
    """Where in the store, in at most 20 bytes."""
    if len(text.encode()) > MAX_AISLE_BYTES:
        raise Unusable("too_long", f"{_quoted(text)} is longer than {MAX_AISLE_BYTES} bytes.")
    return text


def gtin(text: str) -> str:
    """14 digits."""
    try:
        return _gtin(text)
    except GtinError as error:
        raise Unusable("invalid_gtin", str(error)) from None


_gtin = lru_cache(maxsize=65_536)(parse_gtin)


def code(text: str) -> str:
    """A store code or item id: as it stands."""
    return _at_most(MAX_CODE, text)


def label(text: str) -> str:
    """A name for people, on one line."""
    return _at_most(MAX_TEXT, " ".join(text.split()))


def image_url(text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        raise Unusable("invalid_value", f"{_quoted(text)} is not a web address.")
    return _at_most(MAX_URL, text)


def _at_most(limit: int, text: str) -> str:
    if len(text) > limit:
        raise Unusable("too_long", f"{_quoted(text)} is longer than {limit} characters.")
    return text


def _nothing_said() -> Stock:
    raise Unusable("missing", "The row has neither a quantity nor an availability.", "quantity")


def _no_time(text: str) -> datetime:
    raise Unusable("invalid_time", f"{_quoted(text)} is not a time such as 2026-11-22T03:31:10Z.")


def _either(text: str, unit: str) -> str:
    """Of a number in which the point may stand before decimals or between thousands."""
    whole, _, decimals = text.partition(".")
    decimal = whole if not decimals.strip("0") else f"{whole}.{decimals.rstrip('0')}"
    return f"{_quoted(text)} may be {decimal} or {whole}{decimals} {unit}: write it without the three decimals."


def _quoted(text: str) -> str:
    return f"“{text[:60]}{'…' if len(text) > 60 else ''}”"

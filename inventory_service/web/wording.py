"""How instants, money and probabilities are written in answers."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

STEPS_IN_ONE = 20
"""Probabilities are public in steps of 0.05, so that a count cannot be read out of them."""

WHOLE_CURRENCIES = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
MIL_CURRENCIES = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


@lru_cache(maxsize=16_384)
def instant_text(moment: datetime) -> str:
    """UTC, whole seconds: 2026-11-22T03:40:12Z. `moment` is aware."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def point_label(lat: float, lon: float) -> str:
    """How a place is called that was given in degrees."""
    return f"{round(lat, 5)}, {round(lon, 5)}"


@lru_cache(maxsize=16_384)
def money_text(amount: Decimal, currency: str) -> str:
    """The amount as held, with at least the currency's usual decimals (ISO 4217): 29.90, 1500 for JPY."""
    decimals = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(decimals, _usual_decimals(currency))}f}"


def _usual_decimals(currency: str) -> int:
    if currency in WHOLE_CURRENCIES:
        return 0
    return 3 if currency in MIL_CURRENCIES else 2


@lru_cache(maxsize=4_096)
def public_probability(probability: float) -> float:
    """`probability` (0..1) to the nearest 0.05; a decimal tie goes to the even step."""
    steps = (Decimal(repr(probability)) * STEPS_IN_ONE).to_integral_value(ROUND_HALF_EVEN)
    return float(steps / STEPS_IN_ONE)

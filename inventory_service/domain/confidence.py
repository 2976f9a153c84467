"""How sure are we that the shelf has it now? A first, simple probability: chosen by hand, not calibrated.

The numbers and why they are what they are: docs/CONFIDENCE.md.
"""

from dataclasses import dataclass
from datetime import timedelta

from inventory_service.domain.shoppers import leaned
from inventory_service.domain.stock import LIMITED_AT_MOST, Availability, Stock

IGNORANCE = 0.5
"""What evidence fades to."""
HALF_LIVES_IN_HORIZON = 2
"""So a quarter of what the evidence said is left at the horizon, still on its own side of ignorance."""
COARSE_UP_TO = LIMITED_AT_MOST + 1
"""Up to this quantity anyone may ask, so the answer may not depend on counts beyond the band."""

GONE = 0.05
"""The evidence says that there are fewer than asked for."""
PLENTY = {1: 0.95, 2: 0.93, 3: 0.90}
"""At least three were there; by quantity asked for."""
FEW = {0: 0.90, 1: 0.85, 2: 0.80}
"""One or two were there: phantom stock is likelier on low counts."""
AT_LEAST_A_FEW = {0: 0.90, 1: 0.90, 2: 0.85}
"""At least one or two were there, and maybe more: somebody saw it."""
ENOUGH, LAST_PIECE_DOUBT = 0.90, 0.15
"""For quantities above three: what many spare pieces give, and what is taken off when there is none to spare."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`probability` lies in [0, 1] and is None exactly where the word is `unknown`."""

    availability: Availability
    probability: float | None


UNKNOWN = Judgement("unknown", None)


def judge(stock: Stock, age: timedelta, quantity: int, horizon: timedelta, leaning: int = 0) -> Judgement:
    """The word and the probability that `quantity` (≥ 1) pieces are there, `age` after the evidence.

    `horizon` (> 0) is the age beyond which this source's silence makes everything unknown. A negative age counts as
    none. Evidence that speaks neither for nor against so many pieces gives `unknown` as well. `leaning`: what shoppers
    say, in hundredths of log-odds; it moves the probability, never the word.
    """
    if age > horizon:
        return UNKNOWN
    fresh = fresh_probability(stock, quantity)
    word = _word(stock, quantity, fresh)
    return UNKNOWN if word == "unknown" else Judgement(word, leaned(_faded(fresh, age / horizon), leaning))


def fresh_probability(stock: Stock, quantity: int) -> float:
    """The probability of at least `quantity` pieces in the moment of the evidence; never grows with `quantity`."""
    if quantity <= COARSE_UP_TO:
        return _at_least(_coarse(stock), quantity)
    return min(_at_least(_coarse(stock), COARSE_UP_TO), _at_least(stock, quantity))


def _word(stock: Stock, quantity: int, fresh: float) -> Availability:
    if stock.high is not None and stock.high < quantity:
        return "out_of_stock"
    if stock.low >= quantity:
        return "in_stock" if stock.low > LIMITED_AT_MOST else "limited_availability"
    return "limited_availability" if fresh >= IGNORANCE else "unknown"


def _faded(fresh: float, share_of_horizon: float) -> float:
    left: float = 2.0 ** (-HALF_LIVES_IN_HORIZON * max(share_of_horizon, 0.0))
    return IGNORANCE + (fresh - IGNORANCE) * left


def _coarse(stock: Stock) -> Stock:
    """The same statement without any count beyond the band."""
    high = None if stock.high is None or stock.high >= COARSE_UP_TO else stock.high
    return Stock(min(stock.low, COARSE_UP_TO), high)


def _at_least(stock: Stock, quantity: int) -> float:
    if stock.high is not None and stock.high < quantity:
        return GONE
    if stock.low >= quantity:
        return _promised(stock, quantity)
    return max(GONE, _promised(stock, stock.low) * _tail(stock, quantity))


def _promised(stock: Stock, quantity: int) -> float:
    """For quantities that the statement itself promises."""
    if quantity > COARSE_UP_TO:
        return ENOUGH - LAST_PIECE_DOUBT * 2.0 ** (quantity - stock.low)
    if stock.low >= COARSE_UP_TO:
        return PLENTY[quantity]
    few = stock.high is not None and stock.high <= LIMITED_AT_MOST
    return FEW[quantity] if few else AT_LEAST_A_FEW[quantity]


def _tail(stock: Stock, quantity: int) -> float:
    """The share of a promise that is left for quantities above `low`, which the statement leaves open.

    Every count up to `high` equally likely, with one more step at the end (Laplace's rule of succession); without an
    upper bound the heavy tail P(count ≥ n) ~ 1/(n + 1).
    """
    if stock.high is None:
        return (stock.low + 1) / (quantity + 1)
    return (stock.high - quantity + 2) / (stock.high - stock.low + 2)

"""Why a word and a probability came out: the model's own steps as sentences.

The one place that tells how the model of confidence.py reckons; what takes that model's place tells its own steps here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.confidence import (
    HALF_LIVES_IN_HORIZON,
    IGNORANCE,
    Judgement,
    fresh_probability,
    judge,
)
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a judgement stands on: a level of a retailer's product and store, seen from the whole minute `at`.

    `covered`: when each source had last told of the whole store, by source id.
    """

    product_id: int
    store_id: int
    retailer_id: int
    level: Level
    covered: Mapping[int, datetime]
    at: datetime
    quantity: int
    horizon: timedelta


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A judgement and how it came about, a sentence a step.

    `heard_at`: the newest that stood by the level; an `age` beyond the `horizon` makes everything unknown.
    """

    judgement: Judgement
    heard_at: datetime
    age: timedelta
    horizon: timedelta
    steps: tuple[str, ...]


def reasoned(grounds: Grounds) -> Reasoned:
    """Judges as answers do, and says why."""
    level = grounds.level
    heard_at = max(level.covered_at, grounds.covered.get(level.source_id, level.covered_at))
    age = max(grounds.at - heard_at, timedelta(0))
    judgement = judge(level.stock, age, grounds.quantity, grounds.horizon)
    steps = (_aged(age, grounds.horizon), *_weighed(grounds, age, judgement))
    return Reasoned(judgement, heard_at, age, grounds.horizon, steps)


def pieces(stock: Stock) -> str:
    """A range of counts in words."""
    if stock.quantity is not None:
        return "none" if stock.quantity == 0 else f"{stock.quantity} {_noun(stock.quantity)}"
    if stock.high is not None:
        return f"{stock.low} to {stock.high} pieces"
    return "a count that nobody told" if stock.low == 0 else f"at least {stock.low} {_noun(stock.low)}"


def _noun(count: int) -> str:
    return "piece" if count == 1 else "pieces"


def _aged(age: timedelta, horizon: timedelta) -> str:
    return (
        f"Nothing had been heard for {span(age)}, which is {age / horizon:.2%} of the {span(horizon)} after which "
        "silence makes everything unknown."
    )


def _weighed(grounds: Grounds, age: timedelta, judgement: Judgement) -> tuple[str, ...]:
    if age > grounds.horizon:
        return ("That is longer than the horizon: the word is unknown, and there is no probability.",)
    stock, quantity = grounds.level.stock, grounds.quantity
    fresh = fresh_probability(stock, quantity)
    asked = f"at least {quantity} {_noun(quantity)} {'is' if quantity == 1 else 'are'} there"
    worth = f"Fresh evidence of {pieces(stock)} is worth a probability of {fresh:.4f} that {asked}."
    if judgement.probability is None:
        return (worth, "That speaks neither for nor against so many: the word is unknown, and there is no probability.")
    left = 2.0 ** (-HALF_LIVES_IN_HORIZON * (age / grounds.horizon))
    return (
        worth,
        f"It fades towards {IGNORANCE}, which is ignorance: at this age {left:.4f} of what it says is left, so that "
        f"{IGNORANCE} + ({fresh:.4f} - {IGNORANCE}) x {left:.4f} = {judgement.probability:.4f}.",
        f"The word follows from the count alone: {judgement.availability}.",
    )


def span(age: timedelta) -> str:
    """A length of time in its two largest units: `2 days 3 h`, `14 min`, `0 min`."""
    minutes = int(age.total_seconds()) // 60
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (left, "min")]
    told = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(told) or "0 min"

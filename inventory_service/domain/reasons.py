"""Why a word and a probability came out: the model's own steps as sentences.

The one place that tells how the model of domain/belief reckons; what takes that model's place tells its own steps here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.learned import Learned
from inventory_service.domain.belief.pace import DAY_S, UNKNOWN_PACE, per_day
from inventory_service.domain.belief.verdict import USUAL_THRESHOLDS, Judgement
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
    learned: Learned


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
    heard_at = grounds.learned.heard_at(grounds.level, grounds.covered)
    basis = grounds.learned.basis(grounds.product_id, grounds.store_id, grounds.level, heard_at, grounds.at)
    judgement = grounds.learned.judge(basis, grounds.quantity, grounds.retailer_id)
    age, horizon = max(grounds.at - heard_at, timedelta(0)), timedelta(seconds=basis.traits.horizon_s)
    steps = (_aged(age, horizon), *_weighed(grounds, basis, judgement))
    return Reasoned(judgement, heard_at, age, horizon, steps)


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


def _weighed(grounds: Grounds, basis: Basis, judgement: Judgement) -> Iterator[str]:
    if basis.silent_s > basis.traits.horizon_s:
        yield "That is longer than the horizon: the word is unknown, and there is no probability."
        return
    model, quantity = grounds.learned.model, grounds.quantity
    news = replace(basis, still_s=0.0, silent_s=0.0, leaning=0.0)
    quiet, silent = replace(news, still_s=basis.still_s), replace(basis, leaning=0.0)
    asked = f"at least {quantity} {_noun(quantity)} {'is' if quantity == 1 else 'are'} there"
    who = "somebody of the staff saw" if basis.anchor == "confirmation" else "a record told of"
    yield f"When {who} {pieces(basis.stock)}, the probability that {asked} was {model.probability(news, quantity):.4f}."
    if basis.still_s > 0:
        yield (
            f"Its source was heard for {_span(basis.still_s)} without news of it, while {_due(grounds, basis.still_s)}:"
            f" that left {model.probability(quiet, quantity):.4f}."
        )
    yield (
        f"Since then {_due(grounds, max(basis.silent_s, 0.0))} unheard, and what was told fades towards"
        f" {basis.traits.base[min(quantity, 3) - 1]:.2f}, which shelves of this source hold in general:"
        f" {model.probability(silent, quantity):.4f}."
    )
    if basis.leaning:
        yield f"Shoppers' words add {basis.leaning:+.2f} to the log-odds: {model.probability(basis, quantity):.4f}."
    yield _worded(grounds, judgement)


def _due(grounds: Grounds, seconds: float) -> str:
    pace = grounds.learned.pace_of(grounds.product_id)
    usual = grounds.learned.model.parameters.constants.unknown_per_day
    rate = usual if pace == UNKNOWN_PACE else per_day(pace)
    return f"{rate * seconds / DAY_S:.2f} sales were due at {rate:.2f} a day"


def _worded(grounds: Grounds, judgement: Judgement) -> str:
    limits = grounds.learned.thresholds.get(grounds.retailer_id, USUAL_THRESHOLDS)
    return (
        f"The word is out_of_stock where that was at most {limits.surely_not:g} when it was told and is below"
        f" {limits.likely:g} now; from {limits.likely:g} on then and now limited_availability or, where three or more"
        f" are held, from {limits.plenty:g} on in_stock; else unknown: {judgement.availability}."
    )


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))


def span(age: timedelta) -> str:
    """A length of time in its two largest units: `2 days 3 h`, `14 min`, `0 min`."""
    minutes = int(age.total_seconds()) // 60
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (left, "min")]
    told = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(told) or "0 min"

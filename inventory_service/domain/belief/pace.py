"""How fast a position sells: a rate out of sales and time, pooled where its own data are thin, as one of 32 classes."""

import math
from dataclasses import dataclass

CLASSES = 33
"""Class 0 is `not known`; 1 to 32 are rates on a logarithmic scale."""
UNKNOWN_PACE = 0
SLOWEST_PER_DAY, FASTEST_PER_DAY = 0.01, 100.0
STEP = (FASTEST_PER_DAY / SLOWEST_PER_DAY) ** (1 / (CLASSES - 2))
"""From one class to the next; a rate is at most half a step, 16 %, away from its class."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A Gamma-distributed rate: its mean `per_day`, and `shape`, the sales that knowing it so well is worth.

    `lump`: so many pieces sell together as tell what one sale tells of pieces that sell one by one: Var ÷ mean.
    """

    per_day: float
    shape: float
    lump: float = 1.0

    def after(self, sold: float, exposed_days: float) -> "Rate":
        """Having sold `sold` pieces in `exposed_days` days with stock: Gamma is conjugate to Poisson.

        What sells in lumps tells less, by as much as it varies more (Wedderburn, quasi-likelihood, 1974).
        """
        shape = self.shape + sold / self.lump
        return Rate(shape / (self.shape / self.per_day + exposed_days / self.lump), shape, self.lump)

    def scaled(self, factor: float) -> "Rate":
        return Rate(self.per_day * factor, self.shape, self.lump)


def class_of(per_day: float) -> int:
    """The class, 1 to 32, nearest to so many sales a day (> 0)."""
    place = math.log(max(per_day, SLOWEST_PER_DAY) / SLOWEST_PER_DAY) / math.log(STEP)
    return 1 + min(round(place), CLASSES - 2)


def per_day(pace: int) -> float:
    """Sales a day of a class from 1 to 32."""
    return float(SLOWEST_PER_DAY * STEP ** (pace - 1))


MATCHED_IF_THIN, MATCHED_IF_SURE = 0.2, 0.05
"""Rates known less, or better, than usual are told as the class that says the same where P(no sale) is this."""

THINNEST = 0.1
"""A rate is taken to be known at least as well as this shape says."""


def told_as(rate: Rate, known_shape: float) -> int:
    """The class of a rate, which the model takes to be known as well as `known_shape` says.

    One that is known less well is told as slower, one that is known better as faster.
    """
    chance = MATCHED_IF_THIN if rate.shape < known_shape else MATCHED_IF_SURE
    return class_of(rate.per_day * _until(chance, known_shape) / _until(chance, rate.shape))


def _until(chance: float, shape: float) -> float:
    """Sales due, by a rate of this shape, until P(no sale) has fallen to `chance`."""
    known = max(shape, THINNEST)
    return known * math.expm1(-math.log(chance) / known)

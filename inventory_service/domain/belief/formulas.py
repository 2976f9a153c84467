"""The closed forms: what silence of the till, demand and time do to a probability. Numbers or arrays alike."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LOWEST_RATE, HIGHEST_RATE, RATES = 0.003, 12.0, 20
"""The grid of rates, over their mean."""
Numbers = npt.NDArray[np.float64]
LARGEST_SUM = 256
"""A negative binomial further out than this is read at the same share of its mean."""


def no_sale(expected: Numbers | float, shape: float) -> Numbers:
    """P(no sale) where `expected` pieces were due: Poisson, its rate Gamma-distributed about the mean."""
    return np.asarray((1.0 + np.asarray(expected) / shape) ** -shape)


def rates_about(mean: Numbers | float, shape: float) -> tuple[Numbers, Numbers]:
    """Rates on a logarithmic grid, the last axis, and P(each), where they are Gamma-distributed about `mean`."""
    steps = np.linspace(math.log(LOWEST_RATE) / min(shape, 1.0), math.log(HIGHEST_RATE), RATES)
    density = np.exp(shape * (steps - np.exp(steps)))
    return np.asarray(mean)[..., None] * np.exp(steps), density / density.sum()


class Quiet(NamedTuple):
    """Masses of an empty shelf and one with stock after a while without a sale, by what it was at first.

    A mass is a joint probability: of being so, and of no sale until then.
    """

    empty_of_empty: Numbers
    stocked_of_empty: Numbers
    empty_of_stocked: Numbers
    stocked_of_stocked: Numbers


def quiet(days: Numbers, per_day: Numbers, shape: float, vanish: float, recover: float) -> Quiet:
    """After `days` in which sales at rates about `per_day` would have been told.

    Stock is lost unseen at the rate `vanish`, and put back unseen at the rate `recover`, both a day: for each rate the
    exponential of a matrix of two states, then the mean over rates. `days` and `per_day` broadcast.
    """
    rates, shares = rates_about(per_day, shape)
    time = np.asarray(days)[..., None]
    middle = -(recover + vanish + rates) / 2.0
    half = (vanish + rates - recover) / 2.0
    root = np.sqrt(half**2 + vanish * recover)
    slow, fast = np.exp((middle + root) * time), np.exp((middle - root) * time)
    even, odd = (slow + fast) / 2.0, (slow - fast) / 2.0 / root
    return Quiet(
        (even + odd * half) @ shares,
        (odd * recover) @ shares,
        (odd * vanish) @ shares,
        (even - odd * half) @ shares,
    )


def some_left(empty_at_first: Numbers | float, after: Quiet) -> Numbers:
    """P(some on the shelf) given that there was no sale."""
    full_at_first = 1.0 - np.asarray(empty_at_first)
    stocked = empty_at_first * after.stocked_of_empty + full_at_first * after.stocked_of_stocked
    empty = empty_at_first * after.empty_of_empty + full_at_first * after.empty_of_stocked
    return np.asarray(stocked / (stocked + empty))


def sold_at_most(most: npt.NDArray[np.int64], expected: Numbers, shape: float) -> Numbers:
    """P(at most `most` pieces sold) where `expected` were due: negative binomial; 0 for a negative `most`."""
    scale = np.maximum(1.0, most / LARGEST_SUM)
    bound, mean = np.floor(most / scale), expected / scale
    term = np.broadcast_to(no_sale(mean, shape), np.broadcast(bound, mean).shape).copy()
    total, ratio = np.where(bound >= 0, term, 0.0), mean / (mean + shape)
    for sold in range(int(bound.max(initial=0))):
        term *= ratio * (shape + sold) / (sold + 1)
        total += np.where(bound > sold, term, 0.0)
    return np.minimum(total, 1.0)


def kept(share_of_horizon: Numbers | float) -> Numbers:
    """What is left of the evidence: a quarter at the horizon."""
    return np.asarray(2.0 ** (-2.0 * np.maximum(share_of_horizon, 0.0)))

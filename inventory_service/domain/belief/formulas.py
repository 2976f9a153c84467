"""The closed forms: what silence of the till, demand and time do to a probability. Numbers or arrays alike."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
LARGEST_SUM = 256
"""A negative binomial further out than this is read at the same share of its mean."""


def no_sale(expected: Numbers | float, shape: float) -> Numbers:
    """P(no sale) where `expected` pieces were due: Poisson, its rate Gamma-distributed about the mean."""
    return np.asarray((1.0 + np.asarray(expected) / shape) ** -shape)


def lull(expected: Numbers | float, shape: float) -> Numbers:
    """The integral of `no_sale` from 0 to `expected`: how long, in sales due, a quiet shelf was not yet quiet."""
    near_one = 1e-6 if abs(shape - 1.0) < 1e-6 else 0.0
    power = 1.0 - shape - near_one
    return np.asarray(np.expm1(power * np.log1p(np.asarray(expected) / shape)) * shape / power)


def empty_odds(at_news: Numbers | float, vanishing: Numbers | float, quiet: Numbers, lulled: Numbers) -> Numbers:
    """Odds of an empty shelf that its record says holds pieces.

    `at_news` are those when the record was news; `vanishing` is the hazard of losing all of it, for each sale due.
    """
    return np.asarray((at_news + vanishing * lulled) / quiet)


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

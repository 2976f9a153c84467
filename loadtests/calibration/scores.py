"""Scores of probabilities against what came true."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
BINS = 10
SURE = 1e-3
"""Log loss takes no probability for surer than this."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts between `low` and `high`: their mean, how often it came true, and how many there are."""

    low: float
    high: float
    predicted: float
    observed: float
    number: int


def brier(likely: Numbers, found: Numbers) -> float:
    return float(((likely - found) ** 2).mean())


def log_loss(likely: Numbers, found: Numbers) -> float:
    sure = np.clip(likely, SURE, 1.0 - SURE)
    return float(-(found * np.log(sure) + (1.0 - found) * np.log(1.0 - sure)).mean())


def reliability(likely: Numbers, found: Numbers) -> Sequence[Bin]:
    """Ten bins of equal width; empty ones are left out."""
    place = np.minimum((likely * BINS).astype(np.int64), BINS - 1)
    return [
        Bin(one / BINS, (one + 1) / BINS, float(likely[mine].mean()), float(found[mine].mean()), int(mine.sum()))
        for one in range(BINS)
        if (mine := place == one).any()
    ]


def ece(likely: Numbers, found: Numbers) -> float:
    """Expected calibration error: the bins' mean distance of forecast and outcome, weighted by number."""
    return sum(one.number * abs(one.predicted - one.observed) for one in reliability(likely, found)) / len(likely)

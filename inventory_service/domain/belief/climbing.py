"""Fisher scoring: the most probable parameters of yes-or-no outcomes, under Gaussian priors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inventory_service.domain.belief.formulas import Numbers

STEP = 1e-3
ROUNDS, HALVINGS = 12, 5
ENOUGH = 0.05
"""A round that moves no parameter by more than this share of its prior's spread is the last."""
SURE = 1e-4
"""No outcome is taken to be surer than this."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of each row, 0 or 1, and how much it weighs."""

    found: Numbers
    weight: Numbers


def most_probable(forecast: Callable[[Numbers], Numbers], start: Numbers, spread: Numbers, seen: Outcomes) -> Numbers:
    """Parameters about `start`, with prior standard deviations `spread`, that `seen` makes most probable.

    `forecast` gives P(1) for each row by parameters.
    """
    at, worth = start.copy(), _worth(forecast(start), start, start, spread, seen)
    for _ in range(ROUNDS):
        step = _step(forecast, at, start, spread, seen)
        at, worth, moved = _ascended(forecast, at, step, worth, start, spread, seen)
        if moved < ENOUGH:
            break
    return at


def _ascended(
    forecast: Callable[[Numbers], Numbers],
    at: Numbers,
    step: Numbers,
    worth: float,
    start: Numbers,
    spread: Numbers,
    seen: Outcomes,
) -> tuple[Numbers, float, float]:
    """The step, halved until it is one upwards; how far it went, in spreads."""
    for _ in range(HALVINGS):
        tried = at + step
        found = _worth(forecast(tried), tried, start, spread, seen)
        if found > worth:
            return tried, found, float(np.abs(step / spread).max())
        step = step / 2.0
    return at, worth, 0.0


def _step(
    forecast: Callable[[Numbers], Numbers], at: Numbers, start: Numbers, spread: Numbers, seen: Outcomes
) -> Numbers:
    likely = np.clip(forecast(at), SURE, 1.0 - SURE)
    moved = [at + STEP * unit for unit in np.eye(len(at))]
    slope = np.stack([(forecast(one) - likely) / STEP for one in moved], axis=1)
    certainty = seen.weight / (likely * (1.0 - likely))
    gradient = slope.T @ (certainty * (seen.found - likely)) - (at - start) / spread**2
    information = (slope * certainty[:, None]).T @ slope + np.diag(1.0 / spread**2)
    return np.asarray(np.clip(np.linalg.solve(information, gradient), -spread, spread))


def _worth(likely: Numbers, at: Numbers, start: Numbers, spread: Numbers, seen: Outcomes) -> float:
    """Log posterior, up to a constant."""
    sure = np.clip(likely, SURE, 1.0 - SURE)
    told = seen.weight * (seen.found * np.log(sure) + (1.0 - seen.found) * np.log1p(-sure))
    return float(told.sum() - 0.5 * (((at - start) / spread) ** 2).sum())

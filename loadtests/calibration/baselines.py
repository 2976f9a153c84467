"""What the model is measured beside: the record as it is, and the record faded with age. Their constants are fitted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loadtests.calibration.scores import Numbers, brier

Claims = npt.NDArray[np.int64]
"""By question: 0 the record says fewer, 1 it leaves it open, 2 it says enough."""
HALF_LIVES_DAYS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 1000.0)
STILL_SHARES = (0.0, 0.1, 0.5, 1.0)
"""How much of the time since the news, in which the source was heard, counts as age."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions in columns: what the record claims, how long it stood still, and how long it was silent."""

    claims: Claims
    still_s: Numbers
    silent_s: Numbers


@dataclass(frozen=True, slots=True)
class Record:
    """One probability for each claim: how often it was true in the training worlds."""

    by_claim: Numbers

    @classmethod
    def fitted(cls, asked: Asked, found: Numbers) -> "Record":
        return cls(np.array([_mean(found[asked.claims == claim]) for claim in range(3)]))

    def forecast(self, asked: Asked) -> Numbers:
        return np.asarray(self.by_claim[asked.claims])


@dataclass(frozen=True, slots=True)
class Faded:
    """The same, drawn towards `base` by half after each half-life."""

    by_claim: Numbers
    base: float
    half_life_days: float
    still_share: float

    @classmethod
    def fitted(cls, asked: Asked, found: Numbers) -> "Faded":
        """The best of all half-lives and ages; for each, the best constants by least squares."""
        tried = [cls._solved(asked, found, *one) for one in _grid()]
        return min(tried, key=lambda one: brier(one.forecast(asked), found))

    @classmethod
    def _solved(cls, asked: Asked, found: Numbers, half_life_days: float, still_share: float) -> "Faded":
        left = _left(asked, half_life_days, still_share)
        columns = [left * (asked.claims == claim) for claim in range(3)] + [1.0 - left]
        ridge = 1e-6 * np.eye(4)
        design = np.stack(columns, axis=1)
        *by_claim, base = np.linalg.solve(design.T @ design + ridge, design.T @ found)
        return cls(np.array(by_claim), float(base), half_life_days, still_share)

    def forecast(self, asked: Asked) -> Numbers:
        left = _left(asked, self.half_life_days, self.still_share)
        return np.clip(self.base + (self.by_claim[asked.claims] - self.base) * left, 0.0, 1.0)


def _grid() -> list[tuple[float, float]]:
    return [(half_life, share) for half_life in HALF_LIVES_DAYS for share in STILL_SHARES]


def _left(asked: Asked, half_life_days: float, still_share: float) -> Numbers:
    return np.asarray(2.0 ** (-(asked.silent_s + still_share * asked.still_s) / DAY_S / half_life_days))


def _mean(found: Numbers) -> float:
    return float((found.sum() + 0.5) / (len(found) + 1.0))

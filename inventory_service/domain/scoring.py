"""How right forecasts turned out to be: Brier score, calibration and a reliability table, out of tallies by bin."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BINS = 10
"""Tenths of the way from 0 to 1; the last one holds 1 as well."""
ENOUGH = 30
"""Fewer forecasts give no score: it would tell more of chance than of us."""
DECIMALS = 4
"""A probability is put into its bin as rounded to this: 0.7 kept in four bytes is 0.69999999."""
TWO_SIDED_95 = 1.959963984540054
UNDECIDED = 0.5


@dataclass(frozen=True, slots=True)
class Tally:
    """Forecasts added up. `predicted`: their probabilities; `seen`: how often it was there.

    `squared`, `squared_of_record`: squared errors of the forecasts, and of the record taken at its word.
    """

    count: int = 0
    predicted: float = 0.0
    seen: int = 0
    squared: float = 0.0
    squared_of_record: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.count + other.count,
            self.predicted + other.predicted,
            self.seen + other.seen,
            self.squared + other.squared,
            self.squared_of_record + other.squared_of_record,
        )


@dataclass(frozen=True, slots=True)
class Bin:
    """One line of the reliability table: forecasts from `low` up to `high`, and how often it was there.

    `observed_low` to `observed_high` is Wilson's interval: 95 % of such intervals hold the true share.
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


@dataclass(frozen=True, slots=True)
class Score:
    """All between 0 and 1, and lower is better, but `seen`: the share that was there.

    `ece` is the expected calibration error: how far the observed share lies from what was predicted, weighed by bin.
    """

    count: int
    seen: float
    brier: float
    brier_of_record: float
    ece: float
    table: tuple[Bin, ...]
    """Without the bins into which no forecast fell."""


def bin_of(probability: float) -> int:
    """0 to BINS - 1, for a probability in [0, 1]."""
    return min(int(round(probability, DECIMALS) * BINS), BINS - 1)


def tally_of(probability: float, record: float, *, there: bool) -> Tally:
    """One forecast beside what the record said (`record_says`)."""
    truth = float(there)
    return Tally(1, probability, int(there), (probability - truth) ** 2, (record - truth) ** 2)


def record_says(low: int | None, high: int | None) -> float:
    """The probability of at least one piece for who takes a range of counts at its word; (0, None) says nothing."""
    if low:
        return 1.0
    return 0.0 if high == 0 else UNDECIDED


def added(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, start=Tally())


def score(by_bin: Mapping[int, Tally]) -> Score | None:
    """None where there are fewer than ENOUGH forecasts."""
    total = added(by_bin.values())
    if total.count < ENOUGH:
        return None
    table = tuple(_line(place, by_bin[place]) for place in sorted(by_bin) if by_bin[place].count)
    return Score(
        count=total.count,
        seen=total.seen / total.count,
        brier=total.squared / total.count,
        brier_of_record=total.squared_of_record / total.count,
        ece=sum(line.count * abs(line.observed - line.predicted) for line in table) / total.count,
        table=table,
    )


def wilson(seen: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share, `seen` of `count` (≥ 1), which holds that share whatever rounding does."""
    share, spread = seen / count, TWO_SIDED_95**2 / count
    middle = share + spread / 2
    reach = math.sqrt(spread * (share * (1 - share) + spread / 4))
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return min(share, max(0.0, low)), max(share, min(1.0, high))


def _line(place: int, tally: Tally) -> Bin:
    return Bin(
        place / BINS,
        (place + 1) / BINS,
        tally.count,
        tally.predicted / tally.count,
        tally.seen / tally.count,
        *wilson(tally.seen, tally.count),
    )

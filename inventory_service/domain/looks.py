"""What staff's looks at shelves say of our answers, by day: which of them are judged, and what they come to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from inventory_service.domain.scoring import ENOUGH, Score, Tally, added, score

Fate = Literal["judged", "unknown", "repeated", "late", "undone"]
"""What becomes of a look; only those that are `judged` are scored.

`unknown`: we gave no probability. `repeated`: staff had looked less than SOON before. `late`: told SOON after it was
seen or later, when we may have known better. `undone`: taken back.
"""
FATES: tuple[Fate, ...] = get_args(Fate)
PERIODS = (7, 30, 90)
"""Days, today's included, by UTC."""
LONGEST = max(PERIODS)
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Looks:
    """Confirmations of one day that had one fate and, where judged, whose forecasts fell into one bin (else 0).

    `is_cut`: of some store no older ones were looked at, since there are too many.
    """

    day: date
    fate: Fate
    is_simulated: bool
    bin: int
    tally: Tally
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """How many confirmations came in on a day, and how many of them are judged."""

    day: date
    confirmations: int
    judged: int


@dataclass(frozen=True, slots=True)
class Period:
    """What a number of days up to today come to; `fates`: how many confirmations had each.

    The demo's confirmations count only where there are no others: `is_simulated`, else they are `left_out`.
    """

    days: int
    since: date
    """Later than asked for where there were more confirmations than are looked at."""
    is_simulated: bool
    left_out: int
    fates: dict[Fate, int]
    unknown_seen: int
    """How often it was there where we had said `unknown`."""
    by_day: tuple[Day, ...]
    score: Score | None

    @property
    def why_no_score(self) -> str | None:
        if self.score is not None:
            return None
        return (
            f"Too few confirmations to judge by: {self.fates['judged']} in {self.days} days, and {ENOUGH} are needed. "
            "A score of fewer would tell more of chance than of the answers."
        )


def period(looks: Sequence[Looks], days: int, today: date) -> Period:
    """The last `days` days, out of what is known of them all; none that is known in part, but today."""
    cut = max((one.day + timedelta(days=1) for one in looks if one.is_cut), default=date.min)
    since = min(today, max(today - timedelta(days=days - 1), cut))
    within = [one for one in looks if one.day >= since]
    counted = [one for one in within if not one.is_simulated] or within
    tallies = {fate: added(one.tally for one in counted if one.fate == fate) for fate in FATES}
    return Period(
        days=days,
        since=since,
        is_simulated=any(one.is_simulated for one in counted),
        left_out=added(one.tally for one in within).count - added(one.tally for one in counted).count,
        fates={fate: tally.count for fate, tally in tallies.items()},
        unknown_seen=tallies["unknown"].seen,
        by_day=_by_day(counted, since, today),
        score=score(_by_bin(counted)),
    )


def _by_bin(looks: Sequence[Looks]) -> dict[int, Tally]:
    bins: dict[int, Tally] = defaultdict(Tally)
    for one in looks:
        if one.fate == "judged":
            bins[one.bin] += one.tally
    return bins


def _by_day(looks: Sequence[Looks], since: date, today: date) -> tuple[Day, ...]:
    """Every day, those without any too."""
    every: dict[date, int] = defaultdict(int)
    judged: dict[date, int] = defaultdict(int)
    for one in looks:
        every[one.day] += one.tally.count
        judged[one.day] += one.tally.count if one.fate == "judged" else 0
    dates = (since + timedelta(days=place) for place in range((today - since).days + 1))
    return tuple(Day(day, every[day], judged[day]) for day in dates)

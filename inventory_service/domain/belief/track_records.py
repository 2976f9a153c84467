"""A source's track record: how fast its facts go stale, how far it lags, how often its shelves are empty."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.belief.basis import Traits
from inventory_service.domain.belief.gathering import Sales
from inventory_service.domain.belief.histories import Histories
from inventory_service.domain.belief.pace import DAY_S

SHORTEST_S, LONGEST_S = 3_600.0, 45 * DAY_S
"""Bounds of a horizon."""
TURNS = 5.0
"""Turns, from stock to none or back, that what is known of all sources is worth beside a source's own."""
SURE_OF_NEWS = 4.0
"""A gap without any news is a lag from this many expected news on."""
LEAST_SOLD_PER_DAY = 2.0
"""Stores that sell less tell nothing about lag."""


@dataclass(frozen=True, slots=True)
class Turnover:
    """How often records turn, a day: from stock to none, and back."""

    sold_out_per_day: float
    restocked_per_day: float

    def horizon_s(self) -> float:
        """A chain of two states forgets as e^(−(both rates)·t): the horizon is where a quarter is left."""
        return bounded(math.log(4.0) / (self.sold_out_per_day + self.restocked_per_day) * DAY_S)


def bounded(horizon_s: float) -> float:
    return min(max(horizon_s, SHORTEST_S), LONGEST_S)


def turnovers(sales: Sequence[Sales], usual: Turnover, sources: int) -> tuple[Turnover, list[Turnover]]:
    """Of all sources together, and of each by its number."""
    pool = _turnover(sales, usual)
    return pool, [_turnover([one for one in sales if one.source_id == source], pool) for source in range(sources)]


def as_turnover(traits: Traits) -> Turnover:
    """The reverse of `horizon_s`: rates whose balance is the source's base."""
    both = math.log(4.0) / traits.horizon_s * DAY_S
    return Turnover(both * (1.0 - traits.base[0]), both * traits.base[0])


def _turnover(sales: Sequence[Sales], usual: Turnover) -> Turnover:
    held, empty = sum(one.held_s for one in sales) / DAY_S, sum(one.empty_s for one in sales) / DAY_S
    out, back = sum(one.sold_out for one in sales), sum(one.restocked for one in sales)
    return Turnover(
        (out + TURNS) / (held + TURNS / usual.sold_out_per_day),
        (back + TURNS) / (empty + TURNS / usual.restocked_per_day),
    )


def lags(histories: Histories, sales: Sequence[Sales]) -> list[float]:
    """Seconds by which each source's facts are behind the time they are told for.

    A store that sells much brings some news with nearly every coverage. Coverage that brings none for longer than
    chance allows repeats old facts, as old as the last news. Facts that are renewed now and then are up to twice as old
    as they are in the mean: that is the lag, so that no quiet is read out of a mere repetition.
    """
    news: dict[tuple[str, str, int], list[datetime]] = defaultdict(list)
    pace: dict[tuple[str, str, int], float] = defaultdict(float)
    for one in sales:
        key = (one.position.place.retailer, one.position.place.store, one.source_id)
        news[key] += [report.observed_at for report in one.position.reports if report.source_id == one.source_id]
        pace[key] += one.sold / max(one.exposed_s / DAY_S, 1.0)
    behind: dict[int, list[float]] = defaultdict(list)
    for (retailer, store, source), moments in news.items():
        if pace[retailer, store, source] >= LEAST_SOLD_PER_DAY:
            covered = histories.covered.get((retailer, store), {}).get(source, [])
            behind[source] += _behind(sorted(moments), covered, SURE_OF_NEWS / pace[retailer, store, source] * DAY_S)
    return [2.0 * _mean(behind[source]) for source in range(len(histories.sources))]


def _behind(news: Sequence[datetime], covered: Sequence[datetime], chance_s: float) -> list[float]:
    """For each coverage after the first news: how long ago the last news was, beyond what chance allows."""
    quiet = [
        (moment - news[number - 1]).total_seconds() for moment in covered if (number := bisect_right(news, moment))
    ]
    return [max(0.0, one - chance_s) for one in quiet]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0

"""`fit`: parameters learned from histories, by retailer and category, pooled where data are thin."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from inventory_service.domain.belief import learning, track_records
from inventory_service.domain.belief.basis import Traits
from inventory_service.domain.belief.batch import Batch, Track, probabilities
from inventory_service.domain.belief.climbing import Outcomes, most_probable
from inventory_service.domain.belief.formulas import Numbers
from inventory_service.domain.belief.gathering import Gathered, gathered
from inventory_service.domain.belief.histories import Histories
from inventory_service.domain.belief.learning import Lessons
from inventory_service.domain.belief.pace import DAY_S, told_as
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.belief.pooling import pooled
from inventory_service.domain.belief.tables import MOST_ASKED, tables
from inventory_service.domain.belief.walking import Sight


class Truth(StrEnum):
    """What counts as having looked: confirmations; or, where nobody ever looks, the next record too."""

    SHELF = "shelf"
    RECORD = "record"


ROUNDS = 2
DOUBT_SPREADS = np.array([0.7, 1.2])
"""Prior standard deviations of a source's doubt, and of how much it overlooks."""
BASE_WORTH = 60.0
"""Positions that the base of all sources is worth beside a source's own."""
QUANTITIES = range(1, MOST_ASKED + 1)
LEARNED_SPREAD = 0.4
"""Spreads about parameters that were fitted before, over those about the priors."""


def fit(histories: Histories, prior: Parameters, truth: Truth = Truth.SHELF) -> Parameters:
    """Parameters that make `histories` most probable, beginning from `prior`; one revision further."""
    found = gathered(histories)
    now = replace(prior, revision=prior.revision + 1, rates=pooled(found.sales, prior.rates))
    if not found.sales:
        return now
    names = histories.names()
    now, each = _stale(histories, found, now, names)
    openness = LEARNED_SPREAD if prior.revision else 1.0
    for _ in range(ROUNDS):
        seen = _lessons(found, now, len(names), truth)
        traits, said = [*each, now.staff], [*_recorded(seen, each), now.staff]
        constants, factor = learning.learned(prior.constants, traits, said, seen, openness)
        now = replace(now, constants=constants, usual=_further(now.usual, factor))
        now, each = _based(found, now, [_further(one, factor) for one in each])
        each = _doubted(now, each, seen)
    return replace(now, sources={**prior.sources, **dict(zip(names, each, strict=True))})


def _stale(
    histories: Histories, found: Gathered, now: Parameters, names: Sequence[str]
) -> tuple[Parameters, list[Traits]]:
    """Horizons and lags as the histories tell them: of sources in general, and of each."""
    pool, each = track_records.turnovers(found.sales, track_records.as_turnover(now.usual), len(names))
    lags = track_records.lags(histories, found.sales)
    known = [now.sources.get(name, now.usual) for name in names]
    traits = [
        replace(one, horizon_s=turn.horizon_s(), lag_s=lag) for one, turn, lag in zip(known, each, lags, strict=True)
    ]
    return replace(now, usual=replace(now.usual, horizon_s=pool.horizon_s())), traits


def _lessons(found: Gathered, now: Parameters, staff_row: int, truth: Truth) -> Lessons:
    paces = _paces(found, now, [(look.number, look.before) for look in found.looks])
    if truth is Truth.SHELF:
        return learning.lessons(found, paces, staff_row)
    seen = learning.lessons(found, paces, staff_row, record_weight=1.0)
    return replace(seen, looked=np.ones_like(seen.looked))


def _paces(found: Gathered, now: Parameters, sights: Sequence[tuple[int, Sight]]) -> list[int]:
    paces = []
    for number, sight in sights:
        position = found.sales[number].position
        store = f"{position.place.retailer}/{position.place.store}"
        rate = now.rates.of(position.category, position.place.product, store)
        paces.append(told_as(rate.after(sight.sold, sight.exposed_s / DAY_S), now.constants.known_shape))
    return paces


def _recorded(seen: Lessons, each: Sequence[Traits]) -> list[Traits]:
    """Traits of what records say: facts as they are told, and how often they tell of so many."""
    traits = []
    for number, one in enumerate(each):
        mine = (seen.batch.source == number) & ~seen.looked
        held = [seen.outcomes.found[mine & (seen.batch.quantity == asked)] for asked in QUANTITIES]
        traits.append(replace(one, doubt=0.0, overlooked=0.0, lag_s=0.0, base=_drawn(held, one.base)))
    return traits


def _based(found: Gathered, now: Parameters, each: Sequence[Traits]) -> tuple[Parameters, list[Traits]]:
    """What evidence fades to: how many shelves of the source, and of all, are likely to hold so many when heard."""
    sights = [sight for _, sight in found.ends]
    batch = learning.batch_of(sights, _paces(found, now, found.ends), len(each))
    track, table = Track.of([*each, now.staff]), tables(now.constants)
    likely = [probabilities(table, track, replace(batch, quantity=batch.quantity * asked)) for asked in QUANTITIES]
    usual = replace(now.usual, base=_drawn(likely, now.usual.base))
    told = [sight.source_id for sight in sights]
    traits = [
        replace(one, base=_drawn([some[np.equal(told, number)] for some in likely], usual.base))
        for number, one in enumerate(each)
    ]
    return replace(now, usual=usual, staff=replace(now.staff, base=usual.base)), traits


def _drawn(likely: Sequence[Numbers], usual: Sequence[float]) -> tuple[float, float, float]:
    """Means, drawn towards the usual ones where there is little."""
    one, two, three = (
        float(some.sum() + BASE_WORTH * mean) / (len(some) + BASE_WORTH)
        for some, mean in zip(likely, usual, strict=True)
    )
    return one, min(one, two), min(one, two, three)


def _doubted(now: Parameters, each: Sequence[Traits], seen: Lessons) -> list[Traits]:
    """Each source's doubt by what was found where somebody looked."""
    table, doubted = tables(now.constants), []
    for number, one in enumerate(each):
        mine = seen.looked & (seen.batch.source == number)
        batch = replace(seen.batch.where(mine), source=np.zeros(int(mine.sum()), np.int64))
        outcomes = Outcomes(seen.outcomes.found[mine], seen.outcomes.weight[mine])

        def forecast(at: Numbers, batch: Batch = batch, one: Traits = one) -> Numbers:
            track = Track.of([replace(one, doubt=float(at[0]), overlooked=float(at[1]))])
            return learning.as_told(table, track, batch)

        doubt, overlooked = most_probable(forecast, np.zeros(2), DOUBT_SPREADS, outcomes)
        doubted.append(replace(one, doubt=float(doubt), overlooked=float(overlooked)))
    return doubted


def _further(traits: Traits, factor: float) -> Traits:
    return replace(traits, horizon_s=track_records.bounded(traits.horizon_s * factor))

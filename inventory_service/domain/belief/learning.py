"""Parameters out of histories: what is learned from, row by row, and the search for what makes it most probable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from inventory_service.domain.belief.basis import ANCHORS, Traits
from inventory_service.domain.belief.batch import Batch, Track, probabilities
from inventory_service.domain.belief.climbing import SURE, Outcomes, most_probable
from inventory_service.domain.belief.formulas import Numbers
from inventory_service.domain.belief.gathering import Gathered, Look
from inventory_service.domain.belief.holdings import row_of
from inventory_service.domain.belief.parameters import Constants
from inventory_service.domain.belief.shelf import exact
from inventory_service.domain.belief.tables import MOST_ASKED, Tables, of_law, tables
from inventory_service.domain.belief.walking import Sight

SHARES = ("told", "phantom_at_one", "hidden", "short", "surplus", "tail", "staff_saw_wrong", "staff_missed")
SCALES = (
    "phantom_slope",
    "vanish_per_day",
    "recover_per_day",
    "known_shape",
    "unknown_shape",
    "pace_factor",
    "unknown_per_day",
)
SPREAD = {
    "told": 1.5,
    "vanish_per_day": 1.0,
    "recover_per_day": 1.0,
    "pace_factor": 1.0,
    "unknown_per_day": 0.7,
    "known_shape": 0.5,
    "phantom_slope": 0.5,
}
"""Prior standard deviations, of log-odds for shares and of logarithms for scales."""
USUAL_SPREAD, HORIZON_SPREAD = 0.7, 1.0
LOOKER_ERRS = 0.02
"""How often who looks tells the opposite, either way: such an answer is never taken for certain."""
WEIGHTS = (1.0, 0.5, 0.5)
"""By quantity: what is found answers for all three at once."""
RECORD_WEIGHT = 0.02
"""Of what a later record says, beside a look: it fills in where nobody looks, and does not know the shelf."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Outcomes by row of `batch`; `looked` where the shelf was seen, else the next record was."""

    batch: Batch
    outcomes: Outcomes
    looked: npt.NDArray[np.bool_]


def lessons(found: Gathered, paces: Sequence[int], staff_row: int, record_weight: float = RECORD_WEIGHT) -> Lessons:
    """One row a look and quantity that it answers; `paces` are those of the looks."""
    rows = [
        (number, quantity, outcome)
        for number, look in enumerate(found.looks)
        for quantity in range(1, MOST_ASKED + 1)
        if (outcome := _outcome(look, quantity)) is not None
    ]
    which, asked, outcomes = np.array(rows, np.int64).reshape(-1, 3).T
    looked = np.array([look.looked for look in found.looks], bool)[which]
    weight = np.array(WEIGHTS)[asked - 1] * np.where(looked, 1.0, record_weight)
    batch = batch_of([look.before for look in found.looks], paces, staff_row).where(which)
    return Lessons(replace(batch, quantity=asked), Outcomes(outcomes.astype(float), weight), looked)


def batch_of(sights: Sequence[Sight], paces: Sequence[int], staff_row: int) -> Batch:
    """Sights in columns, one piece asked for; confirmations have their traits in `staff_row`."""
    confirmed = np.array([one.anchor == "confirmation" for one in sights], bool)
    sources = np.array([one.source_id for one in sights], np.int64)
    return Batch(
        row=np.array([row_of(one.stock) for one in sights], np.int64),
        quantity=np.ones(len(sights), np.int64),
        anchor=np.where(confirmed, ANCHORS.index("confirmation"), ANCHORS.index("record")),
        pace=np.array(paces, np.int64),
        source=np.where(confirmed, staff_row, sources),
        still_s=np.array([one.still_s for one in sights], float),
        silent_s=np.array([one.silent_s for one in sights], float),
    )


def learned(
    start: Constants, traits: Sequence[Traits], said: Sequence[Traits], seen: Lessons, openness: float
) -> tuple[Constants, float]:
    """Constants about `start`, and a factor on horizons, that make `seen` most probable.

    `traits` are those of what shelves hold, `said` of what records say. `openness` scales the prior spreads.
    """
    centre, spread = _coordinates(start), np.array([*map(_spread, (*SHARES, *SCALES)), HORIZON_SPREAD]) * openness
    track, told = Track.of(traits), Track.of(said)
    shelf, record = seen.batch.where(seen.looked), seen.batch.where(~seen.looked)

    def forecast(at: Numbers) -> Numbers:
        constants, factor = _constants(start, at)
        likely = np.empty(len(seen.looked))
        by_shelf = tables(constants)
        by_record = of_law(by_shelf, constants, exact(constants))
        likely[seen.looked] = as_told(by_shelf, _longer(track, factor), shelf)
        likely[~seen.looked] = _given_some(by_record, _longer(told, factor), record)
        return likely

    return _constants(start, most_probable(forecast, centre, spread, seen.outcomes))


def as_told(table: Tables, track: Track, batch: Batch) -> Numbers:
    """P(who looks says so); of more than one piece, given that there are some."""
    return np.asarray(LOOKER_ERRS + (1.0 - 2.0 * LOOKER_ERRS) * _given_some(table, track, batch))


def _given_some(table: Tables, track: Track, batch: Batch) -> Numbers:
    likely = probabilities(table, track, batch)
    more = batch.quantity > 1
    some = probabilities(table, track, replace(batch.where(more), quantity=np.ones(int(more.sum()), np.int64)))
    likely[more] /= np.maximum(some, SURE)
    return likely


def _outcome(look: Look, quantity: int) -> int | None:
    """Whether there were so many; None where the look does not tell.

    More than one is asked of counted shelves with some alone: who looks says `low`, but does not say how many are many.
    """
    if quantity > 1 and (look.found.low == 0 or look.found.quantity is None):
        return None
    if look.found.low >= quantity:
        return 1
    return 0 if look.found.high is not None and look.found.high < quantity else None


def _longer(track: Track, factor: float) -> Track:
    return replace(track, horizon_s=track.horizon_s * factor)


def _spread(name: str) -> float:
    return SPREAD.get(name, USUAL_SPREAD)


def _coordinates(constants: Constants) -> Numbers:
    shares = np.array([getattr(constants, name) for name in SHARES])
    scales = np.array([getattr(constants, name) for name in SCALES])
    return np.concatenate([np.log(shares / (1.0 - shares)), np.log(scales), [0.0]])


def _constants(start: Constants, at: Numbers) -> tuple[Constants, float]:
    shares, scales = 1.0 / (1.0 + np.exp(-at[: len(SHARES)])), np.exp(at[len(SHARES) : -1])
    named = dict(zip((*SHARES, *SCALES), map(float, (*shares, *scales)), strict=True))
    return replace(start, **named), float(np.exp(at[-1]))

"""Words and probabilities of levels, compiled: as domain/belief/model.py, whose tables it reads as reading.py does."""

import math

import numpy as np

from geo.compiled import compiled
from inventory_service.domain.belief.holdings import MOST_COUNTED, OPEN_ABOVE
from inventory_service.domain.belief.holdings import ROWS as HOLDINGS
from inventory_service.domain.belief.pace import CLASSES as PACES
from inventory_service.domain.belief.tables import FIRST, MOST_ASKED, NODES, PER_OCTAVE, SHARES
from inventory_service.domain.stock import LIMITED_AT_MOST

IN_STOCK, LIMITED, UNKNOWN, OUT_OF_STOCK = 0, 1, 2, 3
LIKELY_CLASS, UNKNOWN_CLASS, OUT_CLASS = 0, 1, 2
CLASSES = 3
NO_STEP = -1
STEPS = 20.0
TIE = 1e-9
"""Nearer than this to the middle between two public steps, or to a threshold, plain arithmetic has to decide."""
SURELY_NOT, LIKELY, PLENTY = 0, 1, 2
"""Columns of thresholds."""
STATES = 4
"""Rows of `quiet` a pace: empty or not, at first and after it."""


@compiled
def judge(one, quantity, arrival_us, pace, ground):
    """Writes word and probability of one of FOUND; returns whether they are sure. `pace`: the product's class."""
    one.word, one.probability = UNKNOWN, 0.0
    if quantity > MOST_ASKED:
        return False
    source = one.source_id if 0 <= one.source_id < len(ground.horizons_s) else len(ground.horizons_s) - 1
    silent_s, horizon_s = (arrival_us - one.covered_us) / 1e6, ground.horizons_s[source]
    if silent_s > horizon_s:
        return True
    told, now = _at_least(one, quantity, source, max(silent_s, 0.0), pace, ground)
    owner = min(ground.retailer_ids[one.row], len(ground.thresholds) - 1)
    one.probability, one.word = now, _word(one.low, told, now, ground.thresholds, owner)
    return _apart(told, ground.thresholds, owner) and _apart(now, ground.thresholds, owner)


@compiled
def weigh(one):
    """Writes the step; returns whether it is sure."""
    one.step = NO_STEP
    if one.word == UNKNOWN:
        return True
    steps = STEPS * one.probability
    one.step = np.int64(np.rint(steps))
    return abs(steps - math.floor(steps) - 0.5) > TIE


@compiled
def class_of(one):
    return LIKELY_CLASS if one.word <= LIMITED else (UNKNOWN_CLASS if one.word == UNKNOWN else OUT_CLASS)


@compiled
def _word(low, told, now, thresholds, owner):
    if low > 0 and told >= thresholds[owner, LIKELY] and now >= thresholds[owner, LIKELY]:
        return IN_STOCK if low > LIMITED_AT_MOST and now >= thresholds[owner, PLENTY] else LIMITED
    if told <= thresholds[owner, SURELY_NOT] and now < thresholds[owner, LIKELY]:
        return OUT_OF_STOCK
    return UNKNOWN


@compiled
def _apart(probability, thresholds, owner):
    return (
        abs(probability - thresholds[owner, SURELY_NOT]) > TIE
        and abs(probability - thresholds[owner, LIKELY]) > TIE
        and abs(probability - thresholds[owner, PLENTY]) > TIE
    )


@compiled
def _at_least(one, quantity, source, silent_s, pace, ground):
    """P(at least `quantity`) when the evidence was last heard, and after `silent_s`."""
    row, anchor = _row(one, ground), ground.anchors[source]
    still_s = (one.covered_us - one.observed_s * 1_000_000) / 1e6
    late_s = min(still_s, ground.lags_s[source])
    if pace > 0:
        pace = max(1, min(pace + ground.paces[one.row], PACES - 1))
    due_per_s = np.float64(ground.due_per_s[pace])
    here, gone = _here(row, anchor, (still_s - late_s) * due_per_s, pace, source, ground)
    share = here / (here + gone)
    told = _left(quantity, row, late_s, share, due_per_s, pace, source, one.leaning, ground)
    if silent_s == 0.0:
        return told, told
    return told, _left(quantity, row, silent_s + late_s, share, due_per_s, pace, source, one.leaning, ground)


@compiled
def _row(one, ground):
    low, high = one.low, one.high
    span = OPEN_ABOVE if high < 0 or high > OPEN_ABOVE else high
    return np.int64(ground.holdings[min(low, MOST_COUNTED), 0 if low == high else span])


@compiled
def _here(row, anchor, due, pace, source, ground):
    """What is left of it and what of its opposite after a time without a sale in which so many were due."""
    place = _place(due * np.float64(ground.watched[anchor, row]))
    quiet, empty, first = ground.quiet, np.float64(ground.empty[anchor, row]), STATES * pace
    gone = empty * _between(quiet, first, place) + (1.0 - empty) * _between(quiet, first + 2, place)
    here = empty * _between(quiet, first + 1, place) + (1.0 - empty) * _between(quiet, first + 3, place)
    return here, gone * ground.doubts[source, ground.doubted[row]]


@compiled
def _left(quantity, row, unheard_s, share, due_per_s, pace, source, leaning, ground):
    """P(at least `quantity`) after a while unheard, on its way to what shelves hold in general."""
    kind, base = (1 if pace > 0 else 0), ground.bases[source, quantity - 1]
    held = (kind * HOLDINGS + row) * MOST_ASKED + quantity - 1
    left = _between(ground.enough, held, _place(unheard_s * due_per_s)) * share
    kept = _between(ground.kept, 0, min(unheard_s / ground.horizons_s[source], 1.0) * SHARES)
    return _leant(base + (left - base) * kept, leaning)


@compiled
def _place(due):
    return 0.0 if due == 0.0 else min(PER_OCTAVE * math.log2(1.0 + due / FIRST), NODES - 1.0)


@compiled
def _between(values, row, place):
    """The value of a row at `place`, straight between two nodes."""
    first = np.int64(min(place, values.shape[1] - 2.0))
    begun = np.float64(values[row, first])
    if place == first:
        return begun
    return begun + (place - first) * (np.float64(values[row, first + 1]) - begun)


@compiled
def _leant(probability, hundredths):
    if hundredths == 0 or probability <= 0.0 or probability >= 1.0:
        return probability
    return 1.0 / (1.0 + (1.0 - probability) / probability * math.exp(-hundredths / 100.0))

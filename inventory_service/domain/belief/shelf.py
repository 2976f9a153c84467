"""What may stand on the shelf when a statement is news, row by row: the law behind the tables."""

from dataclasses import dataclass

import numpy as np

from inventory_service.domain.belief.formulas import Numbers
from inventory_service.domain.belief.holdings import LEVELS, ROWS, bounds
from inventory_service.domain.belief.parameters import Constants

MOST = 80
"""Counts of the law reach from 0 to here: beyond the highest level and its likely surplus."""
TYPICAL_SHAPE = 2.0
"""Shape of the negative binomial that counts in open ranges follow."""


@dataclass(frozen=True, slots=True)
class Law:
    """By row: `empty`, P(shelf empty) by records and by confirmations, and `pieces`.

    `pieces[row, s]` is P(s pieces), given that there are some.
    """

    empty: Numbers
    pieces: Numbers


def law(constants: Constants) -> Law:
    weights = _weights(constants)
    emptiness = np.stack([_empty_by_record(constants), _empty_by_staff(constants)])
    some = weights * (1.0 - emptiness[0])
    pieces = some @ _pieces(constants)
    return Law((weights @ emptiness.T).T, pieces / pieces.sum(axis=1, keepdims=True))


def exact(constants: Constants) -> Law:
    """A world whose records are the truth: what the next record says, and not what the shelf holds."""
    weights = _weights(constants)
    pieces = weights.copy()
    pieces[:, 0] = 0.0
    pieces[pieces.sum(axis=1) == 0.0, 1] = 1e-9
    return Law(np.stack([weights[:, 0]] * 2), pieces / pieces.sum(axis=1, keepdims=True))


def _weights(constants: Constants) -> Numbers:
    """P(count) that each row's statement leaves open, taken at its word."""
    typical = _typical(constants)
    weights = np.zeros((ROWS, MOST + 1))
    for row in range(ROWS):
        low, high = bounds(row)
        last = MOST if high is None else high
        weights[row, low : last + 1] = typical[low : last + 1]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _typical(constants: Constants) -> Numbers:
    """A shelf like any other: mostly some pieces, how many by a negative binomial."""
    share = constants.typical_stock / (constants.typical_stock + TYPICAL_SHAPE)
    counts = np.arange(MOST + 1)
    return np.asarray((counts + 1) * share**counts)


def _empty_by_record(constants: Constants) -> Numbers:
    counts = np.maximum(np.arange(MOST + 1), 1)
    at_one = constants.phantom_at_one / (1.0 - constants.phantom_at_one)
    odds = at_one * counts**-constants.phantom_slope
    odds[0] = (1.0 - constants.hidden) / constants.hidden
    return np.asarray(odds / (1.0 + odds))


def _empty_by_staff(constants: Constants) -> Numbers:
    empty = np.full(MOST + 1, constants.staff_saw_wrong)
    empty[0] = 1.0 - constants.staff_missed
    return empty


def _pieces(constants: Constants) -> Numbers:
    """P(s pieces | there are some) by recorded count: as recorded, fewer (any equally), or more (geometric)."""
    pieces = np.zeros((MOST + 1, MOST + 1))
    beyond = (1.0 - constants.tail) * constants.tail ** np.arange(MOST)
    pieces[0, 1:] = beyond
    for count in range(1, MOST + 1):
        short = constants.short if count > 1 else 0.0
        more = (1.0 - short) * constants.surplus
        pieces[count, 1:count] = short / max(count - 1, 1)
        pieces[count, count] = 1.0 - short - more
        pieces[count, count + 1 :] = more * beyond[: MOST - count]
        pieces[count, MOST] += 1.0 - pieces[count].sum()
    return pieces


assert LEVELS[-1] < MOST

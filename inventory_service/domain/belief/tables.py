"""The model as small tables, which compiled code reads minute by minute.

The axis of time is the number of sales due in it, so that one table serves all rates: node i lies at
FIRST · (2^(i / PER_OCTAVE) − 1) pieces.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inventory_service.domain.belief import formulas
from inventory_service.domain.belief.basis import ANCHORS, Anchor
from inventory_service.domain.belief.formulas import Numbers
from inventory_service.domain.belief.holdings import NOTHING, ROW, ROWS, bounds
from inventory_service.domain.belief.pace import CLASSES, DAY_S, per_day
from inventory_service.domain.belief.parameters import Constants
from inventory_service.domain.belief.shelf import MOST, Law, law

MOST_ASKED = 3
"""Quantities up to this are read from the tables."""
NODES, PER_OCTAVE, FIRST = 160, 8.0, 0.02
SHARES = 64
"""Steps of the horizon in the table of what is left."""

Table = npt.NDArray[np.float32]


class Tables(NamedTuple):
    """Together about 170 KB.

    | array | shape | holds |
    |---|---|---|
    | rows | low 0…50 × span 0…3 | the row of a statement (domain/belief/holdings.py) |
    | due_per_s | class | sales due in a second |
    | quiet | class × 4 × node | what a time without a sale leaves: the masses of formulas.Quiet |
    | empty | anchor × row | P(shelf empty) when the statement was news |
    | doubted | row | which doubt of a source counts: 0 none, 1 that there are some, 2 that there are none |
    | watched | anchor × row | 0 where quiet tells nothing, as the record says that there is nothing to sell; else 1 |
    | enough | pace known or not × row × quantity − 1 × node | P(at least so many left), given some at first |
    | kept | share of the horizon in 64ths | what is left of the evidence |
    """

    rows: npt.NDArray[np.uint8]
    due_per_s: Table
    quiet: Table
    empty: Table
    doubted: npt.NDArray[np.uint8]
    watched: Table
    enough: Table
    kept: Table


def tables(constants: Constants) -> Tables:
    due, due_per_day, shelf = due_at_nodes(), paces(constants), law(constants)
    return Tables(
        rows=ROW,
        due_per_s=_small(due_per_day / DAY_S),
        quiet=_small(_quiet(constants, due, due_per_day)),
        empty=_small(shelf.empty),
        doubted=np.array([doubted(row) for row in range(ROWS)], np.uint8),
        watched=_small(np.array([[float(watched(anchor, row)) for row in range(ROWS)] for anchor in ANCHORS])),
        enough=_enough(constants, shelf),
        kept=_small(formulas.kept(np.arange(SHARES + 1) / SHARES)),
    )


def of_law(table: Tables, constants: Constants, shelf: Law) -> Tables:
    """The same for another law of what stands on the shelf."""
    return table._replace(empty=_small(shelf.empty), enough=_enough(constants, shelf))


def _enough(constants: Constants, shelf: Law) -> Table:
    shapes = (constants.unknown_shape, constants.known_shape)
    return _small(np.stack([enough(shelf, due_at_nodes(), shape) for shape in shapes]))


def after_quiet(constants: Constants, days: Numbers, per_day: Numbers, shape: float) -> formulas.Quiet:
    """What `days` without a sale leave."""
    return formulas.quiet(days, per_day * constants.told, shape, constants.vanish_per_day, constants.recover_per_day)


def _quiet(constants: Constants, due: Numbers, due_per_day: Numbers) -> Numbers:
    per_day = due_per_day[:, None]
    days = due[None, :] / per_day
    unknown = np.stack(after_quiet(constants, days[:1], per_day[:1], constants.unknown_shape), axis=1)
    known = np.stack(after_quiet(constants, days[1:], per_day[1:], constants.known_shape), axis=1)
    masses = np.concatenate([unknown, known])
    return np.asarray(masses / masses.sum(axis=1, keepdims=True))


def paces(constants: Constants) -> Numbers:
    """Pieces due a day, by class."""
    known = [per_day(pace) * constants.pace_factor for pace in range(1, CLASSES)]
    return np.array([constants.unknown_per_day, *known])


def due_at_nodes() -> Numbers:
    """Pieces due at each node of the axis."""
    return np.asarray(FIRST * (2.0 ** (np.arange(NODES) / PER_OCTAVE) - 1.0))


def enough(shelf: Law, due: Numbers, shape: float) -> Numbers:
    """P(at least n left | some at first) by row, n − 1 and `due` pieces."""
    spare = np.arange(MOST + 1)
    sold = formulas.sold_at_most(spare[:, None], due[None, :], shape)
    left = [shelf.pieces[:, n:] @ sold[: MOST + 1 - n] for n in range(1, MOST_ASKED + 1)]
    return np.stack(left, axis=1)


def watched(anchor: Anchor, row: int) -> bool:
    """Whether a time without a sale tells anything: it does not where the record says that there is nothing to sell."""
    return anchor == "confirmation" or row != NOTHING


def doubted(row: int) -> int:
    """What a row's statement claims: 1 that there are some, 2 that there are none, 0 neither."""
    low, high = bounds(row)
    return 2 if high == 0 else int(low > 0)


def _small(values: Numbers) -> Table:
    return np.ascontiguousarray(values, np.float32)

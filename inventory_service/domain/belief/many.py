"""Quantities above three: P(at least n left) of a counted shelf, without the tables' levels."""

import numpy as np

from inventory_service.domain.belief import formulas
from inventory_service.domain.belief.parameters import Constants

SAMPLED = 256
"""Points that a sum over more shortages than that is taken at."""
SURPLUS = 24
"""Surplus pieces looked at: more are as likely as not to have been miscounted."""


def enough_of(constants: Constants, count: int, quantity: int, due: float, shape: float) -> float:
    """P(at least `quantity` left | some at first) where `count` are held and `due` pieces were to be sold.

    As counted, fewer (any number equally), or more (geometric): the law of domain/belief/shelf.py.
    """
    spare = count - quantity
    short = constants.short if count > 1 else 0.0
    more = (1.0 - short) * constants.surplus
    as_counted = _left(np.array([spare]), due, shape)[0]
    beyond = (1.0 - constants.tail) * constants.tail ** np.arange(SURPLUS)
    surplus = beyond @ _left(spare + 1 + np.arange(SURPLUS), due, shape)
    return float((1.0 - short - more) * as_counted + more * surplus + short * _of_fewer(count, spare, due, shape))


def _of_fewer(count: int, spare: int, due: float, shape: float) -> float:
    """The same if any smaller number, from 1, is equally likely."""
    if spare <= 0:
        return 0.0
    spares = np.linspace(0, spare - 1, min(spare, SAMPLED)).astype(np.int64)
    return float(_left(spares, due, shape).mean()) * spare / (count - 1)


def _left(spare: "np.ndarray[tuple[int], np.dtype[np.int64]]", due: float, shape: float) -> formulas.Numbers:
    return formulas.sold_at_most(spare, np.full(len(spare), due), shape)

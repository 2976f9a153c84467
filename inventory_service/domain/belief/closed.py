"""P(at least n) by the closed forms: what the tables are held to, and the way for quantities that they leave out."""

import numpy as np

from inventory_service.domain.belief import formulas
from inventory_service.domain.belief.basis import ANCHORS, Basis, Traits
from inventory_service.domain.belief.holdings import ALMOST_EXACT, row_of
from inventory_service.domain.belief.many import enough_of
from inventory_service.domain.belief.pace import DAY_S
from inventory_service.domain.belief.parameters import Constants
from inventory_service.domain.belief.reading import leant
from inventory_service.domain.belief.shelf import Law
from inventory_service.domain.belief.tables import MOST_ASKED, after_quiet, doubted, paces, watched


def at_least(constants: Constants, shelf: Law, basis: Basis, quantity: int) -> float:
    """P(at least `quantity` (≥ 1) pieces on the shelf); `shelf` is the law of `constants`."""
    late_s = min(basis.still_s, basis.traits.lag_s)
    unheard_s = max(basis.silent_s, 0.0) + late_s
    due_per_s = float(paces(constants)[basis.pace]) / DAY_S
    some = _some(constants, shelf, basis, basis.still_s - late_s)
    left = some * _enough(constants, shelf, basis, quantity, unheard_s * due_per_s)
    share = min(unheard_s / basis.traits.horizon_s, 1.0)
    base = base_of(basis.traits, quantity)
    return leant(base + (left - base) * float(formulas.kept(share)), basis.leaning)


def base_of(traits: Traits, quantity: int) -> float:
    """How often a shelf that the source speaks of holds so many: beyond 3 it falls on as it did from 2 to 3."""
    if quantity <= MOST_ASKED:
        return traits.base[quantity - 1]
    _, two, three = traits.base
    return three * (three / two) ** (quantity - MOST_ASKED) if two > 0.0 else 0.0


def _some(constants: Constants, shelf: Law, basis: Basis, still_s: float) -> float:
    row = row_of(basis.stock)
    shape = constants.known_shape if basis.pace else constants.unknown_shape
    quiet_s = still_s if watched(basis.anchor, row) else 0.0
    after = after_quiet(constants, np.array(quiet_s / DAY_S), paces(constants)[basis.pace], shape)
    likely = float(formulas.some_left(shelf.empty[ANCHORS.index(basis.anchor), row], after))
    return leant(likely, (0.0, -basis.traits.doubt, basis.traits.overlooked)[doubted(row)])


def _enough(constants: Constants, shelf: Law, basis: Basis, quantity: int, due: float) -> float:
    shape = constants.known_shape if basis.pace else constants.unknown_shape
    if quantity > MOST_ASKED and (basis.stock.quantity is not None or basis.stock.low >= ALMOST_EXACT):
        many = enough_of(constants, basis.stock.low, quantity, due, shape)
        return min(many, _enough(constants, shelf, basis, MOST_ASKED, due))
    pieces = shelf.pieces[row_of(basis.stock), quantity:]
    sold = formulas.sold_at_most(np.arange(len(pieces)), np.full(len(pieces), due), shape)
    return float(pieces @ sold)

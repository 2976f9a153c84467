"""What a look at a shelf is worth."""

from dataclasses import replace

from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.model import Model
from inventory_service.domain.belief.pace import DAY_S
from inventory_service.domain.stock import NONE_LEFT, SEEN

KEPT_FOR_S = DAY_S
"""A look is valued by how much of it is still known after this."""


def worth(probability: float, model: Model, basis: Basis) -> float:
    """By how much a look now is expected to lower the squared error of an answer a day later.

    It finds some with `probability`, else none. The error of a probability p is p(1 − p); what the look leaves of it
    after a day is that of the two answers that it would lead to, faded until then.
    """
    if basis.silent_s > basis.traits.horizon_s:
        probability = basis.traits.base[0]
    looked = replace(basis, anchor="confirmation", still_s=0.0, silent_s=KEPT_FOR_S, leaning=0.0)
    found = model.probability(replace(looked, stock=basis.stock if basis.stock.low > 0 else SEEN), 1)
    missed = model.probability(replace(looked, stock=NONE_LEFT), 1)
    left = probability * found * (1.0 - found) + (1.0 - probability) * missed * (1.0 - missed)
    return max(0.0, probability * (1.0 - probability) - left)

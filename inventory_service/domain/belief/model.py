"""The one door: parameters made ready to judge with."""

import math
from dataclasses import dataclass, replace

from inventory_service.domain.belief import closed, reading
from inventory_service.domain.belief.basis import ANCHORS, Basis
from inventory_service.domain.belief.holdings import row_of
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.belief.shelf import Law, law
from inventory_service.domain.belief.tables import MOST_ASKED, Tables, tables
from inventory_service.domain.belief.verdict import UNKNOWN, USUAL_THRESHOLDS, Judgement, Thresholds, word


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters with what is computed from them once."""

    parameters: Parameters
    shelf: Law
    tables: Tables

    @classmethod
    def of(cls, parameters: Parameters) -> "Model":
        return cls(parameters, law(parameters.constants), tables(parameters.constants))

    def judge(self, basis: Basis, quantity: int, thresholds: Thresholds = USUAL_THRESHOLDS) -> Judgement:
        """The word, and the probability that `quantity` (≥ 1) pieces are there; unknown beyond the horizon."""
        if basis.silent_s > basis.traits.horizon_s:
            return UNKNOWN
        now = self.probability(basis, quantity)
        told = self.probability(replace(basis, silent_s=0.0), quantity)
        said = word(basis.stock, told, now, thresholds)
        return UNKNOWN if said == "unknown" else Judgement(said, now)

    def probability(self, basis: Basis, quantity: int) -> float:
        """P(at least `quantity` (≥ 1) on the shelf), whatever the horizon; never grows with `quantity`."""
        if quantity > MOST_ASKED:
            most = self.probability(basis, MOST_ASKED)
            return min(most, closed.at_least(self.parameters.constants, self.shelf, basis, quantity))
        traits = basis.traits
        return float(
            reading.at_least(
                self.tables,
                row_of(basis.stock),
                quantity,
                ANCHORS.index(basis.anchor),
                basis.pace,
                basis.still_s,
                basis.silent_s,
                (1.0, math.exp(traits.doubt), math.exp(-traits.overlooked)),
                traits.lag_s,
                traits.horizon_s,
                traits.base[quantity - 1],
                basis.leaning,
            )
        )


PRIOR = Model.of(Parameters())

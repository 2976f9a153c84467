"""What a probability is computed from."""

from dataclasses import dataclass
from typing import Literal

from inventory_service.domain.belief.pace import UNKNOWN_PACE
from inventory_service.domain.stock import Stock

Anchor = Literal["record", "confirmation"]
ANCHORS: tuple[Anchor, ...] = ("record", "confirmation")
"""In the order of the tables' first axis."""


@dataclass(frozen=True, slots=True)
class Traits:
    """A source's track record.

    `doubt`: log-odds that are added to those of an empty shelf where it says that there are some; `overlooked`: to
    those of some on the shelf where it says that there are none. `lag_s`: how far its facts may be behind the time that
    they are told for. `horizon_s`: the silence after which a quarter of what it said is left.
    `base`: how often a shelf that it speaks of has at least 1, 2 and 3 pieces: what evidence fades to.
    """

    doubt: float
    lag_s: float
    horizon_s: float
    base: tuple[float, float, float]
    overlooked: float = 0.0


@dataclass(frozen=True, slots=True)
class Basis:
    """Evidence of a position, seen from one moment.

    `stock` is the level's; `anchor` says who gave its count. `still_s`: from the newest news to the newest coverage,
    so how long its source was heard without a word of a sale. `silent_s`: from there to the moment asked about, on the
    way there too; negative counts as none. `pace` is a class of domain/belief/pace.py. `leaning` is what shoppers add
    to the log-odds of its being there.
    """

    stock: Stock
    traits: Traits
    anchor: Anchor = "record"
    still_s: float = 0.0
    silent_s: float = 0.0
    pace: int = UNKNOWN_PACE
    leaning: float = 0.0

"""What an answer tells of one piece at one position: judged as a search does, wherever else that is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.learned import Learned
from inventory_service.domain.belief.verdict import UNKNOWN, Judgement
from inventory_service.domain.clock import whole_minute
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock


@dataclass(frozen=True, slots=True)
class Shelf:
    """Whose shelf: a product at a store of a retailer."""

    product_id: int
    store_id: int
    retailer_id: int


@dataclass(frozen=True, slots=True)
class Answered:
    """All but the judgement is None where nobody has ever told anything of the position."""

    judgement: Judgement
    stock: Stock | None = None
    source_id: int | None = None
    observed_at: datetime | None = None
    covered_at: datetime | None = None
    basis: Basis | None = None


NOTHING = Answered(UNKNOWN)


def answered(
    learned: Learned, shelf: Shelf, level: Level | None, covered: Mapping[int, datetime], now: datetime
) -> Answered:
    """`covered`: when each source last stood by all that it holds for the store."""
    if level is None:
        return NOTHING
    covered_at = learned.heard_at(level, covered)
    basis = learned.basis(shelf.product_id, shelf.store_id, level, covered_at, whole_minute(now))
    judgement = learned.judge(basis, 1, shelf.retailer_id)
    return Answered(judgement, level.stock, level.source_id, level.observed_at, covered_at, basis)

"""What an answer tells of one piece at one position: judged as a search does, wherever else that is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.learned import Learned
from inventory_service.domain.belief.verdict import UNKNOWN, Judgement
from inventory_service.domain.clock import whole_minute
from inventory_service.domain.level import Level, Shown
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
    shown: Shown | None = None
    """The evidence for those who are told no counts, as it is stood by."""

    @property
    def exact(self) -> Shown | None:
        """The level's own evidence, as it is stood by."""
        if self.source_id is None or self.observed_at is None or self.covered_at is None:
            return None
        return Shown(self.source_id, self.observed_at, self.covered_at)


NOTHING = Answered(UNKNOWN)


def answered(
    learned: Learned, shelf: Shelf, level: Level | None, covered: Mapping[int, datetime], now: datetime
) -> Answered:
    """`covered`: when each source last stood by all that it holds for the store."""
    if level is None:
        return NOTHING
    heard = learned.heard(level, covered)
    basis = learned.basis(shelf.product_id, shelf.store_id, level, heard.covered_at, whole_minute(now))
    judgement = learned.judge(basis, 1, shelf.retailer_id)
    own = level.source_id, level.observed_at, heard.covered_at
    return Answered(judgement, level.stock, *own, basis, heard.in_bands)

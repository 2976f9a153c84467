"""An explanation as plain data."""

from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.level import Level
from inventory_service.domain.reasons import Reasoned
from inventory_service.domain.report import Report
from inventory_service.domain.retelling import Effect
from inventory_service.domain.stock import Stock


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product at a store."""

    product_id: int
    gtin: str | None
    product: str | None
    store_id: int
    retailer_id: int
    retailer: str
    store_code: str
    store: str

    def __str__(self) -> str:
        product = self.product or (f"GTIN {self.gtin}" if self.gtin else f"product {self.product_id}")
        return f"{product} at {self.store} ({self.retailer}/{self.store_code})"


@dataclass(frozen=True, slots=True)
class Asked:
    """Why `shelf` was told of so at `at` (our clock, not to come), to who asked for `quantity` (≥ 1)."""

    shelf: Shelf
    at: datetime
    quantity: int

    @property
    def minute(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}Z"


@dataclass(frozen=True, slots=True)
class Word:
    """One report: from whom, what it did, and what was held of its item right after.

    `by`: the file, or the key of who looked. `received_at`: our clock. Both None where it is not known. `held` None:
    nothing yet.
    """

    report: Report
    source: str
    effect: Effect
    by: str | None
    received_at: datetime | None
    held: Stock | None


@dataclass(frozen=True, slots=True)
class Shoppers:
    """How many had found it, and how many had not, since the news that the answer stood on."""

    found: int
    missed: int

    def __bool__(self) -> bool:
        return self.found + self.missed > 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why it was answered so. `words` stand in their own order; `late` came only after the moment asked about.

    `source` is the anchor's, `shown_source` that of whose word was shown without counts; `store_covered_at`: when the
    anchor's had last told of the whole store, None: never, as far as is known. `begins_at`: from when on anything can
    be told.
    """

    asked: Asked
    begins_at: datetime
    words: tuple[Word, ...]
    late: tuple[Word, ...]
    level: Level
    shoppers: Shoppers
    source: str
    shown_source: str
    store_covered_at: datetime | None
    reasoned: Reasoned
    caveats: tuple[str, ...]

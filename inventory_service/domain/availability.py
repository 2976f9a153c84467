"""The question and its answer, as plain data: what the lookup takes and gives."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from geo.point import Point
from inventory_service.domain.offer import Money, Pickup
from inventory_service.domain.product import Product
from inventory_service.domain.stock import Availability, Stock
from inventory_service.domain.store import Store


@dataclass(frozen=True, slots=True)
class Question:
    """Which stores near `origin` have `quantity` of a product, for somebody who gets there after `arrive_in`?"""

    product: Product
    origin: Point
    radius_m: float = 50_000.0
    limit: int = 10
    quantity: int = 1
    arrive_in: timedelta = timedelta(0)
    retailers: frozenset[str] = frozenset()
    """Slugs; empty: all."""
    open_now: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen: a record's count, or what somebody saw."""

    kind: str
    source: str
    stock: Stock
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Backing:
    """What a result stands on."""

    as_of: datetime
    """The newest evidence."""
    covered_at: datetime | None
    """When the source last stood by what it holds."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class OpenState:
    """Open or closed in the store's own time; None where the hours are not known. Times are aware UTC."""

    open_now: bool | None = None
    closes_at: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One store's answer. `probability` is None exactly where the word is `unknown`."""

    store: Store
    hours: OpenState
    distance_m: int
    availability: Availability
    probability: float | None
    stock: Stock
    exact: Backing
    """For those who are told counts."""
    shown: Backing
    """For everyone else: it does not move where a count changes within its band."""
    price: Money | None = None
    sale_price: Money | None = None
    pickup: Pickup | None = None
    aisle: str | None = None
    order_in_store: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`from_cache` tells where the levels came from, for metrics."""

    product: Product
    answered_at: datetime
    quantity: int
    results: tuple[Found, ...]
    nearest_beyond: Found | None
    from_cache: bool

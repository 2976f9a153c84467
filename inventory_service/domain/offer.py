"""What a store asks for a product and how it hands it over; money is decimal."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units of an ISO 4217 currency, at most 4 decimals."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class SalePrice:
    """A reduced price, valid in [starts_at, ends_at); None is open-ended."""

    price: Money
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def at(self, moment: datetime) -> Money | None:
        if self.starts_at is not None and moment < self.starts_at:
            return None
        if self.ends_at is not None and moment >= self.ends_at:
            return None
        return self.price


@dataclass(frozen=True, slots=True)
class Pickup:
    """`method` buy, reserve, ship_to_store or not_supported; `sla` same_day, next_day, 2_day … multi_week."""

    method: str
    sla: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What a stock row says besides the count; every part may be absent."""

    price: Money | None = None
    sale_price: SalePrice | None = None
    pickup: Pickup | None = None
    aisle: str | None = None
    order_in_store: bool = False


NO_DETAILS = Details()

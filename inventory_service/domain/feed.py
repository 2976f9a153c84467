"""What a line of a feed says, before its ids are looked up: the parsers' output and the loader's input."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from geo.point import Point
from inventory_service.domain.offer import NO_DETAILS, Details, Money, SalePrice
from inventory_service.domain.stock import Stock


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store. `retailer` is set only where the file names several retailers; `point` None: not located."""

    store_code: str
    name: str
    retailer: str | None = None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2, upper case."""
    point: Point | None = None
    phone: str | None = None
    """E.164."""
    timezone: str | None = None
    """IANA name; None: taken from the point."""
    opening_hours: str | None = None
    """OSM opening_hours syntax, already checked."""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One item of a retailer's catalogue. `gtin` has 14 digits."""

    item_id: str
    gtin: str | None = None
    name: str | None = None
    brand: str | None = None
    image_url: str | None = None
    category: str | None = None
    price: Money | None = None
    sale_price: SalePrice | None = None


@dataclass(frozen=True, slots=True)
class StockRow:
    """One record of a position. `observed_at` None: the file's `as_of` stands for it."""

    store_code: str
    item_id: str
    stock: Stock
    gtin: str | None = None
    observed_at: datetime | None = None
    details: Details = NO_DETAILS
    retailer: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What one line yields; `line` counts physical lines (TSV, CSV) or items (XML) from 1.

    `raw` is the line as a person may read it, kept if the row is refused later on.
    """

    line: int
    store: StoreRow | None = None
    product: ProductRow | None = None
    stock: StockRow | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that cannot be used: which field, a reason from a small fixed list, and a sentence for people.

    `about` is the (store_code, item_id) that the line speaks of, where those can be read: it is refused, not absent.
    """

    line: int
    field: str | None
    reason: str
    detail: str
    raw: str = ""
    about: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The tally of a load: rows = applied + unchanged + rejected.

    A snapshot also tells how many positions that it left out became empty, and how many stores wait for a person.
    """

    rows: int = 0
    applied: int = 0
    unchanged: int = 0
    rejected: int = 0
    emptied: int = 0
    held: int = 0
    shared_gtin: int = 0
    """Rows of items that have the GTIN of another item of the retailer: their counts were added up."""
    reasons: Mapping[str, int] | None = None

"""What a line of a feed says, before its ids are looked up: the parsers' output and the loader's input."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.point import Point
from inventory_service.domain.clock import at_micros
from inventory_service.domain.offer import NO_DETAILS, Details, Money, SalePrice
from inventory_service.domain.stock import Stock

T = TypeVar("T")


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
    """One item of a retailer's catalogue. `gtin` has 14 digits.

    `stands_in`: the row tells a GTIN alone, which is its `item_id`, too, until an item of the retailer has it.
    """

    item_id: str
    gtin: str | None = None
    name: str | None = None
    brand: str | None = None
    image_url: str | None = None
    category: str | None = None
    price: Money | None = None
    sale_price: SalePrice | None = None
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class StockRow:
    """One record of a position. `observed_at` None: the file's `as_of` stands for it.

    `item_id` None: the item is the retailer's one with this `gtin`.
    """

    store_code: str
    item_id: str | None
    stock: Stock
    gtin: str | None = None
    observed_at: datetime | None = None
    details: Details = NO_DETAILS
    retailer: str | None = None


MovementKind = Literal["sale", "delivery"]


@dataclass(frozen=True, slots=True)
class MovementRow:
    """Pieces that left (sale) or came (delivery); a negative `quantity` takes back, such as a return.

    `event_id` is the source's own id of the event: the same one again has no further effect. At least one of `item_id`
    and `gtin` is set.
    """

    store_code: str
    kind: MovementKind
    quantity: int
    observed_at: datetime
    event_id: str
    item_id: str | None = None
    gtin: str | None = None
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
    movement: MovementRow | None = None


@dataclass(frozen=True, slots=True)
class Coded(Generic[T]):
    """A column in which few values stand in many places: `codes` tells, by place, which of `values`.

    `values` may be shared with other columns and grow at its end; a value may stand in it twice.
    """

    values: Sequence[T]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, place: int) -> T:
        return self.values[int(self.codes[place])]

    def used(self) -> list[int]:
        """The codes that occur, ascending."""
        codes: list[int] = np.flatnonzero(np.bincount(self.codes)).tolist()
        return codes


@dataclass(frozen=True, slots=True)
class StockColumns:
    """Good records of one feed, in columns and in the file's order.

    Each place of the columns is one line, as a StockRow would tell it, without an object a line. `raw` gives a line as
    it came, by its place. `observed_us`: when each was observed, in microseconds since 1970; None: the file's time.
    """

    lines: NDArray[np.int64]
    store_codes: Coded[str]
    item_ids: Coded[str]
    stocks: Coded[Stock]
    details: Coded[Details]
    raw: Callable[[int], str]
    observed_us: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def observed_at(self, place: int) -> datetime | None:
        """A line's own time."""
        return None if self.observed_us is None else at_micros(int(self.observed_us[place]))

    def row(self, place: int) -> Row:
        """One line as a Row."""
        position = self.store_codes[place], self.item_ids[place]
        stock = StockRow(*position, self.stocks[place], None, self.observed_at(place), self.details[place])
        return Row(int(self.lines[place]), stock=stock, raw=self.raw(place))


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


REFUSALS_SHOWN = 20


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
    duplicates: int = 0
    """Of the unchanged: reports that were held already."""
    conflicting: int = 0
    """Rows beside which another tells another count of the same moment."""
    load_id: int = 0
    refusals: tuple[Refusal, ...] = ()
    """The first REFUSALS_SHOWN of the rejected lines."""

    def joined(self, later: "Loaded") -> "Loaded":
        """Both together: counts add up, `load_id` is the later one's, and no more refusals are kept than are shown."""
        values = {name: getattr(self, name) + getattr(later, name) for name in _COUNTS}
        reasons = dict(Counter(self.reasons or {}) + Counter(later.reasons or {}))
        refusals = (self.refusals + later.refusals)[:REFUSALS_SHOWN]
        return Loaded(**values, reasons=reasons, load_id=later.load_id, refusals=refusals)


_COUNTS = ("rows", "applied", "unchanged", "rejected", "emptied", "held", "shared_gtin", "duplicates", "conflicting")

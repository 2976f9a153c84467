"""What a load knows of itself while its chunks come in."""

from dataclasses import dataclass, field
from datetime import datetime

from geo.point import Point
from inventory_service.domain.feed import Refusal, Row, StockColumns
from inventory_service.storage.stocking import Mode
from inventory_service.storage.stores import RetailerProfile
from store_sync.catalogue import Catalogue
from store_sync.leftovers import Leftovers

Line = Row | Refusal | StockColumns
"""What a parser gives: one line of a file, or many in columns."""


@dataclass(slots=True)
class Ground:
    """What a load has found so far where it writes."""

    is_new: bool = False
    """Nothing was held of the last positions: the next are tried without looking."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A load under way.

    `as_of` orders reports of one moment; None: each row's own time does. `observed_at` stands for rows without time.
    """

    load_id: int
    source_id: int
    retailer_id: int
    profile: RetailerProfile
    as_of: datetime | None
    observed_at: datetime
    leftovers: Leftovers | None = None
    """Of a snapshot."""
    catalogue: Catalogue = field(default_factory=Catalogue)
    points: dict[tuple[str, str], Point] = field(default_factory=dict)
    """Where the file first put each (retailer, store_code)."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Positions of each store that was read whole, by store_id."""
    ground: Ground = field(default_factory=Ground)

    @property
    def mode(self) -> Mode:
        return "delta" if self.leftovers is None else "snapshot"

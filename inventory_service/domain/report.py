"""Reports: statements about a position, in an order of their own that does not depend on their arrival."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.stock import Stock

RecordKind = Literal["record", "absence", "confirmation"]
MovementKind = Literal["sale", "delivery"]

PRECEDENCE = {"record": 0, "absence": 0, "sale": 1, "delivery": 2, "confirmation": 3}
"""Of two reports of one moment and file the later in this list comes later."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands on a shelf, by a source's record or (`confirmation`) by somebody who looked.

    An `absence` is a record of none by a full file that did not list the item: it counts where its source had the last
    word so far, in an earlier file.

    `observed_at` is the row's clock, `as_of` the file's. `rank` tells apart the items of one retailer that are the
    same product: 0 is the first that was known. `load_id` tells which load brought it; equality leaves it out.
    """

    observed_at: datetime
    as_of: datetime
    stock: Stock
    source_id: int
    details: Details = NO_DETAILS
    rank: int = 0
    kind: RecordKind = "record"
    load_id: int = field(default=0, compare=False)

    @property
    def voice(self) -> tuple[int, int]:
        """Whose word it is: a source's, about one item."""
        return (self.source_id, self.rank)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.kind, self.voice, self.observed_at, self.as_of, self.stock)

    @property
    def order(self) -> tuple[Any, ...]:
        """At one moment the smaller claim comes later. Ties end in content, so that the order is total."""
        ceiling, low = self.stock.generosity
        content = "" if self.details == NO_DETAILS else repr(self.details)
        told = (-ceiling, -low, self.voice, content, self.kind)
        return (self.observed_at, self.as_of, PRECEDENCE[self.kind], *told)


@dataclass(frozen=True, slots=True)
class Movement:
    """Pieces that left a shelf (sale) or came to it (delivery); a negative `quantity` takes back.

    `event_id` is the source's own: within a position the same one again is the same event.
    """

    observed_at: datetime
    as_of: datetime
    kind: MovementKind
    quantity: int
    source_id: int
    event_id: str
    rank: int = 0
    load_id: int = field(default=0, compare=False)

    @property
    def voice(self) -> tuple[int, int]:
        return (self.source_id, self.rank)

    @property
    def identity(self) -> tuple[Any, ...]:
        return ("event", self.source_id, self.event_id)

    @property
    def order(self) -> tuple[Any, ...]:
        told = (float(-self.quantity), 0, self.voice, self.event_id)
        return (self.observed_at, self.as_of, PRECEDENCE[self.kind], *told)

    @property
    def change(self) -> int:
        """Pieces more on the shelf."""
        return -self.quantity if self.kind == "sale" else self.quantity


Report = Record | Movement


def merge(held: Iterable[Report], arrived: Iterable[Report]) -> tuple[Report, ...]:
    """Both sets of reports in order, each identity once: of two records that differ in what else they tell, the later.

    Of two events, which then have the same id, the earlier: told again with another time or quantity, an event has no
    further effect. It stays the report of the load that told it first.
    """
    by_identity: dict[tuple[Any, ...], Report] = {}
    for report in [*held, *arrived]:
        known = by_identity.get(report.identity)
        if known is None:
            by_identity[report.identity] = report
        elif _tells_more(report, known):
            by_identity[report.identity] = replace(report, load_id=known.load_id)
    return tuple(sorted(by_identity.values(), key=lambda report: report.order))


def _tells_more(report: Report, known: Report) -> bool:
    if isinstance(report, Record) and isinstance(known, Record):
        silent, other = report.details == NO_DETAILS, known.details == NO_DETAILS
        return (other, report.order) > (silent, known.order)
    return report.order < known.order if isinstance(report, Movement) else report.order > known.order

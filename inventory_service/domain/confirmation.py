"""What somebody of the staff saw on a shelf, and how it becomes reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from inventory_service.domain.answered import Answered
from inventory_service.domain.clock import FUTURE_TOLERANCE, MICROSECOND
from inventory_service.domain.history import History
from inventory_service.domain.level import stand, summed
from inventory_service.domain.report import Record
from inventory_service.domain.stock import LIMITED, NONE_LEFT, SEEN, Stock

STAFF = "staff"
"""Each retailer's source whose word is its staff's; no feed may go by this name."""
KEPT_FOR = timedelta(days=7)
"""How late a device may tell what it saw, and how long replies are kept for it."""

Said = Literal["seen", "low", "none", "count"]
WORDS: dict[Said, Stock] = {"seen": SEEN, "low": LIMITED, "none": NONE_LEFT}


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen: a word, or a count where `said` is `count`."""

    said: Said
    quantity: int | None
    observed_at: datetime

    @property
    def stock(self) -> Stock:
        return WORDS[self.said] if self.quantity is None else Stock.exactly(self.quantity)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A sighting with its consequences: what was answered just `before` it was received, and right `after`."""

    confirmation_id: int
    store_id: int
    product_id: int
    key_id: int
    sighting: Sighting
    received_at: datetime
    before: Answered
    after: Answered
    undone_at: datetime | None = None


def time_fault(observed_at: datetime, now: datetime) -> str | None:
    """Why a device's time cannot be taken, or None."""
    if observed_at > now + FUTURE_TOLERANCE:
        return "is more than 5 minutes ahead of our clock"
    return "is more than 7 days ago" if observed_at < now - KEPT_FOR else None


def load_id_of(confirmation_id: int) -> int:
    """By which its reports are taken back: below zero, where no load ever is."""
    return -confirmation_id


def reports_of(
    sighting: Sighting, confirmation_id: int, source_id: int, received_at: datetime, held: History
) -> list[Record]:
    """What it says of each of the retailer's items that are the product at the store; `held`: what is told of them."""
    taken = {one.as_of for one in held.reports if one.observed_at == sighting.observed_at}
    while received_at in taken:
        received_at += MICROSECOND
    return [
        Record(
            sighting.observed_at,
            received_at,
            stock,
            source_id,
            rank=rank,
            kind="confirmation",
            load_id=load_id_of(confirmation_id),
        )
        for rank, stock in _shared_out(sighting.stock, held)
    ]


def _shared_out(seen: Stock, held: History) -> Sequence[tuple[int, Stock]]:
    """By the items' ranks: who looks at a shelf sees all of a product, whichever items it is."""
    standings = stand(held.counted, held.standings)
    if len(standings) < 2:
        return [(standings[0].rank if standings else 0, seen)]
    first, *others = (standing.rank for standing in standings)
    return [(first, summed(standings).stock.agreed_with(seen)), *((rank, NONE_LEFT) for rank in others)]

"""Histories: all that was told of some positions, put in order."""

from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from inventory_service.domain.report import Report

STAFF = "staff"
"""The source of a retailer's confirmations."""


class Place(NamedTuple):
    """One product at one store, by names."""

    retailer: str
    store: str
    product: str


@dataclass(slots=True)
class Position:
    """Its reports, in any order until `Histories.ordered`."""

    place: Place
    category: str = ""
    reports: list[Report] = field(default_factory=list)


@dataclass(slots=True)
class Histories:
    """`sources` are numbered in the order in which they were met; a name is `retailer/source`."""

    positions: dict[Place, Position] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    staff: set[int] = field(default_factory=set)
    covered: dict[tuple[str, str], dict[int, list[datetime]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    """By retailer and store: when each source said that it still stands by what it holds there, ascending."""

    def position(self, place: Place, category: str = "") -> Position:
        known = self.positions.get(place)
        if known is None:
            known = self.positions[place] = Position(place, category)
        return known

    def source_id(self, retailer: str, source: str) -> int:
        number = self.sources.setdefault(f"{retailer}/{source}", len(self.sources))
        if source == STAFF:
            self.staff.add(number)
        return number

    def cover(self, retailer: str, store: str, source_id: int, moment: datetime) -> None:
        insort(self.covered[retailer, store][source_id], moment)

    def covered_at(self, place: Place, source_id: int, moment: datetime) -> datetime | None:
        """The newest coverage up to `moment`; for staff, who cover nothing, that of any source of the store.

        While tills are heard, what staff saw has not been sold unseen either.
        """
        by_source = self.covered.get((place.retailer, place.store), {})
        heard = by_source.values() if source_id in self.staff else [by_source.get(source_id, [])]
        latest = [one[number - 1] for one in heard if (number := bisect_right(one, moment))]
        return max(latest, default=None)

    def ordered(self) -> "Histories":
        """With each position's reports in the order in which they are folded."""
        for position in self.positions.values():
            position.reports.sort(key=lambda report: report.order)
        return self

    def names(self) -> list[str]:
        return list(self.sources)

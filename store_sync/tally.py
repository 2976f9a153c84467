"""What became of the lines of a chunk."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from inventory_service.storage.apply import Applied
from inventory_service.storage.loads import Progress, Rejected


@dataclass(slots=True)
class Tally:
    """rows = applied + unchanged + rejected."""

    applied: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    duplicates: int = 0
    """Of the unchanged: reports that were held already."""
    shared: int = 0
    """Rows of items that are the same product as another item of the retailer: their counts add up."""
    conflicting: int = 0
    """Rows beside which another row tells another count of the same moment."""
    new_items: int = 0
    """Items that stock came for before any product feed told of them."""
    newest_observed_at: datetime | None = None
    logged: int = 0
    """Positions that were written or told to the change log."""

    @property
    def is_silent(self) -> bool:
        """Nothing became of the lines: they only repeat what is held."""
        return not (self.applied or self.rejected or self.new_items or self.logged)

    @property
    def rows(self) -> int:
        return self.applied + self.unchanged + len(self.rejected)

    @property
    def progress(self) -> Progress:
        reasons = Counter(one.reason for one in self.rejected)
        return Progress(self.applied, self.unchanged, self.duplicates, self.new_items, self.newest_observed_at, reasons)

    def count(self, applied: Applied) -> None:
        """Adds what became of reports."""
        self.applied += applied.changed
        self.unchanged += applied.unchanged
        self.duplicates += applied.duplicates
        self.logged += applied.logged
        self.conflicting += applied.conflicting

    def observed(self, moment: datetime) -> None:
        if self.newest_observed_at is None or moment > self.newest_observed_at:
            self.newest_observed_at = moment

    def add(self, other: "Tally") -> None:
        self.applied += other.applied
        self.unchanged += other.unchanged
        self.rejected += other.rejected
        self.duplicates += other.duplicates
        self.shared += other.shared
        self.conflicting += other.conflicting
        self.new_items += other.new_items
        self.logged += other.logged
        if other.newest_observed_at is not None:
            self.observed(other.newest_observed_at)

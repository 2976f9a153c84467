"""A worker's memory of coverage: when each source last stood by all it holds for a store."""

from collections.abc import Iterable, Mapping
from datetime import datetime


class Coverage:
    """Immutable: `updated` gives the next state. Times are aware UTC."""

    def __init__(self, covered_at: Mapping[tuple[int, int], datetime]) -> None:
        """`covered_at` by (store_id, source_id)."""
        self._covered_at = covered_at

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, datetime]]) -> "Coverage":
        """Rows of (store_id, source_id, covered_at); the newest of a pair counts."""
        return cls({}).updated(rows)

    def updated(self, rows: Iterable[tuple[int, int, datetime]]) -> "Coverage":
        """Coverage only grows newer: an older row changes nothing."""
        newest = dict(self._covered_at)
        for store_id, source_id, covered_at in rows:
            known = newest.get((store_id, source_id))
            newest[store_id, source_id] = covered_at if known is None else max(known, covered_at)
        return Coverage(newest)

    def covered_at(self, store_id: int, source_id: int) -> datetime | None:
        return self._covered_at.get((store_id, source_id))

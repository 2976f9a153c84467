"""A worker's memory of coverage: when each source last stood by all it holds for a store."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime


class Coverage:
    """Immutable: `updated` gives the next state. Times are aware UTC."""

    def __init__(self, covered_at: Mapping[tuple[int, int], datetime]) -> None:
        """`covered_at` by (store_id, source_id)."""
        self._covered_at = covered_at

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, datetime]]) -> "Coverage":
        """Rows of (store_id, source_id, covered_at), each pair once."""
        return cls({}).updated(rows)

    def updated(self, rows: Iterable[tuple[int, int, datetime]]) -> "Coverage":
        """With what was read last: coverage grows older too, where a file is taken back."""
        read = {(store_id, source_id): covered_at for store_id, source_id, covered_at in rows}
        return Coverage({**self._covered_at, **read})

    def covered_at(self, store_id: int, source_id: int) -> datetime | None:
        return self._covered_at.get((store_id, source_id))

    def __iter__(self) -> Iterator[tuple[tuple[int, int], datetime]]:
        """((store_id, source_id), covered_at) of all."""
        return iter(self._covered_at.items())

"""A worker's memory of coverage: when each source last stood by all it holds for a store."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.clock import at_micros, micros

Column = NDArray[np.int64]
SOURCES = 1 << 31
"""More than there are ids of sources: a store and a source as one number."""


class Coverage:
    """Immutable: `updated` gives the next state. Times are aware UTC."""

    def __init__(self, pairs: Column, times_us: Column) -> None:
        """For `of` and `updated`: store_id * SOURCES + source_id, ascending, and their times in step."""
        self._pairs, self._times_us = pairs, times_us

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, datetime]]) -> Self:
        """Rows of (store_id, source_id, covered_at), each pair once."""
        read = np.array([(store * SOURCES + source, micros(at)) for store, source, at in rows], dtype=np.int64)
        pairs, times_us = read.reshape(-1, 2).T
        order = np.argsort(pairs)
        return cls(pairs[order], times_us[order])

    def updated(self, rows: Iterable[tuple[int, int, datetime]]) -> "Coverage":
        """With what was read last: coverage grows older too, where a file is taken back."""
        read = Coverage.of(rows)
        kept = np.isin(self._pairs, read._pairs, invert=True)
        pairs = np.concatenate((self._pairs[kept], read._pairs))
        order = np.argsort(pairs, kind="stable")
        return Coverage(pairs[order], np.concatenate((self._times_us[kept], read._times_us))[order])

    def covered_at(self, store_id: int, source_id: int) -> datetime | None:
        pair = store_id * SOURCES + source_id
        place = int(self._pairs.searchsorted(pair))
        known = place < len(self._pairs) and self._pairs[place] == pair
        return at_micros(int(self._times_us[place])) if known else None

    def of_store(self, store_id: int) -> dict[int, datetime]:
        """source_id → covered_at."""
        first, end = self._pairs.searchsorted((store_id * SOURCES, (store_id + 1) * SOURCES)).tolist()
        pairs, times_us = self._pairs[first:end].tolist(), self._times_us[first:end].tolist()
        return {pair % SOURCES: at_micros(time_us) for pair, time_us in zip(pairs, times_us, strict=True)}

    def __iter__(self) -> Iterator[tuple[tuple[int, int], datetime]]:
        """((store_id, source_id), covered_at) of all."""
        for pair, time_us in zip(self._pairs.tolist(), self._times_us.tolist(), strict=True):
            yield divmod(pair, SOURCES), at_micros(time_us)

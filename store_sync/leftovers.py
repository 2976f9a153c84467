"""What a snapshot has not mentioned yet, store by store, in a few bytes a position."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.clock import micros
from inventory_service.storage import holdings
from inventory_service.storage.columns import NO_UPPER_BOUND
from inventory_service.storage.holdings import Holdings
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

Ids = NDArray[np.int32]


class Leftovers:
    """Products that a source's stores hold and that its snapshot of `observed_at` has not told of so far.

    What had none already need not be mentioned, unless it came to that only later.
    """

    def __init__(self, source_id: int, observed_at: datetime) -> None:
        self._source_id = source_id
        self._observed_us = micros(observed_at)
        self._left: dict[int, Ids] = {}
        self._positive: dict[int, int] = {}
        self.unread = 0
        """Refused lines of which nobody can tell which store they spoke of."""
        self._doubtful: set[int] = set()

    async def meet(self, connection: Connection, store_ids: Iterable[int]) -> Holdings:
        """Reads stores that are met for the first time, before the snapshot changes them; returns what they hold."""
        new = sorted(set(store_ids) - self._left.keys())
        held = await holdings.of_stores(connection, new)
        own, some = held.source_ids == self._source_id, held.high != 0
        left = ~held.is_plain | (own & (some | (held.observed_us >= self._observed_us)))
        told = (held.low != 0) | (held.high != NO_UPPER_BOUND)
        products, stores, positive = held.product_ids[left], held.store_ids[left], (own & some & told)[left]
        for store_id in new:
            here = stores == store_id
            self._left[store_id] = np.sort(products[here].astype(np.int32))
            self._positive[store_id] = int(positive[here].sum())
        return held

    def mention(self, keys: Sequence[Key]) -> None:
        """Notes positions that a chunk told of."""
        if keys:
            pairs = np.array(keys, dtype=np.int32)
            self.mention_columns(pairs[:, 0], pairs[:, 1])

    def mention_columns(self, product_ids: Ids, store_ids: Ids) -> None:
        """Notes positions by columns."""
        for store_id in np.unique(store_ids).tolist():
            left = self._left[store_id]
            told = np.sort(product_ids[store_ids == store_id])
            if len(left) and len(told):
                at = np.minimum(np.searchsorted(told, left), len(told) - 1)
                self._left[store_id] = left[told[at] != left]

    def doubt(self, store_id: int) -> None:
        """A refused line spoke of this store, and nobody can tell of what."""
        self._doubtful.add(store_id)

    def is_certain(self, store_id: int) -> bool:
        """Whether what a store's lines left out was left out indeed."""
        return not self.unread and store_id not in self._doubtful

    def stores(self) -> list[int]:
        return sorted(self._left)

    def of(self, store_id: int) -> list[Key]:
        """The positions of a store that were not mentioned."""
        return [(product_id, store_id) for product_id in self._left[store_id].tolist()]

    def positive(self, store_id: int) -> int:
        """How many positions of the source had something, or might have, when the store was met."""
        return self._positive[store_id]

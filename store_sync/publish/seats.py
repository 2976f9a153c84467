"""Where each store lives in the cache, for looking up many at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import shelves
from inventory_service.storage.postgres import Connection

Ids = NDArray[np.int64]
NOWHERE = -1


class Seats:
    """Neighbourhood and slot by store id. A seat is for good, so what was read once stays true; stores are added."""

    def __init__(self) -> None:
        self._neighbourhoods: Ids = np.empty(0, dtype=np.int64)
        self._slots: Ids = np.empty(0, dtype=np.int64)

    async def load(self, connection: Connection) -> None:
        self._take_in(await shelves.seats(connection, None))

    async def learn(self, connection: Connection, store_ids: Ids) -> None:
        """Reads the seats of those of `store_ids` that are not known yet."""
        unknown = store_ids[self.neighbourhoods(store_ids) == NOWHERE]
        if len(unknown):
            self._take_in(await shelves.seats(connection, np.unique(unknown).tolist()))

    def neighbourhoods(self, store_ids: Ids) -> Ids:
        """In step with `store_ids`; NOWHERE for a store that is not known."""
        return _at(self._neighbourhoods, store_ids)

    def slots(self, store_ids: Ids) -> Ids:
        return _at(self._slots, store_ids)

    def of(self, store_id: int) -> tuple[int, int]:
        """Neighbourhood and slot of a store that is known."""
        return int(self._neighbourhoods[store_id]), int(self._slots[store_id])

    def _take_in(self, rows: Sequence[Any]) -> None:
        if not rows:
            return
        ids, neighbourhoods, slots = np.array([tuple(row) for row in rows], dtype=np.int64).T
        self._neighbourhoods = _grown(self._neighbourhoods, int(ids.max()) + 1)
        self._slots = _grown(self._slots, int(ids.max()) + 1)
        self._neighbourhoods[ids], self._slots[ids] = neighbourhoods, slots


def _at(column: Ids, store_ids: Ids) -> Ids:
    inside = store_ids < len(column)
    found = np.full(len(store_ids), NOWHERE, dtype=np.int64)
    found[inside] = column[store_ids[inside]]
    return found


def _grown(column: Ids, size: int) -> Ids:
    return np.concatenate((column, np.full(max(0, size - len(column)), NOWHERE, dtype=np.int64)))

"""Items that a load has met: a feed names the same ones store after store."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.feed import ProductRow
from inventory_service.storage import stores
from inventory_service.storage.describe_items import describe_items
from inventory_service.storage.postgres import Connection

MOST = 1_000_000
"""Items remembered at most."""


class Catalogue:
    """Remembers which product each item is, as long as none turns out to be another one."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._products: dict[str, int] = {}
        self._shared: dict[str, int] = {}

    async def product_ids(
        self, connection: Connection, retailer_id: int, item_ids: Sequence[str], as_of: datetime, now: datetime
    ) -> tuple[NDArray[np.int32], int]:
        """The product of each item, all made known; and how many of the items nobody had told of.

        The caller holds the retailer's lock.
        """
        stamp = (retailer_id, await stores.catalogue(connection, retailer_id))
        if stamp != self._stamp or len(self._products) > MOST:
            self._stamp, self._products, self._shared = stamp, {}, {}
        try:
            return self._found(item_ids), 0
        except KeyError:
            added = await self._learn(connection, retailer_id, item_ids, as_of, now)
            return self._found(item_ids), added

    def _found(self, item_ids: Sequence[str]) -> NDArray[np.int32]:
        return np.fromiter(map(self._products.__getitem__, item_ids), np.int32, len(item_ids))

    async def _learn(
        self, connection: Connection, retailer_id: int, item_ids: Sequence[str], as_of: datetime, now: datetime
    ) -> int:
        unknown = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._products]
        found = await describe_items(connection, retailer_id, [ProductRow(one) for one in unknown], as_of, now)
        self._products.update(found.product_ids)
        self._shared.update({item_id: rank for item_id, rank in found.ranks.items() if rank})
        return len(found.added)

    def forget(self) -> None:
        """What was learnt in a transaction that was taken back."""
        self._stamp = None

    def shared(self, item_ids: Iterable[str]) -> dict[int, int]:
        """Place → rank, of the items that are the same product as another one of the retailer."""
        if not self._shared:
            return {}
        return {place: self._shared[one] for place, one in enumerate(item_ids) if one in self._shared}

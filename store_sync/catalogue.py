"""Items that a load has met: a feed names the same ones store after store."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.feed import Coded, ProductRow
from inventory_service.storage import products, stores
from inventory_service.storage.describe_items import describe_items
from inventory_service.storage.postgres import Connection

MOST = 1_000_000
"""Items remembered at most."""


UNKNOWN = -1


class Catalogue:
    """Remembers which product each item is, as long as none turns out to be another one."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._products: dict[str, int] = {}
        self._shared: dict[str, int] = {}
        self._values: Sequence[str] = ()
        self._by_code = np.empty(0, dtype=np.int32)

    async def product_ids(
        self, connection: Connection, retailer_id: int, items: Coded[str], as_of: datetime, now: datetime
    ) -> tuple[NDArray[np.int32], int]:
        """The product of each item of a column, all made known; and how many of the items nobody had told of.

        The caller holds the retailer's lock.
        """
        stamp = (retailer_id, await stores.catalogue(connection, retailer_id))
        if stamp != self._stamp or len(self._products) > MOST:
            self._stamp, self._products, self._shared, self._values = stamp, {}, {}, ()
        found = self._found(items)
        unknown = found == UNKNOWN
        if not unknown.any():
            return found, 0
        added = await self._learn(connection, retailer_id, items, np.unique(items.codes[unknown]), as_of, now)
        return self._by_code[items.codes], added

    def _found(self, items: Coded[str]) -> NDArray[np.int32]:
        if self._values is not items.values:
            self._values, self._by_code = items.values, np.empty(0, dtype=np.int32)
        size = len(items.values)
        if size > len(self._by_code):
            new = islice(items.values, len(self._by_code), size)
            told = np.fromiter((self._products.get(one, UNKNOWN) for one in new), np.int32)
            self._by_code = np.concatenate((self._by_code, told))
        return self._by_code[items.codes]

    async def _learn(
        self,
        connection: Connection,
        retailer_id: int,
        items: Coded[str],
        codes: NDArray[np.int32],
        as_of: datetime,
        now: datetime,
    ) -> int:
        names = [items.values[code] for code in codes.tolist()]
        wanted = [one for one in dict.fromkeys(names) if one not in self._products]
        known = await products.numbers(connection, retailer_id, wanted)
        self._take_in(known.items())
        new = [ProductRow(one) for one in wanted if one not in known]
        if new:
            found = await describe_items(connection, retailer_id, new, as_of, now)
            self._take_in((one.item_id, (found.product_ids[one.item_id], found.ranks[one.item_id])) for one in new)
        self._by_code[codes] = [self._products[one] for one in names]
        return len(new)

    def _take_in(self, items: Iterable[tuple[str, tuple[int, int]]]) -> None:
        for item_id, (product_id, rank) in items:
            self._products[item_id] = product_id
            if rank:
                self._shared[item_id] = rank

    def forget(self) -> None:
        """What was learnt in a transaction that was taken back."""
        self._stamp = None

    def shared(self, items: Coded[str]) -> dict[int, int]:
        """Place → rank, of the items that are the same product as another one of the retailer."""
        if not self._shared:
            return {}
        ranks = {code: self._shared[items.values[code]] for code in items.used() if items.values[code] in self._shared}
        return {place: ranks[code] for place, code in enumerate(items.codes.tolist()) if code in ranks}

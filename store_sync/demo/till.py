"""The simulated till: sales and deliveries of the demo retailers, told as small incremental feeds."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from random import Random
from typing import NamedTuple

from store_sync.demo.feeds import stock_head, stock_line
from store_sync.demo.world import Count, DemoItem, DemoRetailer, DemoStore, DemoWorld

EVENTS_PER_S = 200.0
"""Customers and deliveries in all stores together: enough to see the answers about a popular article move."""
MOST_EVENTS_A_TICK = 1_000
"""After a pause the till does not catch up on what nobody saw."""
REORDER_AT = 2
DELIVERY_CHANCE = 0.42
"""That something happening to a nearly empty shelf is a delivery. Keeps about 8 in 100 shelves empty."""
CASE = (6, 12)
"""Pieces in a delivery."""
PAIR_CHANCE = 0.15
"""That a customer takes two."""


class Position(NamedTuple):
    """One shelf of the demo world."""

    retailer: DemoRetailer
    store: DemoStore
    item: DemoItem


class Till:
    """Takes the counts as they are and moves them on; what is bought often moves often.

    Counts of stores or items that are not of the demo world are left alone.
    """

    def __init__(self, world: DemoWorld, counts: Mapping[str, Iterable[Count]], rng: Random) -> None:
        """`counts` by the retailers' slugs: `opening_counts` at first, later what the service holds."""
        known = [found for retailer in world.retailers for found in _known(retailer, counts.get(retailer.slug, ()))]
        self._positions = [position for position, _ in known]
        self._quantities = array("q", (quantity for _, quantity in known))
        self._pulls = array("d", accumulate(position.item.article.pull for position in self._positions))
        self._rng = rng
        self._due = 0.0

    def tick(self, seconds: float) -> dict[str, bytes]:
        """What changed in the next `seconds`: by slug, a Google local inventory feed of the new counts."""
        self._due += seconds * EVENTS_PER_S if self._positions else 0.0
        events = min(int(self._due), MOST_EVENTS_A_TICK)
        self._due -= int(self._due)
        before: dict[int, int] = {}
        for _ in range(events):
            index = self._any_position()
            before.setdefault(index, self._quantities[index])
            self._quantities[index] = after_event(self._quantities[index], self._rng)
        return self._feeds(index for index, quantity in before.items() if quantity != self._quantities[index])

    def counts(self) -> Iterator[tuple[str, Count]]:
        """Slug and count of every shelf as the till has it."""
        for position, quantity in zip(self._positions, self._quantities, strict=True):
            yield position.retailer.slug, Count(position.store.code, position.item.item_id, quantity)

    def _any_position(self) -> int:
        return bisect_right(self._pulls, self._rng.random() * self._pulls[-1], hi=len(self._pulls) - 1)

    def _feeds(self, indexes: Iterable[int]) -> dict[str, bytes]:
        feeds: dict[str, bytes] = {}
        for index in indexes:
            position = self._positions[index]
            line = stock_line(position.retailer, position.store, position.item, self._quantities[index])
            feeds[position.retailer.slug] = feeds.get(position.retailer.slug, stock_head()) + line
        return feeds


def after_event(quantity: int, rng: Random) -> int:
    """The count after a customer or a delivery came by; never below 0."""
    if quantity <= REORDER_AT and rng.random() < DELIVERY_CHANCE:
        return quantity + rng.randint(*CASE)
    taken = 2 if rng.random() < PAIR_CHANCE else 1
    return max(quantity - taken, 0)


def _known(retailer: DemoRetailer, counts: Iterable[Count]) -> Iterator[tuple[Position, int]]:
    stores = {store.code: store for store in retailer.stores}
    items = {item.item_id: item for item in retailer.items}
    for store_code, item_id, quantity in counts:
        store, item = stores.get(store_code), items.get(item_id)
        if store is not None and item is not None:
            yield Position(retailer, store, item), quantity

"""Who lists what: each retailer its own products and some of the shared brands."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from loadtests.world.draws import generator
from loadtests.world.model import World

Numbers = NDArray[np.int64]

FEWEST_LISTING = 2
"""Retailers that list a shared product; the share of products with k or more of them falls as 1 / k."""
QUANTILES, GROUP = 65_536, 8_192
STEEPEST, HALVINGS = 3.0, 60


@dataclass(frozen=True)
class Assortment:
    """Products are numbers from 0: the shared ones first, then each retailer's own, one retailer after another."""

    world: World

    @cached_property
    def store_counts(self) -> Numbers:
        """Stores by retailer, the largest first."""
        weights = 1.0 / np.arange(1, self.world.retailers + 1) ** self.world.zipf
        counts = np.maximum(1, np.round(self.world.stores * weights / weights.sum()).astype(np.int64))
        counts[0] += self.world.stores - counts.sum()
        return counts

    @cached_property
    def shared_by(self) -> NDArray[np.bool_]:
        """(shared products, retailers): True where the retailer lists it; the most shared product first."""
        world = self.world
        listings = world.shared * world.positions * world.retailers / (world.carried * world.stores)
        products = min(world.products // 2, round(listings / self._listing(QUANTILES).mean()))
        most = self._listing(products)
        draw = generator(world.seed, "shared brands")
        rows = [
            np.argsort(draw.random((len(some), world.retailers), dtype=np.float32), axis=1).argsort(axis=1)
            < some[:, None]
            for some in np.split(most, range(GROUP, products, GROUP))
        ]
        return np.concatenate(rows)

    def _listing(self, products: int) -> Numbers:
        """How many retailers list each of so many shared products."""
        ranks = (np.arange(products) + 0.5) / max(1, products)
        at_most = max(FEWEST_LISTING, self.world.retailers // 2)
        return np.minimum(at_most, FEWEST_LISTING / ranks).astype(np.int64)

    @cached_property
    def own_counts(self) -> Numbers:
        """Own products by retailer: all together what is left of the products, and of the positions.

        Proportional to stores ** -a: chains of many small stores list less than others do.
        """
        world, stores = self.world, self.store_counts.astype(float)
        products = world.products - len(self.shared_by)
        shared = world.carried * (self.shared_by @ stores).sum()
        wanted = (world.positions - shared) / (world.carried * products)
        low, high = -STEEPEST, STEEPEST
        for _ in range(HALVINGS):
            steep = (low + high) / 2
            stores_a_product = (stores ** (1 - steep)).sum() / (stores**-steep).sum()
            low, high = (steep, high) if stores_a_product > wanted else (low, steep)
        lists = stores**-low
        return np.maximum(1, np.round(products * lists / lists.sum()).astype(np.int64))

    @cached_property
    def _own_from(self) -> Numbers:
        return len(self.shared_by) + np.concatenate(([0], np.cumsum(self.own_counts)))

    @property
    def products(self) -> int:
        """How many there are; rounding moves it off `World.products` by at most one a retailer."""
        return int(self._own_from[-1])

    def listed(self, retailer: int) -> Numbers:
        """Products on a retailer's list; an item is told by its place in it."""
        shared = np.flatnonzero(self.shared_by[:, retailer])
        return np.concatenate((shared, np.arange(self._own_from[retailer], self._own_from[retailer + 1])))

    @cached_property
    def list_lengths(self) -> Numbers:
        return self.shared_by.sum(axis=0) + self.own_counts

    @property
    def expected_positions(self) -> Numbers:
        """By retailer."""
        return np.round(self.world.carried * self.store_counts * self.list_lengths).astype(np.int64)

    @cached_property
    def listing_stores(self) -> NDArray[np.int32]:
        """By product: the stores of all retailers that list it. Times `carried` these are its positions."""
        own = np.repeat(self.store_counts, self.own_counts)
        return np.concatenate((self.shared_by @ self.store_counts, own)).astype(np.int32)

"""What stands on the shelves: which of its list a store carries, and how much of it. Made block by block, at any time
the same, so that nothing of it has to be remembered."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from loadtests.world.assortment import Assortment
from loadtests.world.draws import generator

ITEMS_A_BLOCK = 64
STEPS = 1 << 16
"""Shares are drawn with 16 bits."""
EMPTY_SHARE, MIDDLE, SPREAD, MOST_PIECES = 0.25, 1.6, 1.2, 2_000
"""Of all counts so many are 0; the rest is 1 + a log-normal number of pieces: half of them up to 5, one of 1,000 over
170."""


@dataclass(frozen=True)
class Shelves:
    """Rows of some items of one retailer, by place in the list, then by store; three columns in step."""

    stores: NDArray[np.int64]
    """Numbers of the retailer's stores, from 0."""
    items: NDArray[np.int64]
    """Places in the retailer's list."""
    quantities: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.items)


def blocks(assortment: Assortment, retailer: int) -> int:
    """How many blocks a retailer's list makes."""
    return -(-int(assortment.list_lengths[retailer]) // ITEMS_A_BLOCK)


def shelves(assortment: Assortment, retailer: int, block: int) -> Shelves:
    first = block * ITEMS_A_BLOCK
    size = min(ITEMS_A_BLOCK, int(assortment.list_lengths[retailer]) - first)
    draw = generator(assortment.world.seed, "shelves", retailer, block)
    drawn = draw.integers(STEPS, size=(size, int(assortment.store_counts[retailer])), dtype=np.uint16)
    items, stores = np.nonzero(drawn < round(assortment.world.carried * STEPS))
    counts = quantity_steps()[draw.integers(STEPS, size=len(items), dtype=np.uint16)]
    return Shelves(stores, items + first, counts)


@cache
def quantity_steps() -> NDArray[np.int64]:
    """STEPS equally likely counts, ascending."""
    draw = generator(0, "quantities")
    counts = np.minimum(MOST_PIECES, 1 + draw.lognormal(MIDDLE, SPREAD, STEPS)).astype(np.int64)
    counts[: round(EMPTY_SHARE * STEPS)] = 0
    return np.sort(counts)

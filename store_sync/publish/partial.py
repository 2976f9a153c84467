"""Levels, read from Postgres in columns, as blocks: of what changed, for Redis to merge, or of whole products."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import assemble
from inventory_service.storage.cache.columns import Extras, blocks_of_entries, pack_columns
from inventory_service.storage.postgres import Connection
from inventory_service.storage.shelves import Levels
from store_sync.publish.seats import NOWHERE, Ids, Seats

EMPTY = assemble({})

Blocks = dict[int, dict[str, bytes]]
"""By product and name."""


async def blocks_of(connection: Connection, seats: Seats, product_ids: Ids, store_ids: Ids) -> dict[str, bytes]:
    """The levels of some positions (two columns in step) by the name of their block. Raises StorageError."""
    levels = await shelves.in_columns(connection, product_ids, store_ids)
    by_product = packed(seats, levels)
    return {name: block for blocks in by_product.values() for name, block in blocks.items()}


def packed(seats: Seats, levels: Levels) -> Blocks:
    """`levels` of stores that have a seat."""
    products, neighbourhoods = levels["product_id"], seats.neighbourhoods(levels["store_id"])
    slots = seats.slots(levels["store_id"])
    order = np.argsort(products << 32 | neighbourhoods << 8 | slots)
    order = order[neighbourhoods[order] != NOWHERE]
    entries, extras = pack_columns({**{name: column[order] for name, column in levels.items()}, "slot": slots[order]})
    return _grouped(products[order], neighbourhoods[order], entries, extras)


def _grouped(product_ids: Ids, neighbourhoods: Ids, entries: NDArray[Any], extras: Extras) -> Blocks:
    """Entries of one block after another, by ascending slot."""
    if not len(entries):
        return {}
    differs = (product_ids[1:] != product_ids[:-1]) | (neighbourhoods[1:] != neighbourhoods[:-1])
    starts = np.flatnonzero(np.r_[True, differs])
    blocks: Blocks = {}
    addresses = zip(product_ids[starts].tolist(), neighbourhoods[starts].tolist(), strict=True)
    for (product_id, neighbourhood_id), block in zip(
        addresses, blocks_of_entries(entries, extras, starts), strict=True
    ):
        blocks.setdefault(product_id, {})[keys.block(product_id, neighbourhood_id)] = block
    return blocks

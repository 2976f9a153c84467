"""Levels, read from Postgres in columns, as blocks: of what changed, for Redis to merge, or of whole products."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import Packed, assemble, pack_row, parts
from inventory_service.storage.cache.columns import blocks_of_entries, pack_columns
from inventory_service.storage.postgres import Connection
from inventory_service.storage.shelves import Address, Levels
from store_sync.publish.seats import NOWHERE, Ids, Seats

EMPTY = assemble({})

Blocks = dict[int, dict[str, bytes]]
"""By product and name."""


async def blocks_of(connection: Connection, seats: Seats, product_ids: Ids, store_ids: Ids) -> dict[str, bytes]:
    """The levels of some positions (two columns in step) by the name of their block. Raises StorageError."""
    levels = await shelves.in_columns(connection, product_ids, store_ids)
    by_product = await packed(connection, seats, levels)
    return {name: block for blocks in by_product.values() for name, block in blocks.items()}


async def packed(connection: Connection, seats: Seats, levels: Levels) -> Blocks:
    """`levels` of stores that have a seat. Raises StorageError.

    Those that need an extra are read a second time; each version of a level has its own bytes, whenever it is read.
    """
    products, stores = levels["product_id"], levels["store_id"]
    neighbourhoods, slots = seats.neighbourhoods(stores), seats.slots(stores)
    entries, plain = pack_columns({**levels, "slot": slots})
    seated = neighbourhoods != NOWHERE
    order = np.argsort(products << 32 | neighbourhoods << 8 | slots)
    chosen = order[(plain & seated)[order]]
    blocks = _grouped(products[chosen], neighbourhoods[chosen], entries[chosen])
    rest = seated & ~plain
    if rest.any():
        await _add_rest(connection, seats, blocks, products[rest], stores[rest])
    return blocks


async def _add_rest(connection: Connection, seats: Seats, blocks: Blocks, product_ids: Ids, store_ids: Ids) -> None:
    rest: dict[Address, dict[int, Packed]] = {}
    for row in await shelves.of_keys(connection, product_ids.tolist(), store_ids.tolist()):
        neighbourhood_id, slot = seats.of(row["store_id"])
        rest.setdefault((row["product_id"], neighbourhood_id), {})[slot] = pack_row(slot, row)
    for (product_id, neighbourhood_id), by_slot in rest.items():
        name, of_product = keys.block(product_id, neighbourhood_id), blocks.setdefault(product_id, {})
        of_product[name] = assemble({**parts(of_product.get(name, EMPTY)), **by_slot})


def _grouped(product_ids: Ids, neighbourhoods: Ids, entries: NDArray[Any]) -> Blocks:
    """Entries of one block after another, by ascending slot."""
    if not len(entries):
        return {}
    differs = (product_ids[1:] != product_ids[:-1]) | (neighbourhoods[1:] != neighbourhoods[:-1])
    starts = np.flatnonzero(np.r_[True, differs])
    blocks: Blocks = {}
    addresses = zip(product_ids[starts].tolist(), neighbourhoods[starts].tolist(), strict=True)
    for (product_id, neighbourhood_id), block in zip(addresses, blocks_of_entries(entries, starts), strict=True):
        blocks.setdefault(product_id, {})[keys.block(product_id, neighbourhood_id)] = block
    return blocks

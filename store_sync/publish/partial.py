"""Changed levels, read from Postgres, as blocks of themselves: what Redis merges into the blocks it holds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import assemble, block_of_entries, pack_columns, pack_row, parts
from inventory_service.storage.postgres import Connection
from store_sync.publish.seats import Ids, Seats

EMPTY = assemble({})


async def blocks_of(connection: Connection, seats: Seats, product_ids: Ids, store_ids: Ids) -> dict[str, bytes]:
    """The levels of some positions (two columns in step) by the name of their block. Raises StorageError.

    Those that need an extra are read a second time; each version of a level has its own bytes, whenever it is read.
    """
    levels = await shelves.in_columns(connection, product_ids.tolist(), store_ids.tolist())
    products, stores = levels["product_id"], levels["store_id"]
    neighbourhoods, slots = seats.neighbourhoods(stores), seats.slots(stores)
    entries, plain = pack_columns({**levels, "slot": slots})
    order = np.lexsort((slots, neighbourhoods, products))
    chosen = order[plain[order]]
    blocks = _grouped(products[chosen], neighbourhoods[chosen], entries[chosen])
    for row in await shelves.of_keys(connection, products[~plain].tolist(), stores[~plain].tolist()):
        neighbourhood_id, slot = seats.of(row["store_id"])
        name = keys.block(row["product_id"], neighbourhood_id)
        blocks[name] = assemble({**parts(blocks.get(name, EMPTY)), slot: pack_row(slot, row)})
    return blocks


def _grouped(product_ids: Ids, neighbourhoods: Ids, entries: NDArray[Any]) -> dict[str, bytes]:
    """Entries of one block after another, by ascending slot."""
    differs = (product_ids[1:] != product_ids[:-1]) | (neighbourhoods[1:] != neighbourhoods[:-1])
    starts = np.flatnonzero(np.r_[True, differs]) if len(entries) else np.empty(0, dtype=np.intp)
    bounds = [*starts.tolist(), len(entries)]
    names = map(keys.block, product_ids[starts].tolist(), neighbourhoods[starts].tolist())
    return {name: block_of_entries(entries[bounds[at] : bounds[at + 1]]) for at, name in enumerate(names)}

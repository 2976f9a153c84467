"""Changed levels, read from Postgres, as blocks of themselves: what Redis merges into the blocks it holds."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import shelves, wire
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import assemble, block_of_entries, pack_columns, pack_row, parts
from inventory_service.storage.postgres import Connection
from store_sync.publish.seats import Ids, Seats

FIELDS = ("low", "high", "version", "source_id", "has_details")
EMPTY = assemble({})


async def blocks_of(connection: Connection, seats: Seats, product_ids: Ids, store_ids: Ids) -> dict[str, bytes]:
    """The levels of some positions (two columns in step) by the name of their block. Raises StorageError.

    Those that need an extra are read a second time; each version of a level has its own bytes, whenever it is read.
    """
    rows = await shelves.in_columns(connection, product_ids.tolist(), store_ids.tolist())
    neighbourhoods, slots = _seats_of(seats, rows)
    entries, plain = pack_columns(_columns(rows, slots))
    order = np.lexsort((slots, neighbourhoods, rows["product_id"]))
    chosen = order[plain[order]]
    blocks = _grouped(rows["product_id"][chosen], neighbourhoods[chosen], entries[chosen])
    odd = rows[~plain]
    for row in await shelves.of_keys(connection, odd["product_id"].tolist(), odd["store_id"].tolist()):
        neighbourhood_id, slot = seats.of(row["store_id"])
        name = keys.block(row["product_id"], neighbourhood_id)
        blocks[name] = assemble({**parts(blocks.get(name, EMPTY)), slot: pack_row(slot, row)})
    return blocks


def _seats_of(seats: Seats, rows: wire.Column) -> tuple[Ids, Ids]:
    store_ids = rows["store_id"].astype(np.int64)
    return seats.neighbourhoods(store_ids), seats.slots(store_ids)


def _columns(rows: wire.Column, slots: Ids) -> Mapping[str, NDArray[np.generic]]:
    seconds = {name + "_s": (rows[name + "_us"] + wire.EPOCH_US) // 1_000_000 for name in ("observed", "covered")}
    return {"slot": slots, **seconds, **{name: rows[name] for name in FIELDS}}


def _grouped(product_ids: wire.Column, neighbourhoods: Ids, entries: wire.Column) -> dict[str, bytes]:
    """Entries of one block after another, by ascending slot."""
    pairs = product_ids.astype(np.int64) << 32 | neighbourhoods
    starts = np.flatnonzero(np.r_[True, pairs[1:] != pairs[:-1]]) if len(pairs) else np.empty(0, dtype=np.intp)
    ends = [*starts[1:].tolist(), len(pairs)]
    firsts = starts.tolist()
    names = map(keys.block, product_ids[starts].tolist(), neighbourhoods[starts].tolist())
    return {name: block_of_entries(entries[first:end]) for name, first, end in zip(names, firsts, ends, strict=False)}

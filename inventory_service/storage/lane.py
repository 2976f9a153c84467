"""The fast lane: records of one source, a column a field, folded where they plainly come after all that is held.

Whatever is not plain (late, several sources, sales, two items of one product …) is left to storage/apply.py, whose
fold over single reports tells what every shortcut here has to come to; a property test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.clock import at_micros, micros
from inventory_service.storage import holdings, shoppers, stocking
from inventory_service.storage.columns import Columns
from inventory_service.storage.holdings import Holdings
from inventory_service.storage.postgres import Connection
from inventory_service.storage.stocking import Mode

DENSE = 64
"""From so many rows a store on, reading the whole store beats looking up each position …"""
SPARSE = 6
"""… unless it is known to hold so many times as many positions."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which places of the columns were written with another level, which only repeat, and which are not plain."""

    changed: NDArray[np.bool_]
    repeated: NDArray[np.bool_]
    replayed: NDArray[np.bool_]
    """Those of the repeated that were held already."""
    touched: NDArray[np.bool_]
    """Written, or held already as a replay tells it: the cache is to hear of them."""
    left: NDArray[np.bool_]


async def held_of(connection: Connection, columns: Columns, sizes: dict[int, int]) -> Holdings:
    """What is held of the columns' positions; of their whole stores where that is quicker.

    `sizes`: how many positions each store held that was read whole before; kept up here.
    """
    stores = np.unique(columns.store_ids).tolist()
    known = sum(sizes.get(store_id, 0) for store_id in stores)
    if len(columns) >= DENSE * len(stores) and known <= SPARSE * len(columns):
        held = await holdings.of_stores(connection, stores)
        sizes.update(held.sizes())
        return held
    return await holdings.of_keys(connection, columns.product_ids, columns.store_ids)


async def pass_through(
    connection: Connection, columns: Columns, held: Holdings, covered: Mapping[int, datetime], mode: Mode
) -> Outcome:
    """Folds what is plain. `covered`: when this source stood by a store. Runs under the retailer's lock."""
    found, at, unique = _match(held.keys, columns.keys)
    mine = held.at(at)
    covered_us = _covered_us(columns.store_ids, covered)
    plain = found & mine.is_plain & (mine.source_ids == columns.source_id)
    same_stock = (mine.low == columns.low) & (mine.high == columns.high)
    same = plain & same_stock & (mine.details_crc == columns.details_crc)
    replay = same & (mine.observed_us == columns.observed_us) & (mine.as_of_us == columns.as_of_us)
    late = columns.observed_us < covered_us
    if mode == "snapshot":
        late &= columns.as_of_us < covered_us
    newer = plain & ~late & (columns.observed_us > mine.covered_us)
    echo = newer & same & unique & ~replay
    unwritten = echo if mode == "snapshot" else np.zeros_like(echo)
    new, renewed = unique & ~found & ~late, unique & newer & ~replay & ~unwritten
    await stocking.add(connection, columns, new)
    await stocking.replace(connection, columns, renewed, mode)
    written = new | renewed
    if written.any():
        await _weigh_anew(connection, columns.where(written))
    replay &= unique
    repeated = replay | echo
    return Outcome(written & ~repeated, repeated, replay, written | replay, ~(written | replay | unwritten))


async def _weigh_anew(connection: Connection, written: Columns) -> None:
    """Levels of other evidence lean as the shoppers do who have spoken since."""
    since = at_micros(int(written.observed_us.min()))
    await shoppers.weigh_anew(connection, written.product_ids, written.store_ids, since)


def _match(
    held: NDArray[np.int64], keys: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.bool_]]:
    """Of each place: whether it is held, where (any place, if not), and whether no other place has its key.

    Both sides are sorted before they are compared: looking up ascending keys stays in the processor's own memory.
    """
    order = np.argsort(keys)
    ascending = keys[order]
    found = np.zeros(len(keys), dtype=np.bool_)
    at = np.zeros(len(keys), dtype=np.intp)
    unique = np.zeros(len(keys), dtype=np.bool_)
    unique[order] = _alone(ascending)
    if len(held):
        held_order = np.argsort(held)
        held_ascending = held[held_order]
        places = np.minimum(np.searchsorted(held_ascending, ascending), len(held) - 1)
        found[order] = held_ascending[places] == ascending
        at[order] = held_order[places]
    return found, at, unique


def _alone(ascending: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ascending keys have no equal beside them."""
    differs = np.r_[True, ascending[1:] != ascending[:-1], True]
    alone: NDArray[np.bool_] = differs[1:] & differs[:-1]
    return alone


def _covered_us(store_ids: NDArray[np.int32], covered: Mapping[int, datetime]) -> NDArray[np.int64]:
    stores, places = np.unique(store_ids, return_inverse=True)
    moments = [micros(covered[store]) if store in covered else np.iinfo(np.int64).min for store in stores.tolist()]
    return np.array(moments, dtype=np.int64)[places]

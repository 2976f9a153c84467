"""A person's word on a held store: release what the snapshot said, or drop it."""

from collections.abc import Mapping
from typing import Any

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import ConfigurationError
from inventory_service.domain.report import Record
from inventory_service.domain.stock import NONE_LEFT
from inventory_service.storage import positions, snapshots
from inventory_service.storage.apply import apply_reports, lock_retailer
from inventory_service.storage.postgres import Connection, Pool, transaction
from store_sync.snapshot import left_out

DEADLINE_S = 60.0


async def held_store(pool: Pool, load_id: int, named: str) -> int:
    """Our id of the one store that a load holds and that goes by `named`. Raises ConfigurationError."""
    async with transaction(pool, deadline_s=DEADLINE_S) as connection:
        held = [one for one in await snapshots.listed(connection) if one["load_id"] == load_id]
    found = [one for one in held if named in _names(one)]
    if not found:
        raise ConfigurationError(f"Load {load_id} holds no store {named}; `held list` tells which it holds.")
    if len(found) > 1:
        meant = " or ".join(f"{one['retailer']}/{one['store_code']}" for one in found)
        raise ConfigurationError(f"{named} may be the code of one store and our id of another: write {meant}.")
    return int(found[0]["store_id"])


def _names(held: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(held["store_id"]), held["store_code"], f"{held['retailer']}/{held['store_code']}"


async def release(pool: Pool, load_id: int, store_id: int, clock: Clock) -> int:
    """Empties what the snapshot left out and nothing newer has spoken of; returns how many positions."""
    async with transaction(pool, deadline_s=DEADLINE_S) as connection:
        taken = await _take(connection, load_id, store_id)
        await lock_retailer(connection, taken.retailer_id)
        keys = [(product_id, store_id) for product_id in taken.product_ids]
        held = await positions.held_of_living(connection, keys)
        absence = Record(taken.as_of, taken.as_of, NONE_LEFT, taken.source_id, kind="absence", load_id=load_id)
        gone = left_out(held.values(), absence)
        await apply_reports(connection, gone.reports, clock())
        await snapshots.cover(connection, [store_id], taken.source_id, taken.as_of, load_id, clock())
        return len(gone.emptied)


async def drop(pool: Pool, load_id: int, store_id: int) -> None:
    """Keeps what the store had."""
    async with transaction(pool, deadline_s=DEADLINE_S) as connection:
        await _take(connection, load_id, store_id)


async def _take(connection: Connection, load_id: int, store_id: int) -> snapshots.Taken:
    taken = await snapshots.take(connection, store_id, load_id)
    if taken is None:
        raise ConfigurationError(f"Load {load_id} holds no store {store_id}.")
    return taken

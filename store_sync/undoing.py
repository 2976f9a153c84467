"""A load taken back: its reports stay and no longer count, so that every level is as if it had not been."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import ConfigurationError
from inventory_service.storage import positions, snapshots, stores, undoing
from inventory_service.storage.apply import lock_retailer
from inventory_service.storage.postgres import Connection, Pool, connected, transaction
from inventory_service.storage.retracting import retract

STORES_AT_ONCE = 20
DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Undone:
    """How many positions had reports of the load, and how many of them have another level now."""

    load_id: int
    positions: int = 0
    changed: int = 0


async def undo(
    pool: Pool, load_id: int, clock: Clock, report: Callable[[int, int], None] = lambda _done, _all: None
) -> Undone:
    """Takes a load back; doing so again changes nothing more. `report` hears of stores done, of so many.

    Stores and items stay as the load described them. Raises ConfigurationError for a load that is not known.
    """
    async with connected(pool, deadline_s=DEADLINE_S) as connection:
        load = await undoing.find(connection, load_id)
        if load is None:
            raise ConfigurationError(f"No load {load_id} is known; `loads` lists them.")
        store_ids = await stores.of_retailer(connection, load.retailer_id)
    undone = Undone(load_id)
    for start in range(0, len(store_ids), STORES_AT_ONCE):
        some = store_ids[start : start + STORES_AT_ONCE]
        async with transaction(pool, deadline_s=DEADLINE_S) as connection:
            await lock_retailer(connection, load.retailer_id)
            found, changed = await _retract(connection, load_id, some, clock)
        undone = replace(undone, positions=undone.positions + found, changed=undone.changed + changed)
        report(min(start + STORES_AT_ONCE, len(store_ids)), len(store_ids))
    async with transaction(pool, deadline_s=DEADLINE_S) as connection:
        await snapshots.uncover(connection, load_id, clock())
        await snapshots.drop_of_load(connection, load_id)
        await undoing.mark(connection, load_id, clock())
    return undone


async def _retract(connection: Connection, load_id: int, store_ids: list[int], clock: Clock) -> tuple[int, int]:
    told = await undoing.told_by(connection, load_id, store_ids)
    times = await positions.snapshot_times(connection, store_ids)
    return len(told), await retract(connection, load_id, told, times, clock())

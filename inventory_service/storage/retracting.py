"""What was told under one load id taken back: its reports stay and no longer count, as if it had not been."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from inventory_service.domain.history import History
from inventory_service.storage import changes, positions
from inventory_service.storage.folding import Times, stood_by
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import Position


async def retract(
    connection: Connection, load_id: int, told: Sequence[Position], times: Mapping[int, Times], now: datetime
) -> int:
    """How many of the positions that were `told` something have another level now. `times`: of snapshots, by store.

    The caller holds the retailer's lock.
    """
    histories = [_whole(one, times[one.store_id]).without(load_id) for one in told]
    after = [replace(one, level=past.level, history=past) for one, past in zip(told, histories, strict=True)]
    pairs = list(zip(after, told, strict=True))
    changed = [new for new, old in pairs if new.level != old.level]
    if told:
        await positions.write(connection, changed)
        await positions.remember(connection, [new for new, old in pairs if new.level == old.level])
        keys = [one.product_id for one in told], [one.store_id for one in told]
        await changes.append(connection, "levels", *keys, now)
    return len(changed)


def _whole(position: Position, times: Times) -> History:
    """With what snapshots only repeated: they still say so."""
    history = stood_by(position, times)
    told = set(position.reports)
    return replace(history, reports=tuple(one if one in told else replace(one, load_id=0) for one in history.reports))

"""Stock that was told of items which are other products by now: it is found and counts no more."""

from collections.abc import Callable
from itertools import groupby
from operator import attrgetter

from inventory_service.domain.clock import Clock
from inventory_service.storage import offered, seating
from inventory_service.storage.apply import lock_retailer
from inventory_service.storage.postgres import Connection

PRODUCTS_AT_ONCE = 500


async def clear_strays(connection: Connection, say: Callable[[str], None], clock: Clock) -> int:
    """Looks through all positions, some products at a time; returns how many were put right. Raises StorageError."""
    cleared = 0
    last = await offered.last_product(connection)
    for first in range(1, last + 1, PRODUCTS_AT_ONCE):
        some = await seating.strays(connection, first, first + PRODUCTS_AT_ONCE - 1)
        for (retailer_id, retailer), _ in groupby(some, key=attrgetter("retailer_id", "retailer")):
            cleared += await _clear(connection, retailer_id, retailer, first, say, clock)
    return cleared


async def _clear(
    connection: Connection, retailer_id: int, retailer: str, first: int, say: Callable[[str], None], clock: Clock
) -> int:
    """Looks again under the lock: a load may have moved them meanwhile."""
    cleared = 0
    async with connection.transaction():
        await lock_retailer(connection, retailer_id)
        found = await seating.strays(connection, first, first + PRODUCTS_AT_ONCE - 1)
        mine = [one.seat for one in found if one.retailer_id == retailer_id]
        for product_id, seats in groupby(mine, key=attrgetter("product_id")):
            moved = await seating.clear(connection, retailer_id, list(seats), clock())
            say(f"product {product_id}: {moved} stores of {retailer} counted an item that is another product now")
            cleared += moved
    return cleared

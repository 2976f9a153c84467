"""What to look at next in a store: the most useful few, in the order of one walk along its aisles."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.checking import Check, along_the_aisles, most_useful
from inventory_service.domain.product import Product
from inventory_service.domain.store import Store
from inventory_service.storage import checks, offered, positions
from inventory_service.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of the walk."""

    check: Check
    product: Product
    aisle: str | None


async def walk(connection: Connection, store: Store, limit: int, now: datetime, horizon: timedelta) -> list[Stop]:
    found = await checks.candidates(connection, store.store_id, now, horizon)
    chosen = most_useful(found, limit, now, horizon)
    ids = [check.candidate.product_id for check in chosen]
    products = {product.product_id: product for product in await offered.by_ids(connection, ids)}
    held = await positions.held(connection, [(product_id, store.store_id) for product_id in ids])
    aisles = {product_id: position.level.details.aisle for (product_id, _), position in held.items()}
    stops = [Stop(check, products[one], aisles[one]) for check, one in zip(chosen, ids, strict=True)]
    return sorted(stops, key=lambda stop: along_the_aisles(stop.aisle))

"""A confirmation taken back: it stays in the trace, and the level is as if it had not been."""

from dataclasses import replace
from datetime import datetime

from inventory_service.domain.confirmation import Confirmation, load_id_of
from inventory_service.domain.errors import FieldFault, NotFoundError, SettledError
from inventory_service.domain.product import Product
from inventory_service.staff.confirming import Confirmed
from inventory_service.staff.naming import NamedProduct, find_product
from inventory_service.staff.who import NamedStore, Staff, store_of
from inventory_service.storage import confirmations, positions
from inventory_service.storage.apply import lock_retailer
from inventory_service.storage.postgres import Connection
from inventory_service.storage.retracting import retract


async def take_back(connection: Connection, staff: Staff, confirmation_id: int, now: datetime) -> Confirmed:
    """Within the caller's transaction; doing so again changes nothing more. Raises NotFoundError, SettledError."""
    await lock_retailer(connection, staff.retailer_id)
    found = await confirmations.find(connection, confirmation_id, staff.retailer_id)
    if found is None:
        raise _unknown()
    try:
        store = await store_of(connection, staff, NamedStore(found.store_id, None))
    except NotFoundError:
        raise _unknown() from None
    product = await find_product(connection, staff.retailer_id, NamedProduct(product_id=found.product_id))
    if product is None:
        raise _unknown()
    if found.undone_at is None:
        await _take_back(connection, found, product, now)
        await confirmations.take_back(connection, confirmation_id, now, staff.key.key_id)
        found = replace(found, undone_at=now)
    return Confirmed(found, store, product)


async def _take_back(connection: Connection, found: Confirmation, product: Product, now: datetime) -> None:
    """`product`: what the confirmation's has turned out to be by now."""
    key, load_id = (product.product_id, found.store_id), load_id_of(found.confirmation_id)
    position = (await positions.held(connection, [key]))[key]
    if not any(report.load_id == load_id for report in position.reports):
        raise SettledError("It is too long ago: what has been told since builds on it.")
    times = await positions.snapshot_times(connection, [found.store_id])
    await retract(connection, load_id, [position], times, now)


def _unknown() -> NotFoundError:
    return NotFoundError("This key has no such confirmation.", FieldFault("id", "is none of this key's confirmations"))

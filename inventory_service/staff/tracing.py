"""Who said what of a shelf and when, what was answered before and after: the trace, newest first."""

from dataclasses import dataclass

from inventory_service.domain.product import Product
from inventory_service.staff.confirming import Confirmed
from inventory_service.staff.who import NamedStore, Staff, store_of, stores_of
from inventory_service.storage import confirmations, offered, stores
from inventory_service.storage.confirmations import Traced
from inventory_service.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Trace:
    """One confirmation: the first characters of the key, and its name."""

    confirmed: Confirmed
    hint: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the trace, and before which id it goes on; None: that was all."""

    traces: tuple[Trace, ...]
    before: int | None


async def trace(connection: Connection, staff: Staff, store_id: int | None, limit: int, before: int | None) -> Page:
    """Raises NotFoundError for a store that is not the key's."""
    found = await _newest(connection, staff, store_id, limit + 1, before)
    shown = found[:limit]
    last = shown[-1].confirmation.confirmation_id if len(found) > limit else None
    return Page(await _with_names(connection, shown), last)


async def _newest(
    connection: Connection, staff: Staff, store_id: int | None, limit: int, before: int | None
) -> list[Traced]:
    if store_id is not None:
        store = await store_of(connection, staff, NamedStore(store_id, None))
        return await confirmations.of_stores(connection, [store.store_id], before, limit)
    if staff.key.store_ids:
        own = [store.store_id for store in await stores_of(connection, staff)]
        return await confirmations.of_stores(connection, own, before, limit)
    return await confirmations.of_retailer(connection, staff.retailer_id, before, limit)


async def _with_names(connection: Connection, found: list[Traced]) -> tuple[Trace, ...]:
    told = [one.confirmation for one in found]
    here = await stores.directory(connection, sorted({one.store_id for one in told}))
    known = await offered.by_ids(connection, sorted({one.product_id for one in told}))
    places = {store.store_id: store for store in here}
    named: dict[int, Product] = {product.product_id: product for product in known}
    return tuple(
        Trace(Confirmed(one, places[one.store_id], named[one.product_id]), traced.hint, traced.name)
        for one, traced in zip(told, found, strict=True)
    )

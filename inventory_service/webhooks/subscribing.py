"""What somebody subscribes to, made into our own ids: every name that nobody knows is named."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import islice

from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError, NotFoundError
from inventory_service.domain.gtin import is_restricted
from inventory_service.domain.key import Key
from inventory_service.storage import stores, webhooks
from inventory_service.storage.postgres import Connection

MOST_PRODUCTS, MOST_STORES, MOST_RETAILERS = 1_000, 1_000, 20
MOST_POSITIONS = 100_000
"""Products times stores."""
MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Order:
    """Products by GTIN (14 digits) or our id; stores by our id, by (retailer, code), or all of some retailers."""

    url: str
    description: str = ""
    gtins: Sequence[str] = ()
    products: Sequence[int] = ()
    store_ids: Sequence[int] = ()
    stores: Sequence[tuple[str, str]] = ()
    retailers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """The same by our own ids, each once."""

    product_ids: list[int]
    store_ids: list[int]
    retailer_ids: list[int]


async def ground_of(connection: Connection, order: Order, key: Key) -> Ground:
    """Raises InputError, NotFoundError, ForbiddenError."""
    _require_bounds(order)
    products, faults = await _products(connection, order)
    store_ids, retailer_ids, retailers, more = await _stores(connection, order)
    if faults or more:
        raise NotFoundError("Some of what you subscribe to is not known.", *islice((*faults, *more), MOST_FAULTS))
    if key.retailers and not retailers <= key.retailers:
        raise ForbiddenError("This key is for other retailers.")
    await _require_few(connection, len(products), len(store_ids), retailer_ids)
    return Ground(products, store_ids, retailer_ids)


def _require_bounds(order: Order) -> None:
    """Raises InputError."""
    products, named = len(order.gtins) + len(order.products), len(order.store_ids) + len(order.stores)
    faults = []
    if not products:
        faults.append(FieldFault("/gtins", "is required: products by gtins, or by products (our ids)"))
    if products > MOST_PRODUCTS:
        faults.append(FieldFault("/gtins", f"at most {MOST_PRODUCTS:,} products, with those of /products"))
    if not named and not order.retailers:
        faults.append(FieldFault("/retailers", "is required: stores by store_ids, by stores, or all of some retailers"))
    if named > MOST_STORES:
        faults.append(FieldFault("/stores", f"at most {MOST_STORES:,} stores, with those of /store_ids"))
    if len(order.retailers) > MOST_RETAILERS:
        faults.append(FieldFault("/retailers", f"at most {MOST_RETAILERS} retailers"))
    if faults:
        raise InputError(*faults)


async def _products(connection: Connection, order: Order) -> tuple[list[int], list[FieldFault]]:
    by_gtin = await webhooks.products_by_gtin(connection, order.gtins)
    by_id = await webhooks.products_by_id(connection, order.products)
    faults = [
        FieldFault(f"/gtins/{place}", _gtin_fault(gtin))
        for place, gtin in enumerate(order.gtins)
        if gtin not in by_gtin
    ]
    return sorted({*by_gtin.values(), *by_id.values()}), faults + _unknown("products", order.products, by_id)


def _gtin_fault(gtin: str) -> str:
    return "is a store's own number: name the product by our id" if is_restricted(gtin) else "is not known"


async def _stores(
    connection: Connection, order: Order
) -> tuple[list[int], list[int], frozenset[str], list[FieldFault]]:
    """Store ids, retailer ids, slugs of all retailers that are named in any way, and what is not known."""
    by_id = await webhooks.stores_by_id(connection, order.store_ids)
    by_code = await webhooks.stores_by_code(connection, order.stores)
    known = await stores.retailer_slugs(connection) if order.retailers else {}
    faults = _unknown("store_ids", order.store_ids, by_id) + _unknown("stores", order.stores, by_code)
    faults += _unknown("retailers", order.retailers, known)
    named = frozenset((*by_id.values(), *(slug for slug, _ in by_code), *order.retailers))
    of_all = sorted({known[slug] for slug in order.retailers if slug in known})
    return sorted({*by_id, *by_code.values()}), of_all, named, faults


def _unknown(field: str, given: Sequence[object], known: Container[object]) -> list[FieldFault]:
    return [FieldFault(f"/{field}/{place}", "is not known") for place, one in enumerate(given) if one not in known]


async def _require_few(connection: Connection, products: int, stores_named: int, retailer_ids: list[int]) -> None:
    """Raises InputError."""
    of_retailers = await webhooks.count_stores_of(connection, retailer_ids) if retailer_ids else 0
    positions = products * (stores_named + of_retailers)
    if positions > MOST_POSITIONS:
        fault = (
            f"{products:,} products at {stores_named + of_retailers:,} stores are {positions:,} positions; at most "
            f"{MOST_POSITIONS:,} go into one webhook: name fewer products or stores"
        )
        raise InputError(FieldFault("/gtins", fault))

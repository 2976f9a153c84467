"""Which product and store are meant."""

import re

from inventory_service.domain.errors import FieldFault, InputError, NotFoundError
from inventory_service.domain.gtin import GtinError, parse_gtin
from inventory_service.domain.store import Store
from inventory_service.explaining.explanation import Shelf
from inventory_service.storage import products, stores
from inventory_service.storage.postgres import Connection

ID = re.compile(r"[0-9]{1,10}", re.ASCII)
LARGEST_ID = 2_147_483_647


async def shelf_of_item(connection: Connection, item: str, store: str) -> Shelf:
    """`item` is RETAILER/ITEM; `store` is a store of the same retailer, by our id or RETAILER/CODE.

    Raises InputError, NotFoundError.
    """
    of = await _store(connection, store)
    retailer, slash, item_id = item.partition("/")
    if not slash or retailer != of.retailer:
        raise InputError(
            FieldFault("item", f"give RETAILER/ITEM of the store's own retailer, such as {of.retailer}/4711")
        )
    found = (await products.items(connection, of.retailer_id, [item_id])).get(item_id)
    if found is None:
        raise NotFoundError(f"{retailer} has no item {item_id}.")
    known, product = found
    name = product.name or f"item {item_id}"
    return Shelf(known.product_id, product.gtin, name, of.store_id, of.retailer_id, of.retailer, of.store_code, of.name)


async def shelf(connection: Connection, gtin: str, store: str) -> Shelf:
    """`store` is our id, or RETAILER/CODE. Raises InputError, NotFoundError."""
    number = _gtin(gtin)
    of = await _store(connection, store)
    found = await products.by_gtin(connection, [number], of.retailer_id)
    if not found:
        raise NotFoundError(f"No product with GTIN {number} is known.")
    product_id, product = found.get((number, of.retailer_id)) or found[number, None]
    return Shelf(product_id, number, product.name, of.store_id, of.retailer_id, of.retailer, of.store_code, of.name)


def _gtin(text: str) -> str:
    try:
        return parse_gtin(text)
    except GtinError as error:
        raise InputError(FieldFault("gtin", str(error))) from None


async def _store(connection: Connection, text: str) -> Store:
    retailer, slash, code = text.partition("/")
    if slash:
        return await _by_code(connection, retailer, code)
    if not ID.fullmatch(text) or int(text) > LARGEST_ID:
        raise InputError(FieldFault("store", "give our id of the store, or RETAILER/CODE"))
    for one in await stores.directory(connection, [int(text)]):
        return one
    raise NotFoundError(f"No store {text} is known.")


async def _by_code(connection: Connection, retailer: str, code: str) -> Store:
    retailer_id = (await stores.retailer_slugs(connection)).get(retailer)
    if retailer_id is None:
        raise NotFoundError(f"No retailer {retailer} is known.")
    ids = await stores.ids(connection, retailer_id, [code])
    for one in await stores.directory(connection, list(ids.values())):
        return one
    raise NotFoundError(f"{retailer} has no store {code}.")

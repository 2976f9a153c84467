"""Which product staff mean, by any of its names; one that nobody knows becomes known once something is said of it."""

from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.errors import FieldFault, NotFoundError
from inventory_service.domain.feed import ProductRow
from inventory_service.domain.gtin import is_restricted
from inventory_service.domain.product import Product
from inventory_service.storage import offered, products
from inventory_service.storage.describe_items import describe_items
from inventory_service.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class NamedProduct:
    """By exactly one of these; `gtin` has 14 digits and may have come by a scan."""

    gtin: str | None = None
    product_id: int | None = None
    item_id: str | None = None


async def find_product(connection: Connection, retailer_id: int, named: NamedProduct) -> Product | None:
    """None where nobody has told of it. Raises NotFoundError for an id that is not the retailer's to see."""
    if named.product_id is not None:
        return await _by_id(connection, retailer_id, named.product_id)
    if named.gtin is not None:
        owner_id = retailer_id if is_restricted(named.gtin) else None
        return (await offered.by_gtin(connection, named.gtin, owner_id)).product
    item_id = named.item_id or ""
    known = (await products.numbers(connection, retailer_id, [item_id])).get(item_id)
    return None if known is None else (await offered.by_id(connection, known[0])).product


async def known_product(connection: Connection, retailer_id: int, named: NamedProduct, now: datetime) -> Product:
    """What is from now on the retailer's product. Raises NotFoundError as `find_product`.

    The caller holds the retailer's lock.
    """
    product = await find_product(connection, retailer_id, named)
    if product is not None and retailer_id in product.offers:
        return product
    gtin = product.gtin if product is not None else named.gtin
    item_id = named.item_id or await _free_item_id(connection, retailer_id, gtin or "")
    row = ProductRow(item_id, gtin, stands_in=named.item_id is None)
    described = await describe_items(connection, retailer_id, [row], now, now)
    (product,) = await offered.by_ids(connection, [described.product_ids[item_id]])
    return product


async def _by_id(connection: Connection, retailer_id: int, product_id: int) -> Product:
    product = (await offered.by_id(connection, product_id)).product
    while product is not None and product.merged_into is not None:
        product = (await offered.by_id(connection, product.merged_into)).product
    if product is None or product.owner_id not in (None, retailer_id):
        raise NotFoundError("No such product is known.", FieldFault("product", "is not known"))
    return product


async def _free_item_id(connection: Connection, retailer_id: int, gtin: str) -> str:
    """The GTIN itself, unless the retailer calls another product so."""
    taken = await products.numbers(connection, retailer_id, [gtin])
    return f"staff:{gtin}" if gtin in taken else gtin

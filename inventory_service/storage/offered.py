"""SQL of products as answers tell them: with what each retailer that lists them asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inventory_service.domain.product import Product
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.offers import retail_price_from_json
from inventory_service.storage.postgres import Connection

Identity = tuple[str, int | None]
"""(GTIN, owner): the owner is set where the GTIN is a retailer's own number."""

COLUMNS = "p.product_id, p.gtin, p.owner_id, p.name, p.brand, p.image_url, p.category, p.merged_into"

OFFERS = """(
    SELECT jsonb_object_agg(o.retailer_id, o.price) FROM (
        SELECT DISTINCT ON (i.retailer_id) i.retailer_id, i.price FROM item i WHERE i.product_id = p.product_id
        ORDER BY i.retailer_id, (i.price IS NULL), i.item_id
    ) o
) AS offers"""
"""{OFFERS}: price by retailer; jsonb puts the shorter of two numbers first, so they ascend."""

_FOUND = f"""
WITH now AS (SELECT pg_current_snapshot()::text AS horizon)
SELECT now.horizon, {COLUMNS}, {OFFERS} FROM now LEFT JOIN product p ON """
BY_ID = _FOUND + "p.product_id = $1"
ANYONES_BY_GTIN = _FOUND + "p.gtin = $1 AND p.merged_into IS NULL AND p.owner_id IS NULL"
OWN_BY_GTIN = _FOUND + "p.gtin = $1 AND p.merged_into IS NULL AND p.owner_id = $2"

BY_IDS = f"SELECT {COLUMNS}, {OFFERS} FROM product p WHERE p.product_id = ANY ($1::int[])"
IDENTITIES = """
SELECT product_id, gtin, owner_id FROM product WHERE product_id BETWEEN $1 AND $2 AND merged_into IS NULL
"""
LAST_PRODUCT = "SELECT coalesce(max(product_id), 0) FROM product"


@dataclass(frozen=True, slots=True)
class Found:
    """A product, None where nobody knows it, and what the snapshot saw that it was read in."""

    product: Product | None
    horizon: Horizon


async def by_id(connection: Connection, product_id: int) -> Found:
    return _found(await connection.fetchrow(BY_ID, product_id))


async def by_gtin(connection: Connection, gtin: str, owner_id: int | None) -> Found:
    """`owner_id`: whose own number it is; None where it means the same for everyone."""
    told = (ANYONES_BY_GTIN, gtin) if owner_id is None else (OWN_BY_GTIN, gtin, owner_id)
    return _found(await connection.fetchrow(*told))


async def by_ids(connection: Connection, product_ids: Sequence[int]) -> list[Product]:
    """Those that are known, in any order."""
    return [product_of(row, row["offers"]) for row in await connection.fetch(BY_IDS, product_ids)]


async def identities(connection: Connection, first: int, last: int) -> list[tuple[int, Identity | None]]:
    """Products from `first` to `last` that are themselves (not merged into others), and by what GTIN they are known."""
    rows = await connection.fetch(IDENTITIES, first, last)
    return [(row["product_id"], (row["gtin"], row["owner_id"]) if row["gtin"] else None) for row in rows]


async def last_product(connection: Connection) -> int:
    """The highest id of a product."""
    return int(await connection.fetchval(LAST_PRODUCT))


def product_of(row: Any, offers: dict[str, Any] | None) -> Product:
    """`offers`: JSON of prices (storage/offers.py) by retailer."""
    return Product(
        product_id=row["product_id"],
        gtin=row["gtin"],
        name=row["name"],
        brand=row["brand"],
        image_url=row["image_url"],
        category=row["category"],
        owner_id=row["owner_id"],
        merged_into=row["merged_into"],
        offers={int(owner): retail_price_from_json(price) for owner, price in (offers or {}).items()},
    )


def _found(row: Any) -> Found:
    known = row["product_id"] is not None
    return Found(product_of(row, row["offers"]) if known else None, Horizon.parse(row["horizon"]))

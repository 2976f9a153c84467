"""A product by its GTIN or id, through the cache; that nobody knows one is cached too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from inventory_service.domain.product import Product
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage import products
from inventory_service.storage.cache import keys
from inventory_service.storage.offers import price_to_json, retail_price_from_json
from inventory_service.storage.postgres import Pool, connected

UNKNOWN = b"-"


class Products:
    """The one reader of products."""

    def __init__(self, through: ReadThrough, pool: Pool, deadline_s: float) -> None:
        self._through, self._pool, self._deadline_s = through, pool, deadline_s

    async def by_gtin(self, gtin: str, owner_id: int | None) -> Product | None:
        """`owner_id` names the retailer that a restricted GTIN belongs to. Raises StorageError."""

        async def load(names: Sequence[str]) -> Mapping[str, bytes]:
            async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                found = await products.one_by_gtin(connection, gtin, owner_id)
            return {name: encode(found) for name in names}

        name = keys.gtin(gtin, owner_id)
        values = await self._through.read([name], load, _lifetime_ms)
        return decode(values.by_name[name])

    async def by_id(self, product_id: int) -> Product | None:
        """Raises StorageError."""

        async def load(names: Sequence[str]) -> Mapping[str, bytes]:
            async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                found = (await products.by_ids(connection, [product_id])).get(product_id)
            return {name: encode(found) for name in names}

        name = keys.product(product_id)
        values = await self._through.read([name], load, _lifetime_ms)
        return decode(values.by_name[name])


def encode(product: Product | None) -> bytes:
    if product is None:
        return UNKNOWN
    offers = {str(owner): price_to_json(offer.price, offer.sale_price) for owner, offer in product.offers.items()}
    fields = (
        product.product_id,
        product.gtin,
        product.name,
        product.brand,
        product.image_url,
        product.category,
        product.owner_id,
        product.merged_into,
    )
    return orjson.dumps([*fields, offers])


def decode(value: bytes) -> Product | None:
    if value == UNKNOWN:
        return None
    *fields, offers = orjson.loads(value)
    prices = {int(owner): retail_price_from_json(price) for owner, price in offers.items()}
    return replace(Product(*fields), offers=prices)


def _lifetime_ms(value: bytes) -> int:
    return keys.UNKNOWN_MS if value == UNKNOWN else keys.PRODUCT_MS

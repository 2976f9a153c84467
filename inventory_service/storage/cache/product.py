"""A product as it is cached: JSON by id and by GTIN; that nobody knows one is cached too."""

from dataclasses import replace
from functools import lru_cache

import orjson

from inventory_service.domain.errors import CacheError
from inventory_service.domain.product import Product
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import UNREADABLE
from inventory_service.storage.offers import price_to_json, retail_price_from_json

UNKNOWN = b"-"


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


@lru_cache(maxsize=4_096)
def decode(value: bytes) -> Product | None:
    """Raises CacheError for bytes that no `encode` has made. The same bytes are read once."""
    if value == UNKNOWN:
        return None
    try:
        *fields, offers = orjson.loads(value)
        prices = {int(owner): retail_price_from_json(price) for owner, price in offers.items()}
        return replace(Product(*fields), offers=prices)
    except UNREADABLE as error:
        raise CacheError("A cached product cannot be read.") from error


def is_product(value: bytes) -> bool:
    """Whether `value` begins and ends as `encode` makes it."""
    return value == UNKNOWN or (value[:1] == b"[" and value[-2:] == b"}]")


def lifetime_ms(value: bytes) -> int:
    return keys.UNKNOWN_MS if value == UNKNOWN else keys.PRODUCT_MS

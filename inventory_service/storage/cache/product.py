"""A product as it is cached: JSON by id and by GTIN; that nobody knows one is cached too.

`[17,"00300691085301",{"3":"29.99 USD","5":["9.99 USD","7.99 USD",null,"2026-12-01T00:00:00+00:00"],"8":null},"Cola"]`:
id, GTIN, offers by retailer (a price; with a sale price its price, begin and end too; null: no price is told), name,
then brand, image, category, owner and what it was merged into, as far as any of these is there.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from inventory_service.domain.errors import CacheError
from inventory_service.domain.offer import Money, SalePrice
from inventory_service.domain.product import Product, RetailPrice
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import UNREADABLE

UNKNOWN = b"-"
UNREAD = "A cached product cannot be read."

Price = str | list[str | None] | None


def encode(product: Product | None) -> bytes:
    if product is None:
        return UNKNOWN
    rest = [product.brand, product.image_url, product.category, product.owner_id, product.merged_into]
    while rest and rest[-1] is None:
        rest.pop()
    offers = {str(owner): _told(offer) for owner, offer in product.offers.items()}
    told = orjson.dumps([product.product_id, product.gtin, offers, product.name, *rest])
    return bytes(memoryview(told))  # a copy: what orjson returns keeps the 4 KB that it was written in


class Told(NamedTuple):
    """What a value tells, as it tells it: offers by retailer id in digits."""

    product_id: int
    gtin: str | None
    offers: dict[str, Price]
    name: str | None
    brand: str | None = None
    image_url: str | None = None
    category: str | None = None
    owner_id: int | None = None
    merged_into: int | None = None

    def owners(self) -> NDArray[np.int64]:
        """The ids of the retailers that list it. Raises CacheError where that is no product."""
        try:
            return np.array([int(owner) for owner in self.offers], dtype=np.int64)
        except UNREADABLE as error:
            raise CacheError(UNREAD) from error

    @property
    def prices(self) -> list[str | None] | None:
        """In step with the offers; None where any retailer tells more than one."""
        plain = [price for price in self.offers.values() if price is None or isinstance(price, str)]
        return plain if len(plain) == len(self.offers) else None


def told(value: bytes) -> Told | None:
    """Raises CacheError for bytes that no `encode` has made."""
    if value == UNKNOWN:
        return None
    try:
        of = Told(*orjson.loads(value))
    except UNREADABLE as error:
        raise CacheError(UNREAD) from error
    if not isinstance(of.offers, dict):
        raise CacheError(UNREAD)
    return of


@lru_cache(maxsize=256)
def decode(value: bytes) -> Product | None:
    """Raises CacheError for bytes that no `encode` has made. The same bytes are read once."""
    of = told(value)
    return None if of is None else product_of(of)


def product_of(of: Told) -> Product:
    """Raises CacheError where that is none."""
    product_id, gtin, offers, name, brand, image_url, category, owner_id, merged_into = of
    try:
        prices = {int(owner): offer(price) for owner, price in offers.items()}
    except UNREADABLE as error:
        raise CacheError(UNREAD) from error
    return Product(product_id, gtin, name, brand, image_url, category, owner_id, merged_into, prices)


def is_product(value: bytes) -> bool:
    """Whether `value` begins and ends as `encode` makes it; what ends with its offers is of an earlier making."""
    return value == UNKNOWN or (value[:1] == b"[" and value[-1:] == b"]" and value[-2:] != b"}]")


def lifetime_ms(value: bytes) -> int:
    """Of a value by GTIN. The publisher drops it when its product changes (store_sync/publish/writer.py)."""
    return keys.UNKNOWN_MS if value == UNKNOWN else 0


def lifetime_by_id_ms(value: bytes) -> int:
    """Of a value by id: where there is one by GTIN too, a second copy is not kept for good."""
    product = decode(value)
    if product is None:
        return keys.UNKNOWN_MS
    return 0 if product.gtin is None and product.merged_into is None else keys.SECOND_COPY_MS


def _told(offer: RetailPrice) -> Price:
    sale = offer.sale_price
    if sale is None:
        return _money_text(offer.price)
    return [_money_text(offer.price), _money_text(sale.price), _moment_text(sale.starts_at), _moment_text(sale.ends_at)]


@lru_cache(maxsize=16_384)
def _plain_offer(told: str | None) -> RetailPrice:
    """One object for all retailers that ask the same."""
    return RetailPrice(_money(told) if told else None)


def offer(price: Price) -> RetailPrice:
    """Raises CacheError where that is none."""
    try:
        if price is None or isinstance(price, str):
            return _plain_offer(price)
        usual, reduced, begins, finishes = price
        sale = SalePrice(_money(str(reduced)), _moment(begins), _moment(finishes))
        return RetailPrice(_money(usual) if usual else None, sale)
    except UNREADABLE as error:
        raise CacheError(UNREAD) from error


def _money_text(money: Money | None) -> str | None:
    return None if money is None else f"{money.amount} {money.currency}"


def _money(text: str) -> Money:
    amount, currency = text.split(" ")
    return Money(Decimal(amount), currency)


def _moment_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

"""Google's feeds: local inventory, primary products and sales, whatever container the values came in."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import MovementRow, ProductRow, StockRow
from inventory_service.domain.offer import NO_DETAILS, Details, Money, SalePrice
from store_sync.formats import google_lfp, values
from store_sync.formats.reasons import Unusable
from store_sync.formats.values import missing, read

GoogleKind = Literal["stock", "products", "sales"]
TextReader = Callable[[Sequence[str]], StockRow | ProductRow | MovementRow]
"""The texts of a feed's FIELDS, "" where absent → what they say. Raises Unusable."""

STOCK_FIELDS = (
    *("id", "store_code", "availability", "quantity", "price", "sale_price", "sale_price_effective_date"),
    *("pickup_method", "pickup_sla", "instore_product_location"),
)
PRODUCT_FIELDS = (
    *("id", "title", "brand", "gtin", "image_link", "product_type"),
    *("price", "sale_price", "sale_price_effective_date"),
)
FIELDS: Mapping[GoogleKind, tuple[str, ...]] = {
    "stock": STOCK_FIELDS,
    "products": PRODUCT_FIELDS,
    "sales": google_lfp.FIELDS,
}
MAX_ID = 50
"""Characters."""


_NEEDED: Mapping[GoogleKind, tuple[tuple[str, ...], ...]] = {
    "stock": (("id",), ("store_code",), ("availability", "quantity")),
    "products": (("id",), ("title",)),
    "sales": (("gtin", "id"), ("store_code",), ("sale_time",), ("quantity",)),
}
"""Of each group a feed must have at least one."""
_CALLED: Mapping[GoogleKind, str] = {"stock": "local inventory", "products": "product", "sales": "sales"}
_SEPARATORS = re.compile(r"[\s_-]+")
_BY_COMPACT_NAME = {name.replace("_", ""): name for fields in FIELDS.values() for name in fields} | {"itemid": "id"}


def field_name(written: str) -> str | None:
    """Our name of a column or element: case, spaces, underscores, hyphens and the g: prefix make no difference."""
    return _BY_COMPACT_NAME.get(_SEPARATORS.sub("", written.strip().lower().removeprefix("g:")))


def kind_of(fields: Iterable[str]) -> GoogleKind:
    """What a feed with these fields is: only sales have a time, and only local inventory names a store besides."""
    present = set(fields)
    if "sale_time" in present:
        return "sales"
    return "stock" if "store_code" in present else "products"


def require(kind: GoogleKind, fields: Iterable[str], found: Iterable[str]) -> None:
    """Raises FeedRefusedError where a feed of this kind lacks a column; `found` is what it has, for people."""
    present = set(fields)
    absent = [" or ".join(group) for group in _NEEDED[kind] if present.isdisjoint(group)]
    if absent:
        raise FeedRefusedError(
            f"A Google {_CALLED[kind]} feed needs the columns {', '.join(absent)}; the file has: {_listed(found)}."
        )


def stock_row(texts: Sequence[str]) -> StockRow:
    """One line of a local inventory feed; `texts` are those of STOCK_FIELDS, "" where absent. Raises Unusable."""
    item_id, store_code, availability, quantity, *offer = texts
    try:
        if not store_code:
            raise missing("store_code")
        level = values.stock(availability, quantity)
        code = read("store_code", values.code, store_code)
        return StockRow(code, item_id_of(item_id), level, None, None, details(values.word(availability), *offer))
    except Unusable as fault:
        raise fault.of(store_code, item_id)  # noqa: B904 - the same fault


def product_row(texts: Sequence[str]) -> ProductRow:
    """One line of a primary feed; `texts` are those of PRODUCT_FIELDS, "" where absent. Raises Unusable."""
    item_id, title, brand, gtin, image_link, category, price, sale_price, dates = texts
    if not title and not gtin:
        raise missing("title")
    return ProductRow(
        item_id_of(item_id),
        read("gtin", values.gtin, gtin) if gtin else None,
        read("title", values.label, title) or None,
        read("brand", values.label, brand) or None,
        read("image_link", values.image_url, image_link) if image_link else None,
        read("product_type", values.label, category) or None,
        *prices(price, sale_price, dates),
    )


def reader(kind: GoogleKind) -> TextReader:
    """A reader for one file of this kind."""
    if kind == "sales":
        return google_lfp.SaleReader()
    return stock_row if kind == "stock" else product_row


@lru_cache(maxsize=65_536)
def details(availability: str, price: str, sale_price: str, dates: str, method: str, sla: str, aisle: str) -> Details:
    """What a row says besides its count, of texts that may be "". Raises Unusable."""
    said = Details(
        *prices(price, sale_price, dates),
        values.pickup(method, sla) if method or sla else None,
        read("instore_product_location", values.aisle, aisle) if aisle else None,
        availability == values.ORDER_IN_STORE,
    )
    return NO_DETAILS if said == NO_DETAILS else said


def prices(price: str, sale_price: str, dates: str) -> tuple[Money | None, SalePrice | None]:
    """The usual price and the reduced one, of texts that may be "". Raises Unusable."""
    usual = read("price", values.money, price) if price else None
    reduced = values.sale_price(sale_price, dates) if sale_price else None
    if usual and reduced and usual.currency != reduced.price.currency:
        raise Unusable("invalid_price", "sale_price is in another currency than price.", "sale_price")
    return usual, reduced


def item_id_of(text: str) -> str:
    """Raises Unusable."""
    if not text:
        raise missing("id")
    if len(text) > MAX_ID:
        raise Unusable("too_long", f"id is longer than {MAX_ID} characters.", "id")
    return text


def _listed(names: Iterable[str]) -> str:
    shown = [name[:60] for name in names]
    return ", ".join(shown[:30]) + (f" and {len(shown) - 30} more" if len(shown) > 30 else "")

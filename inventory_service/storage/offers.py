"""Prices and details as JSON, for Postgres and for the cache: short keys, absent parts left out."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory_service.domain.offer import NO_DETAILS, Details, Money, Pickup, SalePrice
from inventory_service.domain.product import RetailPrice

Json = dict[str, Any]


def price_to_json(price: Money | None, sale_price: SalePrice | None) -> Json:
    """`{"p": ["29.99", "USD"], "s": ["19.99", "USD", from, until]}`; times are ISO 8601 or null."""
    out: Json = {}
    if price is not None:
        out["p"] = [str(price.amount), price.currency]
    if sale_price is not None:
        starts, ends = (moment and moment.isoformat() for moment in (sale_price.starts_at, sale_price.ends_at))
        out["s"] = [str(sale_price.price.amount), sale_price.price.currency, starts, ends]
    return out


def retail_price_from_json(value: Json | None) -> RetailPrice:
    return RetailPrice(_money(value.get("p")), _sale(value.get("s"))) if value else RetailPrice()


def details_to_json(details: Details) -> Json | None:
    """None where there is nothing to tell."""
    if details == NO_DETAILS:
        return None
    out = price_to_json(details.price, details.sale_price)
    if details.pickup is not None:
        out["u"] = [details.pickup.method, details.pickup.sla]
    if details.aisle is not None:
        out["a"] = details.aisle
    if details.order_in_store:
        out["o"] = 1
    return out


def details_from_json(value: Json | None) -> Details:
    if not value:
        return NO_DETAILS
    return Details(
        price=_money(value.get("p")),
        sale_price=_sale(value.get("s")),
        pickup=Pickup(*value["u"]) if "u" in value else None,
        aisle=value.get("a"),
        order_in_store="o" in value,
    )


def _money(value: list[str] | None) -> Money | None:
    return Money(Decimal(value[0]), value[1]) if value else None


def _sale(value: list[str | None] | None) -> SalePrice | None:
    if not value:
        return None
    amount, currency, starts, ends = value
    return SalePrice(Money(Decimal(str(amount)), str(currency)), _moment(starts), _moment(ends))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

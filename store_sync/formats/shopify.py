"""Shopify's webhook inventory_levels/update: what one item's count at one location is now."""

import re

from inventory_service.domain.feed import Refusal, Row, StockRow
from inventory_service.domain.stock import Stock
from store_sync.formats import values
from store_sync.formats.json_text import Members
from store_sync.formats.reasons import Unusable

TOPIC = "inventory_levels/update"
"""Other topics say nothing of a shelf."""
_OVERSOLD = re.compile(r"-[0-9]{1,12}\Z")


def lines(level: Members, raw: str) -> tuple[Row | Refusal, ...]:
    """The one record of a body: its store is the `location_id`, its item the `inventory_item_id`, every digit kept."""
    try:
        return (Row(1, stock=_record(level), raw=raw),)
    except Unusable as fault:
        return (fault.of(*_position(level)).refusal(1, raw),)


def _record(level: Members) -> StockRow:
    """`available` null says that nobody counts: the shelf is not known to be empty."""
    item_id, code = level.needed_code("inventory_item_id"), level.needed_code("location_id")
    updated_at = level.must("updated_at", values.moment)
    if "available" in level.held and level.held["available"] is None:
        raise Unusable("not_tracked", "Shopify does not track this item at this location.", "available")
    return StockRow(code, item_id, level.must("available", _available), observed_at=updated_at)


def _available(text: str) -> Stock:
    """Shopify counts below zero what was sold and was not there: no piece is left then."""
    return Stock.exactly(0 if _OVERSOLD.match(text) else values.count(text))


def _position(level: Members) -> tuple[str | None, str | None]:
    try:
        return level.code("location_id"), level.code("inventory_item_id")
    except Unusable:
        return None, None

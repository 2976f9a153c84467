"""Square's webhook inventory.count.updated: counts by item, location and state."""

import re
from collections.abc import Iterator

from inventory_service.domain.feed import Refusal, Row, StockRow
from inventory_service.domain.stock import MAX_QUANTITY, Stock
from store_sync.formats import values
from store_sync.formats.json_text import Members
from store_sync.formats.reasons import Unusable
from store_sync.formats.values import missing

EVENT = "inventory.count.updated"
"""Other events say nothing of a shelf."""
ON_THE_SHELF = "IN_STOCK"
_DECIMAL = re.compile(r"(-?)([0-9]{1,12})(?:\.[0-9]{1,9})?\Z")


def event_id(event: Members) -> str | None:
    """Square's id of the event, the same whenever it is sent again."""
    try:
        return event.code("event_id")
    except Unusable:
        return None


def lines(event: Members, raw: str) -> tuple[Row | Refusal, ...]:
    """The counts of the shelf, numbered from 1 by their place in the body; none where the event is another one.

    A store is a `location_id` and an item a `catalog_object_id`. Counts of other states (sold, wasted, on the way) are
    left out: what they mean for the shelf stands in the count of IN_STOCK, which Square sends whenever it changes.
    """
    try:
        if event.needed("type") != EVENT:
            return ()
        return tuple(_results(_counts(event), raw))
    except Unusable as fault:
        return (fault.refusal(1, raw),)


def _counts(event: Members) -> list[Members]:
    place: object = event.held
    for name in ("data", "object", "inventory_counts"):
        place = place.get(name) if isinstance(place, dict) else None
    if not isinstance(place, list):
        raise missing("data.object.inventory_counts")
    if not all(isinstance(count, dict) for count in place):
        raise Unusable("invalid_value", "Not every count is an object.", "data.object.inventory_counts")
    return [Members(count) for count in place]


def _results(counts: list[Members], raw: str) -> Iterator[Row | Refusal]:
    for number, count in enumerate(counts, start=1):
        try:
            if count.needed("state") == ON_THE_SHELF:
                yield Row(number, stock=_record(count), raw=raw)
        except Unusable as fault:
            yield fault.of(*_position(count)).refusal(number, raw)


def _record(count: Members) -> StockRow:
    """Times have up to 9 decimals of a second; ours end with the sixth."""
    return StockRow(
        count.needed_code("location_id"),
        count.needed_code("catalog_object_id"),
        count.must("quantity", _quantity),
        observed_at=count.must("calculated_at", values.moment),
    )


def _quantity(text: str) -> Stock:
    """The whole part: half a piece cannot be bought. Below zero is what was sold and was not there: none is left."""
    parts = _DECIMAL.match(text)
    if parts is None:
        raise Unusable("invalid_number", f"“{text[:60]}” is not a decimal number of pieces.")
    whole = 0 if parts[1] else int(parts[2])
    if whole > MAX_QUANTITY:
        raise Unusable("invalid_number", f"{whole} is more than {MAX_QUANTITY}.")
    return Stock.exactly(whole)


def _position(count: Members) -> tuple[str | None, str | None]:
    try:
        return count.code("location_id"), count.code("catalog_object_id")
    except Unusable:
        return None, None

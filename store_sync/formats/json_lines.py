"""JSON Lines: one object a line, each of which says of itself what it is."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import replace

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import MovementKind, MovementRow, ProductRow, Refusal, Row, StockRow
from inventory_service.domain.offer import Details
from inventory_service.domain.stock import NONE_LEFT, Stock
from store_sync.formats import google, json_nouns, places, values
from store_sync.formats.json_text import Members, json_object
from store_sync.formats.lines import ByteSource, Lines, Unreadable, decoded
from store_sync.formats.reasons import Unusable, readable
from store_sync.formats.rows import Part, row_of
from store_sync.formats.values import read

RECORD = "record"
RECORD_TIMES = ("observed_at", "at", "time")
MOVEMENT_TIMES = ("observed_at", "at", "sale_time", "time")
"""Names of a line's own time; the first that is filled counts."""


def parse(stream: ByteSource, unnamed: str = RECORD) -> Iterator[Row | Refusal]:
    """Rows of a file; `unnamed` is the kind of lines that name none. Raises FeedRefusedError."""
    source = Lines(stream)
    empty = True
    for number, line in enumerate(source, start=1):
        if (result := _read(number, line, unnamed)) is not None:
            empty = False
            yield result
    if source.failure is not None:
        raise source.failure
    if empty:
        raise FeedRefusedError("The file is empty.")


def parse_line(line_number: int, raw: bytes) -> Row | Refusal | None:
    """What one line of UTF-8 says, with or without its line end; None: it is blank."""
    line = raw.removesuffix(b"\n")
    return _read(line_number, decoded(line.removeprefix(codecs.BOM_UTF8) if line_number == 1 else line), RECORD)


def _read(number: int, line: str | Unreadable, unnamed: str) -> Row | Refusal | None:
    if isinstance(line, Unreadable):
        return Refusal(number, None, line.reason, line.detail, line.raw)
    if not (raw := line.strip()):
        return None
    found = Members({})
    try:
        found = json_object(raw)
        return row_of(number, _part(found, unnamed), raw)
    except Unusable as fault:
        return fault.of(*_position(found)).refusal(number, readable(raw))


def _part(members: Members, unnamed: str) -> Part:
    named = members.filled("kind", "type")
    kind = values.word(members.text(named)) or unnamed
    if kind == RECORD and members.text("sale_time"):
        raise Unusable("missing", "The line has a sale_time: it needs the kind sale.", "kind")
    part = read(named, lambda text: values.one_of(KINDS, text), kind)(members)
    retailer = members.maybe("retailer", places.slug)
    return part if retailer is None or isinstance(part, ProductRow) else replace(part, retailer=retailer)


def _position(members: Members) -> tuple[str | None, str | None]:
    """What a line that is refused speaks of, as far as it can be read."""
    try:
        return members.code("store_code"), members.code("item_id")
    except Unusable:
        return None, None


def _record(members: Members) -> StockRow:
    return _stock_row(members, values.stock(members.text("availability"), members.text("quantity")))


def _count(members: Members) -> StockRow:
    return _stock_row(members, Stock.exactly(members.must("quantity", values.count)))


def _absent(members: Members) -> StockRow:
    if members.maybe("quantity", values.count):
        raise Unusable("invalid_value", "What is absent has no quantity.", "quantity")
    return _stock_row(members, NONE_LEFT)


def _stock_row(members: Members, stock: Stock) -> StockRow:
    observed_at = members.moment(members.filled(*RECORD_TIMES))
    item_id, gtin = _item(members)
    return StockRow(members.needed_code("store_code"), item_id, stock, gtin, observed_at, _details(members))


def _sale(members: Members) -> MovementRow:
    return _movement(members, "sale", members.must("quantity", values.pieces))


def _returned(members: Members) -> MovementRow:
    """A sale taken back."""
    back = members.must("quantity", values.pieces)
    if back < 0:
        raise Unusable("negative", "A return tells how many pieces came back: 1 or more.", "quantity")
    return _movement(members, "sale", -back)


def _delivery(members: Members) -> MovementRow:
    return _movement(members, "delivery", members.must("quantity", values.pieces))


def _movement(members: Members, kind: MovementKind, quantity: int) -> MovementRow:
    observed_at = members.needed_moment(members.filled(*MOVEMENT_TIMES))
    event_id = members.needed_code(members.filled("id", "event_id"))
    return MovementRow(members.needed_code("store_code"), kind, quantity, observed_at, event_id, *_item(members))


def _item(members: Members) -> tuple[str | None, str | None]:
    """(item_id, gtin), at least one of them."""
    item_id, gtin = members.code("item_id"), members.maybe("gtin", values.gtin)
    if item_id is None and gtin is None:
        raise Unusable("missing", "The line has neither an item_id nor a gtin.", "item_id")
    return item_id, gtin


def _details(members: Members) -> Details:
    """As Google's local inventory has them; the aisle may be called by our name for it, too."""
    return google.details(
        values.word(members.text("availability")),
        members.money("price"),
        members.money("sale_price"),
        members.text("sale_price_effective_date"),
        members.text("pickup_method"),
        members.text("pickup_sla"),
        members.text(members.filled("instore_product_location", "aisle")),
    )


KINDS: dict[str, Callable[[Members], Part]] = {
    RECORD: _record,
    "count": _count,
    "absent": _absent,
    "sale": _sale,
    "return": _returned,
    "delivery": _delivery,
    "store": json_nouns.store_row,
    "product": json_nouns.product_row,
}

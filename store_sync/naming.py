"""Rows that tell a GTIN alone: each means the retailer's one item that has it, whatever the format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from inventory_service.domain.feed import MovementRow, ProductRow, Row, StockRow
from inventory_service.storage import products
from inventory_service.storage.postgres import Connection
from inventory_service.storage.products import FirstItem

Part = ProductRow | StockRow | MovementRow


@dataclass(frozen=True, slots=True)
class Named:
    """Rows whose every part has its item. `standing_in`: items of which these rows tell nothing but the GTIN."""

    rows: Sequence[Row]
    standing_in: frozenset[str] = frozenset()


async def named(connection: Connection, retailer_id: int, rows: Sequence[Row]) -> Named:
    """A GTIN alone is the first item that has it, in Postgres or else in these rows; or one that stands in for it."""
    alone = [part for row in rows for part in _parts(row) if _is_alone(part)]
    if not alone:
        return Named(rows)
    held = await products.items_by_gtin(connection, retailer_id, sorted({part.gtin or "" for part in alone}))
    own = {part.item_id: part.gtin for row in rows for part in _parts(row) if not _is_alone(part) and part.gtin}
    spelt = {part.gtin: part.item_id for part in reversed(alone) if part.item_id}
    first = {gtin: item_id for item_id, gtin in reversed(own.items())}
    items = {gtin: _item(gtin, held, own) or first.get(gtin) or _other(gtin, held, spelt) for gtin in _gtins(alone)}
    return Named([_with_items(row, items) for row in rows], frozenset(items.values()) - own.keys())


def _parts(row: Row) -> Iterator[Part]:
    return (part for part in (row.product, row.stock, row.movement) if part is not None)


def _is_alone(part: Part) -> bool:
    return part.stands_in if isinstance(part, ProductRow) else part.item_id is None


def _gtins(alone: Sequence[Part]) -> set[str]:
    return {part.gtin for part in alone if part.gtin}


def _item(gtin: str, held: Mapping[str, FirstItem], own: Mapping[str | None, str | None]) -> str | None:
    """The retailer's own item that has the GTIN, unless these very rows give it another."""
    item = held.get(gtin)
    if item is None or item.stands_in or own.get(item.item_id, gtin) != gtin:
        return None
    return item.item_id


def _other(gtin: str, held: Mapping[str, FirstItem], spelt: Mapping[str | None, str | None]) -> str:
    """What stands in where no item has the GTIN: what did so before, else the GTIN itself."""
    item = held.get(gtin)
    return item.item_id if item is not None and item.stands_in else spelt.get(gtin) or gtin


def _with_items(row: Row, items: Mapping[str, str]) -> Row:
    product, stock, movement = row.product, row.stock, row.movement
    if product is not None and product.stands_in:
        product = replace(product, item_id=items[product.gtin or ""])
    if stock is not None and stock.item_id is None:
        stock = replace(stock, item_id=items[stock.gtin or ""])
    if movement is not None and movement.item_id is None:
        movement = replace(movement, item_id=items[movement.gtin or ""])
    return replace(row, product=product, stock=stock, movement=movement)

"""What a parser understood, put where a Row has its place for it."""

from inventory_service.domain.feed import MovementRow, ProductRow, Row, StockRow, StoreRow

Part = StoreRow | ProductRow | StockRow | MovementRow


def row_of(line: int, part: Part, raw: str) -> Row:
    """The row of a line that says one thing."""
    if isinstance(part, StockRow):
        return Row(line, stock=part, raw=raw)
    if isinstance(part, MovementRow):
        return Row(line, movement=part, raw=raw)
    if isinstance(part, ProductRow):
        return Row(line, product=part, raw=raw)
    return Row(line, store=part, raw=raw)

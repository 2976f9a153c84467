"""What a parser gives, line by line."""

from collections.abc import Iterable, Iterator

from inventory_service.domain.feed import Refusal, Row, StockColumns


def flat(results: Iterable[Row | Refusal | StockColumns]) -> Iterator[Row | Refusal]:
    """The lines of columns as rows among the others, as they come: not in the file's order."""
    for result in results:
        if isinstance(result, StockColumns):
            yield from map(result.row, range(len(result)))
        else:
            yield result


def by_line(results: Iterable[Row | Refusal | StockColumns]) -> list[Row | Refusal]:
    """All lines in the file's order."""
    return sorted(flat(results), key=lambda row: row.line)

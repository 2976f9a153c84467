"""Live lines of several senders in one transaction: each hears what became of his own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain

from inventory_service.domain.feed import Row
from inventory_service.storage.postgres import Connection
from store_sync.intake import take_in
from store_sync.job import Intake, Line
from store_sync.tally import Tally

Begin = Callable[[], Intake]
"""Each attempt has a state of its own."""


class _UnclearError(Exception):
    """It cannot be told whose lines changed something."""


async def take_each(
    connection: Connection, begin: Begin, bodies: Sequence[Sequence[Line]], now: datetime
) -> list[Tally]:
    """What became of each body, as if they came one after another, in the caller's transaction."""
    if len(bodies) > 1 and all(isinstance(line, Row) and _is_of_stock(line) for line in chain.from_iterable(bodies)):
        try:
            return await _as_one(connection, begin(), bodies, now)
        except _UnclearError:
            pass
    return [await take_in(connection, begin(), lines, now, _idle) for lines in bodies]


async def _as_one(
    connection: Connection, intake: Intake, bodies: Sequence[Sequence[Line]], now: datetime
) -> list[Tally]:
    """Rows cost a dozen statements however many they are.

    Raises _UnclearError, and nothing has happened, where not each of them changed its position.
    """
    async with connection.transaction():
        lines = list(chain.from_iterable(bodies))
        tally = await take_in(connection, intake, lines, now, _idle)
        if tally.applied < len(lines) or tally.shared:
            raise _UnclearError
    return [Tally(applied=len(body)) for body in bodies]


def _is_of_stock(row: Row) -> bool:
    return row.store is None and row.product is None


def _idle() -> None:
    """Nothing else is to be read meanwhile."""

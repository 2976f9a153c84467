"""SQL of what staff saw: each confirmation with what was answered just before and right after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory_service.domain.answered import Answered
from inventory_service.domain.confidence import Judgement
from inventory_service.domain.confirmation import Confirmation, Sighting
from inventory_service.domain.stock import Stock
from inventory_service.storage.postgres import Connection

NEXT = "SELECT nextval(pg_get_serial_sequence('confirmation', 'confirmation_id'))"
ADD = """
INSERT INTO confirmation (confirmation_id, retailer_id, store_id, product_id, key_id, said, quantity, observed_at,
                          received_at, word_before, probability_before, low_before, high_before, source_before,
                          observed_before, covered_before, word_after, probability_after, low_after, high_after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
"""
FIND = "SELECT * FROM confirmation WHERE confirmation_id = $1 AND retailer_id = $2"
TAKEN_BACK = "UPDATE confirmation SET undone_at = $2, undone_by = $3 WHERE confirmation_id = $1"

OF_RETAILER = """
SELECT c.*, k.hint, k.name FROM confirmation c JOIN api_key k USING (key_id)
WHERE c.retailer_id = $1 AND c.confirmation_id < $2 ORDER BY c.confirmation_id DESC LIMIT $3
"""
OF_STORES = """
SELECT c.*, k.hint, k.name
FROM unnest($1::int[]) AS one (store_id) CROSS JOIN LATERAL (
    SELECT * FROM confirmation WHERE store_id = one.store_id AND confirmation_id < $2
    ORDER BY confirmation_id DESC LIMIT $3
) c JOIN api_key k USING (key_id)
ORDER BY c.confirmation_id DESC LIMIT $3
"""
NO_END = 1 << 62


@dataclass(frozen=True, slots=True)
class Traced:
    """A confirmation and whose it is: the first characters of the key, and its name."""

    confirmation: Confirmation
    hint: str
    name: str


async def next_id(connection: Connection) -> int:
    return int(await connection.fetchval(NEXT))


async def add(connection: Connection, retailer_id: int, one: Confirmation) -> None:
    """With what was told of the position right after, since something was."""
    said, before, after = one.sighting, one.before, one.after
    await connection.execute(
        ADD,
        one.confirmation_id,
        retailer_id,
        one.store_id,
        one.product_id,
        one.key_id,
        said.said,
        said.quantity,
        said.observed_at,
        one.received_at,
        *_judged(before),
        *_bounds(before),
        before.source_id,
        before.observed_at,
        before.covered_at,
        *_judged(after),
        *_bounds(after),
    )


async def find(connection: Connection, confirmation_id: int, retailer_id: int) -> Confirmation | None:
    row = await connection.fetchrow(FIND, confirmation_id, retailer_id)
    return None if row is None else _confirmation(row)


async def take_back(connection: Connection, confirmation_id: int, now: datetime, key_id: int) -> None:
    """Notes that it counts no more, and who said so."""
    await connection.execute(TAKEN_BACK, confirmation_id, now, key_id)


async def of_stores(connection: Connection, store_ids: Sequence[int], before: int | None, limit: int) -> list[Traced]:
    """The newest of some stores; `before`: older than this id."""
    return _traced(await connection.fetch(OF_STORES, list(store_ids), NO_END if before is None else before, limit))


async def of_retailer(connection: Connection, retailer_id: int, before: int | None, limit: int) -> list[Traced]:
    """The newest of all of a retailer's stores."""
    return _traced(await connection.fetch(OF_RETAILER, retailer_id, NO_END if before is None else before, limit))


def _traced(rows: Sequence[Any]) -> list[Traced]:
    return [Traced(_confirmation(row), row["hint"], row["name"]) for row in rows]


def _judged(told: Answered) -> tuple[str, float | None]:
    return told.judgement.availability, told.judgement.probability


def _bounds(told: Answered) -> tuple[int | None, int | None]:
    return (None, None) if told.stock is None else (told.stock.low, told.stock.high)


def _confirmation(row: Any) -> Confirmation:
    before, after = _stock(row["low_before"], row["high_before"]), _stock(row["low_after"], row["high_after"])
    return Confirmation(
        row["confirmation_id"],
        row["store_id"],
        row["product_id"],
        row["key_id"],
        Sighting(row["said"], row["quantity"], row["observed_at"]),
        row["received_at"],
        Answered(
            Judgement(row["word_before"], row["probability_before"]),
            before,
            row["source_before"],
            row["observed_before"],
            row["covered_before"],
        ),
        Answered(Judgement(row["word_after"], row["probability_after"]), after),
        row["undone_at"],
    )


def _stock(low: int | None, high: int | None) -> Stock | None:
    return None if low is None else Stock(low, high)

"""A position's row and the records that it folds: to Postgres and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from inventory_service.domain.level import Level, Record
from inventory_service.domain.stock import Stock
from inventory_service.storage.offers import details_from_json, details_to_json


@dataclass(frozen=True, slots=True)
class Position:
    """A position as it is held: its level and the records behind it, in order."""

    product_id: int
    store_id: int
    level: Level
    records: tuple[Record, ...]


def level_from_row(row: Any) -> Level:
    """From columns low, high, observed_at, as_of, covered_at, source_id, details."""
    return Level(
        Stock(row["low"], row["high"]),
        row["observed_at"],
        row["as_of"],
        row["covered_at"],
        row["source_id"],
        details_from_json(row["details"]),
    )


def position_from_row(row: Any) -> Position:
    level = level_from_row(row)
    return Position(row["product_id"], row["store_id"], level, _records(row["records"], level))


def records_to_json(records: Sequence[Record], level: Level) -> str | None:
    """JSON of `[observed µs, as_of µs, low, high, source, details, rank]` a record; None where the level tells all."""
    if (
        len(records) == 1
        and records[0].rank == 0
        and level
        == Level(
            records[0].stock,
            records[0].observed_at,
            records[0].as_of,
            records[0].observed_at,
            records[0].source_id,
            records[0].details,
        )
    ):
        return None
    rows = [
        [
            _micros(record.observed_at),
            _micros(record.as_of),
            record.stock.low,
            record.stock.high,
            record.source_id,
            details_to_json(record.details),
            record.rank,
        ]
        for record in records
    ]
    return orjson.dumps(rows).decode()


def _records(value: list[list[Any]] | None, level: Level) -> tuple[Record, ...]:
    if value is None:
        return (Record(level.observed_at, level.as_of, level.stock, level.source_id, level.details),)
    return tuple(
        Record(_moment(observed), _moment(as_of), Stock(low, high), source_id, details_from_json(details), rank)
        for observed, as_of, low, high, source_id, details, rank in value
    )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _moment(micros: int) -> datetime:
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)

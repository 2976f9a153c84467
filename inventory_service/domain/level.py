"""The merge rule: a level is a fold over reports in their own order, never in the order they arrived."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.stock import MAX_QUANTITY, Stock

RECORDS_KEPT = 24
"""Reports kept a position, newest by order: within them the fold is exact whatever arrives late."""


@dataclass(frozen=True, slots=True)
class Record:
    """A source's count of one position. `observed_at` is the row's clock, `as_of` the file's.

    `rank` tells apart the items of one retailer that are the same product: 0 is the first that was known.
    """

    observed_at: datetime
    as_of: datetime
    stock: Stock
    source_id: int
    details: Details = NO_DETAILS
    rank: int = 0

    @property
    def voice(self) -> tuple[int, int]:
        """Whose word it is: a source's, about one item."""
        return (self.source_id, self.rank)

    @property
    def order(self) -> tuple[Any, ...]:
        """Later wins; at one moment the smaller claim is the later one. Ties end in content, so that order is total."""
        ceiling, low = self.stock.generosity
        return (self.observed_at, self.as_of, -ceiling, -low, self.voice, repr(self.details))


@dataclass(frozen=True, slots=True)
class Level:
    """What we hold true of a position.

    `observed_at`, `as_of` and `source_id` are the anchor's: the newest record that was news.
    `covered_at` is the newest record of the same source that only repeated it.
    """

    stock: Stock
    observed_at: datetime
    as_of: datetime
    covered_at: datetime
    source_id: int
    details: Details = NO_DETAILS


def merge(held: Iterable[Record], arrived: Iterable[Record]) -> tuple[Record, ...]:
    """Both sets of records in order, identical ones once."""
    return tuple(sorted({*held, *arrived}, key=lambda record: record.order))


def fold(records: Sequence[Record]) -> Level:
    """The level that ordered, non-empty `records` add up to.

    Items of one retailer that are the same product add up; the newest of their words dates the sum.
    """
    ranks = sorted({record.rank for record in records})
    if len(ranks) == 1:
        return _fold_item(records)
    levels = [_fold_item([record for record in records if record.rank == rank]) for rank in ranks]
    newest = max(levels, key=lambda level: (level.observed_at, level.as_of, level.source_id))
    return replace(
        newest,
        stock=_sum(level.stock for level in levels),
        covered_at=max(level.covered_at for level in levels),
        details=_newest_details(records),
    )


def emptied(records: Iterable[Record], zero: Record) -> list[Record]:
    """`zero` for each item that `records` speak of."""
    return [replace(zero, rank=rank) for rank in sorted({record.rank for record in records})]


def _sum(parts: Iterable[Stock]) -> Stock:
    low, high = 0, 0.0
    for part in parts:
        low += part.low
        high += math.inf if part.high is None else part.high
    return Stock(min(low, MAX_QUANTITY), None if math.isinf(high) else min(int(high), MAX_QUANTITY))


def _fold_item(records: Sequence[Record]) -> Level:
    """A record equal to its source's previous one is an echo: it moves coverage only."""
    said: dict[int, Stock] = {}
    anchor, covered_at = records[0], records[0].observed_at
    for record in records:
        if said.get(record.source_id) != record.stock:
            anchor, covered_at = record, record.observed_at
        elif record.source_id == anchor.source_id:
            covered_at = record.observed_at
        said[record.source_id] = record.stock
    return Level(anchor.stock, anchor.observed_at, anchor.as_of, covered_at, anchor.source_id, _newest_details(records))


def retain(records: Sequence[Record]) -> tuple[Record, ...]:
    """The records worth keeping: the newest, and of each source before those its last word and its last news.

    These make the same fold: what is news among all of them is news among these.
    """
    if len(records) <= RECORDS_KEPT:
        return tuple(records)
    dropped, kept = records[:-RECORDS_KEPT], records[-RECORDS_KEPT:]
    last_word: dict[tuple[int, int], Record] = {}
    last_news: dict[tuple[int, int], Record] = {}
    for record in dropped:
        before = last_word.get(record.voice)
        if before is None or before.stock != record.stock:
            last_news[record.voice] = record
        last_word[record.voice] = record
    return merge([*last_news.values(), *last_word.values()], kept)


def _newest_details(records: Sequence[Record]) -> Details:
    """The latest word of the source that last said anything beside a count."""
    latest = {record.source_id: record for record in records}
    telling = [record for record in latest.values() if record.details != NO_DETAILS]
    return max(telling, key=lambda record: record.order).details if telling else NO_DETAILS

"""A cached block beside the levels that Postgres holds: what differs, once changes under way are allowed for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.errors import CacheError
from inventory_service.domain.stock import Stock
from inventory_service.storage.cache.block import Packed, assemble, decode, parts

Levels = Mapping[int, Packed]
"""By slot."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One level, or a whole block (`slot` None), that Redis tells otherwise than Postgres."""

    slot: int | None
    redis: str
    postgres: str


def faults(before: Levels, cached: bytes, after: Levels, *, complete: bool) -> Iterator[Fault]:
    """`cached` was read from Redis between reading `before` and `after` from Postgres.

    `complete`: the publisher had published all that `before` saw by then; else what Redis lacks may be on its way.
    A version that Redis has must be known to Postgres later on, with the same bytes.
    """
    try:
        held = parts(cached)
    except CacheError as error:
        yield Fault(None, str(error), f"{len(after)} levels")
        return
    for slot in sorted({*before, *held} if complete else held):
        one, was, now = held.get(slot), before.get(slot), after.get(slot)
        if one is None:
            yield Fault(slot, "nothing", told(was))
        elif now is None or one.version > now.version or (complete and was and one.version < was.version):
            yield Fault(slot, told(one), told(now))
        elif one != (same := next((level for level in (was, now) if level and level.version == one.version), one)):
            yield Fault(slot, told(one), told(same))


def told(level: Packed | None) -> str:
    """A level for people."""
    if level is None:
        return "nothing"
    try:
        ((entry),) = decode(assemble({level.entry[0]: level}))
    except CacheError:
        return "something unreadable"
    shown = f", shown of {_moment(entry.level.shown.observed_at)}" if entry.level.shown else ""
    observed = _moment(entry.level.observed_at)
    return f"{_pieces(entry.level.stock)} observed {observed}{shown} (version {entry.version})"


def _moment(of: datetime) -> str:
    return f"{of:%Y-%m-%d %H:%M:%SZ}"


def _pieces(stock: Stock) -> str:
    if stock.high is None:
        return f"{stock.low} or more pieces"
    return f"{stock.low} pieces" if stock.low == stock.high else f"{stock.low} to {stock.high} pieces"

"""The cache's unit: one product's levels in one neighbourhood, packed.

    1 byte format, 1 byte count, count entries of 14 bytes by ascending slot, then extras (slot, length, JSON).

An entry: slot, flags, pieces (low), observed second, version, source; little-endian. What does not fit an entry
(coverage later than the observation, odd ranges, counts above 65,534, details) stands in its slot's extra.
A block with no entries says: complete, nobody here has it.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from inventory_service.domain.errors import CacheError
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock
from inventory_service.storage.offers import details_from_json, details_to_json
from inventory_service.storage.positions import Shelf

FORMAT = 1
ENTRY = struct.Struct("<BBHIIH")
EXTRA = struct.Struct("<BH")
EXACT, UNBOUNDED, RANGE = 0, 1, 2
KIND_MASK, HAS_EXTRA = 0b11, 0b100
LOW_SATURATED = 65_535
UNREADABLE = (struct.error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, OSError)
"""What bytes of another making raise on their way through struct, JSON, times and decimals."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One level as the publish script takes it: 14 bytes, and its extra or nothing."""

    entry: bytes
    extra: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One level read out of a block; times are whole seconds."""

    slot: int
    version: int
    level: Level


def pack(shelf: Shelf) -> Packed:
    level = shelf.level
    extra = _extra(level)
    kind = _kind(level.stock)
    flags = kind | (HAS_EXTRA if extra else 0)
    low = min(level.stock.low, LOW_SATURATED)
    observed_s = int(level.observed_at.timestamp())
    return Packed(ENTRY.pack(shelf.slot, flags, low, observed_s, shelf.version, level.source_id), extra)


def encode(shelves: Iterable[Shelf]) -> bytes:
    """A whole block."""
    ordered = sorted(shelves, key=lambda shelf: shelf.slot)
    packed = [pack(shelf) for shelf in ordered]
    extras = [
        EXTRA.pack(shelf.slot, len(one.extra)) + one.extra
        for shelf, one in zip(ordered, packed, strict=True)
        if one.extra
    ]
    return b"".join([bytes((FORMAT, len(packed))), *(one.entry for one in packed), *extras])


def is_block(value: bytes) -> bool:
    """Whether `value` has this format and is as long as it says, extras aside."""
    return len(value) >= 2 and value[0] == FORMAT and len(value) >= 2 + value[1] * ENTRY.size


def decode(block: bytes) -> list[Entry]:
    """The levels of a block. Raises CacheError for bytes that are no block of this format."""
    try:
        if block[0] != FORMAT:
            raise CacheError("A cached block has another format.")
        end = 2 + block[1] * ENTRY.size
        if len(block) < end:
            raise CacheError("A cached block is cut off.")
        extras = dict(_extras(block, end))
        return [_entry(fields, extras) for fields in ENTRY.iter_unpack(block[2:end])]
    except UNREADABLE as error:
        raise CacheError("A cached block cannot be read.") from error


def _entry(fields: tuple[int, int, int, int, int, int], extras: dict[int, dict[str, Any]]) -> Entry:
    slot, flags, low, observed_s, version, source_id = fields
    extra: dict[str, Any] = extras[slot] if flags & HAS_EXTRA else {}
    observed_at = datetime.fromtimestamp(observed_s, UTC)
    covered_at = datetime.fromtimestamp(extra.get("c", observed_s), UTC)
    stock = _stock(extra.get("l", low), flags & KIND_MASK, extra.get("h"))
    details = details_from_json(extra.get("d"))
    return Entry(slot, version, Level(stock, observed_at, observed_at, covered_at, source_id, details))


def _stock(low: int, kind: int, high: int | None) -> Stock:
    return Stock(low, low if kind == EXACT else high)


def _kind(stock: Stock) -> int:
    if stock.high is None:
        return UNBOUNDED
    return EXACT if stock.high == stock.low else RANGE


def _extra(level: Level) -> bytes:
    extra: dict[str, Any] = {}
    covered_s = int(level.covered_at.timestamp())
    if covered_s != int(level.observed_at.timestamp()):
        extra["c"] = covered_s
    if level.stock.low >= LOW_SATURATED:
        extra["l"] = level.stock.low
    if _kind(level.stock) == RANGE:
        extra["h"] = level.stock.high
    details = details_to_json(level.details)
    if details:
        extra["d"] = details
    return orjson.dumps(extra) if extra else b""


def _extras(block: bytes, at: int) -> Iterator[tuple[int, dict[str, Any]]]:
    while at < len(block):
        slot, length = EXTRA.unpack_from(block, at)
        at += EXTRA.size
        yield slot, orjson.loads(block[at : at + length])
        at += length

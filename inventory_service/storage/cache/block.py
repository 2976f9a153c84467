"""The cache's unit: one product's levels in one neighbourhood, packed.

    1 byte format, 1 byte count, 1 byte count of moments, moments of 6 bytes, entries of 9 bytes by ascending slot,
    then the extras of those entries that have one, in their order.

A moment: observed second, source; little-endian. Most levels of a block came with one feed, so they share one.
An entry: slot, flags, pieces (low), version, number of its moment from 0. What does not fit an entry stands in its
extra, which has no head: each flag says that its part is there, and they come in this order.

    ODD      12 bytes: covered second, low, high (0 but for a range), where coverage is later than the observation, the
             stock is a range, or the count above 65,534
    LEANS    2 bytes: what shoppers say
    SHOWS    4 bytes: the observed second of the evidence that is shown without counts, where that is another one
    APART    6 bytes: its source and its covered second, where they are not the level's source and that second
    DETAILS  2 bytes: how long they are; and the details as JSON

With a feed that tells everything again and again most levels show an evidence that is older than their own, and of the
same source: 4 bytes.
A block with no entries says: complete, nobody here has it.
`assemble` makes the moments each once, in the order of their first use; in a block that the publish script has merged
levels into they have any order, and some may be used by none.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from inventory_service.domain.errors import CacheError
from inventory_service.domain.level import Level, Shown
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.stock import Stock
from inventory_service.storage.offers import details_from_json, details_to_json
from inventory_service.storage.positions import Shelf
from inventory_service.storage.reports import shown_from_row

FORMAT = 5
HEAD = struct.Struct("<BBB")
HEAD_BYTES, MOMENT_BYTES, ENTRY_BYTES = HEAD.size, 6, 9
MOMENT_AT = ENTRY_BYTES - 1
"""Where an entry has the number of its moment; what is before it, and the moment itself, are an `ENTRY`."""
ENTRY = struct.Struct("<BBHIIH")
ENTRY_TYPE = np.dtype(
    [("slot", "u1"), ("flags", "u1"), ("low", "<u2"), ("version", "<u4"), ("observed_s", "<u4"), ("source_id", "<u2")]
)
"""The same, for many at once."""
BEYOND = struct.Struct("<III")
LEANING = struct.Struct("<h")
"""Hundredths of log-odds."""
SHOWN = struct.Struct("<I")
SHOWN_APART = struct.Struct("<HI")
LENGTH = struct.Struct("<H")
EXACT, UNBOUNDED, RANGE = 0, 1, 2
KIND_MASK = 0b11
ODD, LEANS, SHOWS, APART, DETAILS = 0b100, 0b1000, 0b10000, 0b100000, 0b1000000
HAS_EXTRA = ODD | LEANS | SHOWS | APART | DETAILS
PARTS = ((ODD, BEYOND), (LEANS, LEANING), (SHOWS, SHOWN), (APART, SHOWN_APART), (DETAILS, LENGTH))
LEAST_BYTES = tuple(sum(part.size for flag, part in PARTS if flags & flag) for flags in range(256))
"""By flags: what an extra takes, but for the text of its details."""
LOW_SATURATED = 65_535
UNREADABLE = (struct.error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, OSError)
"""What bytes of another making raise on their way through struct, JSON, times and decimals."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One level by itself: an `ENTRY`, that is an entry of a block with the moment itself, and its extra or nothing."""

    entry: bytes
    extra: bytes

    @property
    def version(self) -> int:
        return int(ENTRY.unpack(self.entry)[3])


@dataclass(frozen=True, slots=True)
class Entry:
    """One level read out of a block; times are whole seconds."""

    slot: int
    version: int
    level: Level


def pack(shelf: Shelf) -> Packed:
    level = shelf.level
    told = level.leaning, details_to_json(level.details)
    evidence = _seconds(level.own), _seconds(level.in_bands)
    return _pack(shelf.slot, shelf.version, level.stock.low, level.stock.high, *evidence, *told)


def pack_row(slot: int, row: Any) -> Packed:
    """From columns version, low, high, observed_at, covered_at, source_id, leaning, details, and the shown ones: as
    `pack`, bytes alike.
    """
    told = row["leaning"] or 0, details_to_json(details_from_json(row["details"])) if row["details"] else None
    own = Shown(row["source_id"], row["observed_at"], row["covered_at"])
    evidence = _seconds(own), _seconds(shown_from_row(row) or own)
    return _pack(slot, row["version"], row["low"], row["high"], *evidence, *told)


def encode(shelves: Iterable[Shelf]) -> bytes:
    """A whole block."""
    return assemble({shelf.slot: pack(shelf) for shelf in shelves})


def assemble(by_slot: Mapping[int, Packed]) -> bytes:
    """A whole block of levels by slot."""
    ordered = sorted(by_slot.items())
    moments: dict[bytes, int] = {}
    entries = [
        packed.entry[:MOMENT_AT] + bytes((moments.setdefault(packed.entry[MOMENT_AT:], len(moments)),))
        for _, packed in ordered
    ]
    extras = (packed.extra for _, packed in ordered)
    return b"".join((HEAD.pack(FORMAT, len(ordered), len(moments)), *moments, *entries, *extras))


def parts(block: bytes) -> dict[int, Packed]:
    """The reverse of `assemble`, also for a block whose moments stand in another order, or are not all used.

    Raises CacheError for other bytes.
    """
    try:
        first, end = _span(block)
        moments = [block[at : at + MOMENT_BYTES] for at in range(HEAD_BYTES, first, MOMENT_BYTES)]
        entries = [block[at : at + ENTRY_BYTES] for at in range(first, end, ENTRY_BYTES)]
        if all(one[0] < other[0] for one, other in pairwise(entries)):
            extras = dict(_raw_extras(block, end, ((entry[0], entry[1]) for entry in entries)))
            whole = (entry[:MOMENT_AT] + moments[entry[MOMENT_AT]] for entry in entries)
            return {entry[0]: Packed(entry, extras.get(entry[0], b"")) for entry in whole}
    except UNREADABLE as error:
        raise CacheError("A cached block cannot be read.") from error
    raise CacheError("A cached block is not in order.")


def count_of(block: bytes) -> int:
    """How many levels a block holds."""
    return block[1]


def is_block(value: bytes) -> bool:
    """Whether `value` has this format and is as long as it says, extras aside."""
    return (
        len(value) >= HEAD_BYTES
        and value[0] == FORMAT
        and len(value) >= HEAD_BYTES + value[2] * MOMENT_BYTES + value[1] * ENTRY_BYTES
    )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A block to pick levels from: entries as ENTRY_TYPE, and the extras of some slots as they came."""

    entries: NDArray[Any]
    extras: Mapping[int, bytes]

    def level(self, place: int) -> Level:
        """The level of the entry at a place. Raises CacheError."""
        return self.entry(self.entries[place].item()).level

    def entry(self, fields: tuple[int, int, int, int, int, int]) -> Entry:
        """Raises CacheError."""
        try:
            return _entry(fields, self.extras[fields[0]] if fields[1] & HAS_EXTRA else b"")
        except UNREADABLE as error:
            raise CacheError("A cached block cannot be read.") from error


def unpack(block: bytes) -> Unpacked:
    """Raises CacheError for bytes that are no block of this format."""
    try:
        first, end = _span(block)
        moments = np.frombuffer(block, np.uint8, first - HEAD_BYTES, HEAD_BYTES).reshape(-1, MOMENT_BYTES)
        entries = np.frombuffer(block, np.uint8, end - first, first).reshape(-1, ENTRY_BYTES)
        whole = np.hstack((entries[:, :MOMENT_AT], moments[entries[:, MOMENT_AT]]))
        extras = dict(_raw_extras(block, end, entries[:, :2].tolist())) if len(block) > end else {}
        return Unpacked(whole.view(ENTRY_TYPE).reshape(-1), extras)
    except UNREADABLE as error:
        raise CacheError("A cached block cannot be read.") from error


def read_details(text: bytes) -> Details:
    """Those at the end of an extra; none where there is nothing. Raises CacheError."""
    try:
        return details_from_json(orjson.loads(text) if text else None)
    except UNREADABLE as error:
        raise CacheError("A cached block cannot be read.") from error


def decode(block: bytes) -> list[Entry]:
    """The levels of a block. Raises CacheError for bytes that are no block of this format."""
    unpacked = unpack(block)
    return [unpacked.entry(fields) for fields in unpacked.entries.tolist()]


def _entry(fields: tuple[int, int, int, int, int, int], extra: bytes) -> Entry:
    slot, flags, low, version, observed_s, source_id = fields
    covered_s, high, leaning, at = observed_s, 0, 0, 0
    if flags & ODD:
        covered_s, low, high = BEYOND.unpack_from(extra, at)
        at += BEYOND.size
    if flags & LEANS:
        (leaning,) = LEANING.unpack_from(extra, at)
        at += LEANING.size
    shown = _shown(flags, source_id, extra, at) if flags & SHOWS else None
    details = read_details(extra[LEAST_BYTES[flags] :]) if flags & DETAILS else NO_DETAILS
    times, stock = (_moment(observed_s), _moment(covered_s)), _stock(low, flags & KIND_MASK, high)
    return Entry(slot, version, Level(stock, times[0], *times, source_id, details, leaning=leaning, shown=shown))


def _shown(flags: int, source_id: int, extra: bytes, at: int) -> Shown:
    (shown_s,) = SHOWN.unpack_from(extra, at)
    covered_s = shown_s
    if flags & APART:
        source_id, covered_s = SHOWN_APART.unpack_from(extra, at + SHOWN.size)
    return Shown(source_id, _moment(shown_s), _moment(covered_s))


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _stock(low: int, kind: int, high: int) -> Stock:
    return Stock(low, low if kind == EXACT else high if kind == RANGE else None)


Seconds = tuple[int, int, int]
"""Source, observed and covered second."""


def _seconds(of: Shown) -> Seconds:
    return of.source_id, int(of.observed_at.timestamp()), int(of.covered_at.timestamp())


def _pack(
    slot: int,
    version: int,
    low: int,
    high: int | None,
    own: Seconds,
    shown: Seconds,
    leaning: int,
    details: dict[str, Any] | None,
) -> Packed:
    kind = UNBOUNDED if high is None else EXACT if high == low else RANGE
    (source_id, observed_s, covered_s), (shown_source_id, shown_s, shown_covered_s) = own, shown
    extra, flags = b"", kind
    if covered_s != observed_s or low >= LOW_SATURATED or kind == RANGE:
        flags |= ODD
        extra += BEYOND.pack(covered_s, low, high if kind == RANGE and high is not None else 0)
    if leaning:
        extra, flags = extra + LEANING.pack(leaning), flags | LEANS
    if shown != own:
        extra, flags = extra + SHOWN.pack(shown_s), flags | SHOWS
    if flags & SHOWS and (shown_source_id, shown_covered_s) != (source_id, shown_s):
        extra, flags = extra + SHOWN_APART.pack(shown_source_id, shown_covered_s), flags | APART
    if details:
        text = orjson.dumps(details)
        extra, flags = extra + LENGTH.pack(len(text)) + text, flags | DETAILS
    return Packed(ENTRY.pack(slot, flags, min(low, LOW_SATURATED), version, observed_s, source_id), extra)


def _span(block: bytes) -> tuple[int, int]:
    """Where the entries of a block begin and end. Raises CacheError, IndexError."""
    if block[0] != FORMAT:
        raise CacheError("A cached block has another format.")
    first = HEAD_BYTES + block[2] * MOMENT_BYTES
    end = first + block[1] * ENTRY_BYTES
    if len(block) < end:
        raise CacheError("A cached block is cut off.")
    return first, end


def _raw_extras(block: bytes, at: int, entries: Iterable[Sequence[int]]) -> Iterator[tuple[int, bytes]]:
    """The slot and the extra of those of `entries` (slot, flags) that have one. Raises CacheError, struct.error."""
    for slot, flags in entries:
        if flags & HAS_EXTRA:
            end = at + LEAST_BYTES[flags]
            if flags & DETAILS:
                end += LENGTH.unpack_from(block, end - LENGTH.size)[0]
            yield slot, block[at:end]
            at = end
    if at != len(block):
        raise CacheError("A cached block is not as long as it says.")

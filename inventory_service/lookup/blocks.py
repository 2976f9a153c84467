"""Blocks as Redis sends them, read where they stand, compiled: see storage/cache/block.py and resp.py."""

import numpy as np

from geo.compiled import compiled
from inventory_service.storage.cache.block import (
    APART,
    BEYOND,
    DETAILS,
    ENTRY_BYTES,
    EXACT,
    FORMAT,
    HAS_EXTRA,
    HEAD_BYTES,
    KIND_MASK,
    LEANING,
    LEANS,
    LEAST_BYTES,
    LENGTH,
    MOMENT_AT,
    MOMENT_BYTES,
    ODD,
    RANGE,
    SHOWN,
    SHOWS,
)
from inventory_service.storage.cache.resp import ARRAY, BULK, number_at

LEAST = np.array(LEAST_BYTES, dtype=np.int64)
BEYOND_BYTES, LEANING_BYTES, SHOWN_BYTES, LENGTH_BYTES = BEYOND.size, LEANING.size, SHOWN.size, LENGTH.size
UNBOUNDED = -1
NOWHERE = -1
LINE_END_BYTES = 2


@compiled
def first_block(data, at):
    """Where the first block stands of the answer `data[at:]`; NOWHERE where it is none."""
    if at >= len(data) or data[at] != ARRAY:
        return NOWHERE
    return max(NOWHERE, number_at(data, at + 1)[1])


@compiled
def block_at(data, at):
    """(where its first byte is, where it ends, where the next one stands) of the block that stands at `data[at:]`; all
    NOWHERE where there is none.
    """
    if at >= len(data) or data[at] != BULK:
        return NOWHERE, NOWHERE, NOWHERE
    size, start = number_at(data, at + 1)
    end = start + size
    if size < HEAD_BYTES or start < 0 or end + LINE_END_BYTES > len(data) or data[start] != FORMAT:
        return NOWHERE, NOWHERE, NOWHERE
    return start, end, end + LINE_END_BYTES


@compiled
def entries_of(data, start, end):
    """Where the entries of the block `data[start:end]` begin and end, both NOWHERE where they are not all there."""
    first = start + HEAD_BYTES + np.int64(data[start + 2]) * MOMENT_BYTES
    last = first + np.int64(data[start + 1]) * ENTRY_BYTES
    return (first, last) if last <= end else (NOWHERE, NOWHERE)


@compiled
def extra_ends(data, entry, at, end):
    """Where the extra of an entry ends that stands at `data[at:end]`, NOWHERE where it is not all there."""
    flags = data[entry + 1]
    ends = at + LEAST[flags]
    if flags & DETAILS and ends <= end:
        ends += _u16(data, ends - LENGTH_BYTES)
    return ends if ends <= end else NOWHERE


@compiled
def read_level(data, start, entry, extra, extra_end, one):
    """The level of an entry of the block at `data[start:]`; its extra, if it has one, is `data[extra:extra_end]`."""
    one.low = _u16(data, entry + 2)
    moment = start + HEAD_BYTES + np.int64(data[entry + MOMENT_AT]) * MOMENT_BYTES
    one.observed_s = _u32(data, moment)
    one.source_id = _u16(data, moment + 4)
    one.covered_us = one.observed_s * 1_000_000
    one.details_at, one.details_bytes, one.leaning = 0, 0, 0
    flags, high = np.int64(data[entry + 1]), np.int64(0)
    at = extra
    if flags & ODD:
        one.covered_us = _u32(data, at) * 1_000_000
        one.low, high = _u32(data, at + 4), _u32(data, at + 8)
        at += BEYOND_BYTES
    one.shown_s, one.shown_covered_us, one.shown_source_id = one.observed_s, one.covered_us, one.source_id
    if flags & HAS_EXTRA:
        if flags & LEANS:
            one.leaning = _i16(data, at)
            at += LEANING_BYTES
        if flags & SHOWS:
            _read_shown(data, at, flags, one)
        if flags & DETAILS:
            one.details_at = extra + LEAST[flags]
            one.details_bytes = extra_end - one.details_at
    kind = flags & KIND_MASK
    one.high = one.low if kind == EXACT else (high if kind == RANGE else UNBOUNDED)


@compiled
def _read_shown(data, at, flags, one):
    """The evidence that is shown without counts, where it stands at `data[at:]`."""
    one.shown_s = _u32(data, at)
    one.shown_covered_us = one.shown_s * 1_000_000
    if flags & APART:
        at += SHOWN_BYTES
        one.shown_source_id, one.shown_covered_us = _u16(data, at), _u32(data, at + 2) * 1_000_000


@compiled
def _i16(data, at):
    word = _u16(data, at)
    return word - 65_536 if word >= 32_768 else word


@compiled
def _u16(data, at):
    return np.int64(data[at]) | np.int64(data[at + 1]) << 8


@compiled
def _u32(data, at):
    return _u16(data, at) | _u16(data, at + 2) << 16

"""Blocks as Redis sends them, read where they stand, compiled: see storage/cache/block.py and resp.py."""

import numpy as np

from geo.compiled import compiled
from inventory_service.storage.cache.block import (
    BEYOND,
    ENTRY_BYTES,
    EXACT,
    EXTRA,
    FORMAT,
    HEAD_BYTES,
    KIND_MASK,
    LEANING,
    LEANS,
    MOMENT_AT,
    MOMENT_BYTES,
    RANGE,
)
from inventory_service.storage.cache.resp import ARRAY, BULK, number_at

EXTRA_BYTES, BEYOND_BYTES, LEANING_BYTES = EXTRA.size, BEYOND.size, LEANING.size
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
    """Where the extra of an entry ends that stands at `data[at:end]`, NOWHERE where it is none."""
    least = at + EXTRA_BYTES + BEYOND_BYTES + _leaning_bytes(data, entry)
    if least > end or data[at] != data[entry]:
        return NOWHERE
    ends = at + EXTRA_BYTES + _u16(data, at + 1)
    return ends if least <= ends <= end else NOWHERE


@compiled
def read_level(data, start, entry, extra, extra_end, one):
    """The level of an entry of the block at `data[start:]`; its extra, if it has one, is `data[extra:extra_end]`."""
    one.low = _u16(data, entry + 2)
    moment = start + HEAD_BYTES + np.int64(data[entry + MOMENT_AT]) * MOMENT_BYTES
    one.observed_s = _u32(data, moment)
    one.source_id = _u16(data, moment + 4)
    one.covered_us = one.observed_s * 1_000_000
    one.details_at, one.details_bytes, one.leaning = 0, 0, 0
    high = np.int64(0)
    if extra_end > extra:
        beyond = extra + EXTRA_BYTES
        one.covered_us = _u32(data, beyond) * 1_000_000
        one.low, high = _u32(data, beyond + 4), _u32(data, beyond + 8)
        behind = beyond + BEYOND_BYTES + _leaning_bytes(data, entry)
        if behind > beyond + BEYOND_BYTES:
            one.leaning = _i16(data, beyond + BEYOND_BYTES)
        one.details_at, one.details_bytes = behind, extra_end - behind
    kind = np.int64(data[entry + 1]) & KIND_MASK
    one.high = one.low if kind == EXACT else (high if kind == RANGE else UNBOUNDED)


@compiled
def _leaning_bytes(data, entry):
    return LEANING_BYTES if data[entry + 1] & LEANS else 0


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

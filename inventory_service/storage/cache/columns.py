"""Levels in columns as whole blocks (block.py), many at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage.cache.block import (
    ENTRY_BYTES,
    ENTRY_TYPE,
    EXACT,
    FORMAT,
    HEAD,
    LOW_SATURATED,
    MOMENT_AT,
    MOMENT_BYTES,
    UNBOUNDED,
)

EIGHT_BYTES = "<u8"
WHOLE = np.dtype(
    {
        "names": ["entry", "moment", "end"],
        "formats": [EIGHT_BYTES, f"V{MOMENT_BYTES}", EIGHT_BYTES],
        "offsets": [0, MOMENT_AT, MOMENT_AT + MOMENT_BYTES - 8],
        "itemsize": ENTRY_TYPE.itemsize,
    }
)
"""ENTRY_TYPE, as it is taken apart for a block; the upper bytes of `end` are those of the moment."""
STORED = np.dtype([("entry", EIGHT_BYTES), ("number", "u1")])
"""An entry as a block has it."""


def pack_columns(columns: Mapping[str, NDArray[np.int64]]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Columns of ENTRY_TYPE's names but `flags`, `high` (-1: no upper bound), `covered_s` and `has_details` → entries
    as ENTRY_TYPE, and for which of them `pack_row` would give these very bytes; the others need an extra.
    """
    low, high = columns["low"], columns["high"]
    entries = np.zeros(len(low), dtype=ENTRY_TYPE)
    for name in ("slot", "observed_s", "version", "source_id"):
        entries[name] = columns[name]
    entries["flags"] = np.where(high < 0, UNBOUNDED, EXACT)
    entries["low"] = np.minimum(low, LOW_SATURATED)
    exact_or_unbounded = ((high < 0) | (high == low)) & (low < LOW_SATURATED)
    return entries, exact_or_unbounded & (columns["covered_s"] == columns["observed_s"]) & (columns["has_details"] == 0)


def blocks_of_entries(entries: NDArray[Any], starts: NDArray[np.intp]) -> list[bytes]:
    """Whole blocks of `pack_columns` entries, none with an extra: each by ascending slot, one block after another.

    `starts`: where each begins, ascending; the first at 0, none empty.
    """
    whole, stored = entries.view(WHOLE), np.empty(len(entries), dtype=STORED)
    first_uses, numbers = _numbered(whole["end"] >> np.uint64(64 - 8 * MOMENT_BYTES), starts)
    stored["entry"], stored["number"] = whole["entry"], numbers
    packed, moments = stored.tobytes(), whole["moment"][first_uses].tobytes()
    ends = np.append(starts[1:], len(entries))
    bounds = np.stack((ends, np.searchsorted(first_uses, ends)))
    sizes, places = np.diff(bounds, prepend=0), bounds * [[ENTRY_BYTES], [MOMENT_BYTES]]
    blocks, at, moment_at = [], 0, 0
    for count, moment_count, end, moment_end in zip(*sizes.tolist(), *places.tolist(), strict=True):
        blocks.append(HEAD.pack(FORMAT, count, moment_count) + moments[moment_at:moment_end] + packed[at:end])
        at, moment_at = end, moment_end
    return blocks


def _numbered(moments: NDArray[np.uint64], starts: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of those that are the first of their moment in their block; each one's number of its moment."""
    differs = np.empty(len(moments), dtype=np.bool_)
    np.not_equal(moments[1:], moments[:-1], out=differs[1:])
    differs[starts] = True
    runs = np.flatnonzero(differs)
    if len(runs) == len(starts):
        return runs, np.zeros(1, dtype=np.intp)
    block = np.searchsorted(starts, runs, side="right") - 1
    firsts, numbers = _first_uses(moments[runs], block)
    return runs[firsts], np.repeat(numbers, np.diff(np.append(runs, len(moments))))


def _first_uses(moments: NDArray[np.uint64], block: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Which are the first of their moment in their block, and for each the number of its moment there.

    The key has room for 2¹⁶ blocks; the stable order keeps others apart.
    """
    order = np.argsort(block.astype(np.uint64) << np.uint64(48) | moments, kind="stable")
    leads = np.ones(len(order), dtype=np.bool_)
    leads[1:] = (np.diff(moments[order]) != 0) | (np.diff(block[order]) != 0)
    firsts = np.zeros(len(order), dtype=np.bool_)
    firsts[order[leads]] = True
    so_far = np.cumsum(firsts)
    numbers = np.empty(len(order), dtype=np.intp)
    numbers[order] = so_far[order[leads]][np.cumsum(leads) - 1]
    before = np.searchsorted(block, block)
    return firsts, numbers - so_far[before]

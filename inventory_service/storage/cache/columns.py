"""Levels in columns as whole blocks (block.py), many at once."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from inventory_service.storage.cache.block import (
    BEYOND,
    ENTRY_BYTES,
    ENTRY_TYPE,
    EXACT,
    EXTRA,
    FORMAT,
    HAS_EXTRA,
    HEAD,
    LEANING,
    LEANS,
    LOW_SATURATED,
    MOMENT_AT,
    MOMENT_BYTES,
    RANGE,
    UNBOUNDED,
)
from inventory_service.storage.offers import details_from_json, details_to_json

Column = NDArray[Any]

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


def pack_columns(columns: Mapping[str, Column]) -> tuple[Column, Column]:
    """Columns of ENTRY_TYPE's names but `flags`, `high` (-1: no upper bound), `covered_s`, `leaning`, and `details` as
    JSON text (empty: none) → entries as ENTRY_TYPE, and in step with them what stands behind the entries of their
    block: an extra as `pack_row` would make it, with its head, or nothing.
    """
    low, high = columns["low"], columns["high"]
    entries = np.zeros(len(low), dtype=ENTRY_TYPE)
    for name in ("slot", "observed_s", "version", "source_id"):
        entries[name] = columns[name]
    flags = np.where(high < 0, UNBOUNDED, np.where(high == low, EXACT, RANGE))
    entries["low"] = np.minimum(low, LOW_SATURATED)
    leans = columns["leaning"] != 0
    beyond = leans | (flags == RANGE) | (low >= LOW_SATURATED) | (columns["covered_s"] != columns["observed_s"])
    extras, has_extra = _extras(columns, beyond)
    entries["flags"] = flags | np.where(has_extra, HAS_EXTRA, 0) | np.where(leans, LEANS, 0)
    return entries, extras


def _extras(columns: Mapping[str, Column], beyond: NDArray[np.bool_]) -> tuple[Column, NDArray[np.bool_]]:
    """In step with the columns, and which are there: `beyond`, and those with details that tell something."""
    extras, has_extra = np.full(len(beyond), b"", dtype=object), beyond.copy()
    some = np.flatnonzero(beyond | (columns["details"] != ""))
    low, high = columns["low"][some], columns["high"][some]
    told = (
        columns["slot"][some],
        columns["covered_s"][some],
        low,
        np.where(high > low, high, 0),
        columns["leaning"][some],
        columns["details"][some],
    )
    for place, slot, covered_s, at_least, at_most, leaning, text in zip(
        some.tolist(), *(column.tolist() for column in told), strict=True
    ):
        more = (LEANING.pack(leaning) if leaning else b"") + (_details(text) if text else b"")
        if more or beyond[place]:
            head = EXTRA.pack(slot, BEYOND.size + len(more))
            extras[place], has_extra[place] = head + BEYOND.pack(covered_s, at_least, at_most) + more, True
    return extras, has_extra


@lru_cache(maxsize=65_536)
def _details(text: str) -> bytes:
    """As a block has them. Most are told of many positions, such as an aisle."""
    details = details_to_json(details_from_json(orjson.loads(text)))
    return orjson.dumps(details) if details else b""


def blocks_of_entries(entries: Column, extras: Column, starts: NDArray[np.intp]) -> list[bytes]:
    """Whole blocks of `pack_columns` entries and extras: each by ascending slot, one block after another.

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
    some = np.flatnonzero(entries["flags"] & HAS_EXTRA)
    for place, extra in zip((np.searchsorted(starts, some, "right") - 1).tolist(), extras[some].tolist(), strict=True):
        blocks[place] += extra
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

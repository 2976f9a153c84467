"""Levels in columns as whole blocks (block.py), many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from inventory_service.storage.cache.block import (
    APART,
    DETAILS,
    ENTRY_BYTES,
    ENTRY_TYPE,
    EXACT,
    FORMAT,
    HAS_EXTRA,
    HEAD,
    LEANS,
    LEAST_BYTES,
    LENGTH,
    LOW_SATURATED,
    MOMENT_AT,
    MOMENT_BYTES,
    ODD,
    RANGE,
    SHOWS,
    UNBOUNDED,
)
from inventory_service.storage.offers import details_from_json, details_to_json

Column = NDArray[Any]
Bools = NDArray[np.bool_]

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
LEAST = np.array(LEAST_BYTES)


@dataclass(frozen=True, slots=True)
class Extras:
    """The extras of some entries, one behind the other; `ends`: where each one's ends, in step with the entries."""

    packed: bytes
    ends: NDArray[np.int64]


def pack_columns(columns: Mapping[str, Column]) -> tuple[Column, Extras]:
    """Columns of ENTRY_TYPE's names but `flags`, `high` (-1: no upper bound), `covered_s`, `leaning`, `shown_s`,
    `shown_covered_s`, `shown_source_id`, and `details` as JSON text (empty: none) → entries as ENTRY_TYPE, and what
    `pack_row` would make their extras.
    """
    low, high = columns["low"], columns["high"]
    entries = np.zeros(len(low), dtype=ENTRY_TYPE)
    for name in ("slot", "observed_s", "version", "source_id"):
        entries[name] = columns[name]
    flags = np.where(high < 0, UNBOUNDED, np.where(high == low, EXACT, RANGE))
    entries["low"] = np.minimum(low, LOW_SATURATED)
    odd = (flags == RANGE) | (low >= LOW_SATURATED) | (columns["covered_s"] != columns["observed_s"])
    details = _told(columns["details"])
    shows, apart = _shown(columns)
    for flag, is_set in ((ODD, odd), (LEANS, columns["leaning"] != 0), (SHOWS, shows), (APART, apart)):
        flags[is_set] |= flag
    flags[list(details)] |= DETAILS
    entries["flags"] = flags
    return entries, _extras(columns, flags, details)


def _shown(columns: Mapping[str, Column]) -> tuple[Bools, Bools]:
    """Which show other evidence than their own, and which of these do APART."""
    other_source = columns["shown_source_id"] != columns["source_id"]
    other_second = columns["shown_s"] != columns["observed_s"]
    shows = other_source | other_second | (columns["shown_covered_s"] != columns["covered_s"])
    return shows, shows & (other_source | (columns["shown_covered_s"] != columns["shown_s"]))


def _told(column: Column) -> dict[int, bytes]:
    """Details that tell something, by place."""
    places = np.flatnonzero(column != "")
    texts = zip(places.tolist(), map(_details, column[places].tolist()), strict=True)
    return {place: text for place, text in texts if text}


def _extras(columns: Mapping[str, Column], flags: Column, details: Mapping[int, bytes]) -> Extras:
    if not (flags & HAS_EXTRA).any():
        return Extras(b"", np.zeros(len(flags), dtype=np.int64))
    sizes = LEAST[flags]
    sizes[list(details)] += np.array([len(text) for text in details.values()], dtype=np.int64)
    ends = np.cumsum(sizes)
    packed, at = np.empty(ends[-1], np.uint8), ends - sizes
    low, high = columns["low"], columns["high"]
    values = {
        ODD: ((columns["covered_s"], "<u4"), (low, "<u4"), (np.where(high > low, high, 0), "<u4")),
        LEANS: ((columns["leaning"], "<i2"),),
        SHOWS: ((columns["shown_s"], "<u4"),),
        APART: ((columns["shown_source_id"], "<u2"), (columns["shown_covered_s"], "<u4")),
    }
    for flag, parts in values.items():
        some = np.flatnonzero(flags & flag)
        for column, kind in parts if len(some) else ():
            at[some] += _put(packed, at[some], column[some].astype(kind))
    for place, text in details.items():
        told = LENGTH.pack(len(text)) + text
        packed[at[place] : at[place] + len(told)] = np.frombuffer(told, np.uint8)
    return Extras(packed.tobytes(), ends)


def _put(packed: NDArray[np.uint8], at: NDArray[np.int64], values: Column) -> int:
    """Writes numbers where they belong; returns how long one is."""
    size = values.dtype.itemsize
    packed[at[:, None] + np.arange(size)] = values.view(np.uint8).reshape(-1, size)
    return size


@lru_cache(maxsize=65_536)
def _details(text: str) -> bytes:
    """As a block has them. Most are told of many positions, such as an aisle."""
    details = details_to_json(details_from_json(orjson.loads(text)))
    return orjson.dumps(details) if details else b""


def blocks_of_entries(entries: Column, extras: Extras, starts: NDArray[np.intp]) -> list[bytes]:
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
    return _with_extras(blocks, extras, extras.ends[ends - 1]) if extras.packed else blocks


def _with_extras(blocks: Sequence[bytes], extras: Extras, ends: NDArray[np.int64]) -> list[bytes]:
    """`ends`: of the last extra of each block."""
    bounds = pairwise((0, *ends.tolist()))
    return [block + extras.packed[at:end] for block, (at, end) in zip(blocks, bounds, strict=True)]


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

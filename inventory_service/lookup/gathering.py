"""Where the levels of blocks are, and how far away; and the nearest of them one after the other; compiled.

A level is known by its number, in the order in which it was gathered. Nothing is sorted, and no level is read: of three
hundred levels around a city some fifteen are wanted, and a heap of all of them costs more than reading a hundred.
"""

import math

import numpy as np

from geo.compiled import compiled
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.lookup.blocks import NOWHERE, entries_of, extra_ends
from inventory_service.storage.cache.block import ENTRY_BYTES, HAS_EXTRA, MOMENT_AT

NO_STORE = -1


@compiled
def gather(data, start, end, group, ground, bench):
    """Takes in the levels of a neighbourhood's block `data[start:end]`; returns whether all of it is understood."""
    entries, extra = entries_of(data, start, end)
    if entries == NOWHERE:
        return False
    progress, chords2, extras = bench.progress[0], bench.chords2, bench.extras
    first, nearest2, sole = progress.gathered, math.inf, ground.owners[group]
    number = first
    for entry in range(entries, extra, ENTRY_BYTES):
        extras[number] = extra
        if data[entry + MOMENT_AT] >= data[start + 2]:
            return False
        if data[entry + 1] & HAS_EXTRA:
            extra = extra_ends(data, entry, extra, end)
            if extra == NOWHERE:
                return False
        row = row_of(data, entry, group, ground)
        if row < 0 or not (ground.wanted[ground.retailer_ids[row]] if sole < 0 else ground.wanted[sole]):
            chords2[number] = math.inf
        else:
            chords2[number] = squared_chord(ground, row)
        nearest2 = min(nearest2, chords2[number])
        number += 1
    block = bench.blocks[progress.blocks]
    block.group, block.start, block.end, block.entries = group, start, end, entries
    block.first, block.behind, block.nearest2 = first, number, nearest2
    progress.gathered, progress.blocks = number, progress.blocks + 1
    progress.nearest2 = min(progress.nearest2, nearest2)
    return extra == end


@compiled
def row_of(data, entry, group, ground):
    """The row of an entry's store; NO_STORE where there is none."""
    slot, first = np.int64(data[entry]), ground.first_rows[group]
    if first >= 0 and slot < ground.sizes[group]:
        return first + slot
    return ground.row_at[group, slot] if slot < SLOTS else np.int64(NO_STORE)


@compiled
def squared_chord(ground, row):
    ecef, origin = ground.ecef, ground.origin
    x, y, z = ecef[row, 0] - origin[0], ecef[row, 1] - origin[1], ecef[row, 2] - origin[2]
    return x * x + y * y + z * z


@compiled
def take_nearest(bench):
    """(number of its block, number) of the nearest level that has not been taken; there has to be one."""
    progress, blocks, chords2 = bench.progress[0], bench.blocks, bench.chords2
    place, nearest2 = 0, math.inf
    for at in range(progress.blocks):
        if blocks[at].nearest2 < nearest2:
            place, nearest2 = at, blocks[at].nearest2
    block = blocks[place]
    taken, least2 = block.first, math.inf
    for number in range(block.first, block.behind):
        if chords2[number] < least2:
            taken, least2 = number, chords2[number]
    chords2[taken] = math.inf
    least2 = math.inf
    for number in range(block.first, block.behind):
        least2 = min(least2, chords2[number])
    block.nearest2 = least2
    nearest2 = math.inf
    for at in range(progress.blocks):
        nearest2 = min(nearest2, blocks[at].nearest2)
    progress.nearest2 = nearest2
    return place, taken

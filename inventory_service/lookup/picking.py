"""The levels of a question read and judged from the nearest on, until there are enough of them; compiled."""

import math

import numpy as np

from geo.compiled import compiled
from geo.near import near_error_m, near_m
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.lookup.blocks import NOWHERE, block_at, extra_ends, first_block, read_level
from inventory_service.lookup.gathering import gather, row_of, take_nearest
from inventory_service.lookup.judging import LIKELY_CLASS, class_of, judge
from inventory_service.storage.cache.block import ENTRY_BYTES, HAS_EXTRA

CURVED = 1.001
"""More than the square of geodesic over chord within NEAR_M."""
FARTHER = 1.02
"""Of two chords within COMPARABLE_M, the squares this far apart, the longer has the longer geodesic wherever it is."""
COMPARABLE_M = 10_000_000.0
STAFF = 1


@compiled
def read_nearest(ask, data, at, known, groups, bounds, ground, bench):
    """Keeps the best of each class of all blocks in `data[at:]`, which may be several answers one behind the other;
    returns whether all is understood, and how many blocks.

    A level is read when no other is nearer, and until there are enough.
    """
    _begun(bench)
    progress, blocks = bench.progress[0], 0
    while at < len(data):
        after = first_block(data, at)
        if after != NOWHERE:
            at = after
            continue
        start, end, at = block_at(data, at)
        if start == NOWHERE or blocks == min(known, len(bench.blocks)):
            return False, blocks
        if progress.gathered + SLOTS > len(bench.chords2):
            return False, blocks
        bound2 = bounds[blocks] ** 2
        _read_nearer(bound2, ask, data, ground, bench)
        if progress.done:
            progress.passed = min(progress.passed, bound2)
        elif not gather(data, start, end, groups[blocks], ground, bench):
            return False, blocks
        blocks += 1
    _read_nearer(math.inf, ask, data, ground, bench)
    return True, blocks


@compiled
def _begun(bench):
    """Nothing yet."""
    progress = bench.progress[0]
    progress.blocks, progress.gathered, progress.nearest2, progress.taken, progress.outside = 0, 0, math.inf, 0, -1
    progress.passed, progress.sure, progress.done = math.inf, True, False
    bench.held[:] = 0


@compiled
def _read_nearer(chord2, ask, data, ground, bench):
    """Reads those gathered that are nearer than `chord2`, the nearest first, while they are wanted."""
    progress = bench.progress[0]
    while not progress.done and progress.nearest2 < chord2:
        if _enough(progress.nearest2, ask, bench):
            progress.done = True
        else:
            _read(ask, data, ground, bench)


@compiled
def _enough(chord2, ask, bench):
    """Whether nobody as far away as this, or farther, is wanted."""
    read, progress, likely = bench.read, bench.progress[0], bench.held[LIKELY_CLASS]
    if likely > ask.limit and chord2 > read[bench.kept[LIKELY_CLASS, ask.limit]].chord2:
        progress.passed = min(progress.passed, chord2)
        return True
    if chord2 <= ask.radius_m * ask.radius_m:
        return False
    return likely > 0 or (progress.outside >= 0 and _farther(chord2, read[progress.outside].chord2))


@compiled
def _read(ask, data, ground, bench):
    """Reads and judges the nearest level, and keeps it where it is wanted."""
    progress, held, room = bench.progress[0], bench.held, ask.limit + 1
    one, number = bench.read[progress.taken], progress.taken
    one.chord2 = progress.nearest2
    place, taken = take_nearest(bench)
    _fill(one, data, bench.blocks[place], taken, ground, bench)
    cover(one, ground)
    certain = judge(one, ask.quantity, ask.arrival_us, ask.pace, ground)
    progress.taken += 1
    rank = class_of(one)
    if held[rank] == room and not _before(one, bench.read[bench.kept[rank, room - 1]]):
        return
    inside = _inside(one, ask.radius_m, ground)
    progress.sure = progress.sure and certain and inside >= 0
    if inside:
        held[rank] = _keep(bench.kept[rank], held[rank], room, bench.read, number)
    elif rank == LIKELY_CLASS and (progress.outside < 0 or _before(one, bench.read[progress.outside])):
        progress.outside = number


@compiled
def _fill(one, data, block, number, ground, bench):
    """All that is told of a level where it stands."""
    entry = block.entries + (number - block.first) * ENTRY_BYTES
    extra = bench.extras[number]
    extra_end = extra_ends(data, entry, extra, block.end) if data[entry + 1] & HAS_EXTRA else extra
    one.row = row_of(data, entry, block.group, ground)
    one.store_id = ground.store_ids[one.row]
    read_level(data, block.start, entry, extra, extra_end, one)


@compiled
def _farther(chord2, other2):
    """Whether it is surely the longer way over the ground."""
    return FARTHER * other2 < chord2 < COMPARABLE_M * COMPARABLE_M


@compiled
def _before(one, other):
    return one.chord2 < other.chord2 or (one.chord2 == other.chord2 and one.store_id < other.store_id)


@compiled
def _keep(kept, held, room, read, number):
    """Inserts `read[number]` into the nearest `room` of a class; returns how many are held now."""
    at = min(held, room - 1)
    while at > 0 and _before(read[number], read[kept[at - 1]]):
        kept[at] = kept[at - 1]
        at -= 1
    kept[at] = number
    return min(held + 1, room)


@compiled
def _inside(one, radius_m, ground):
    """1 inside of the radius, 0 outside, -1 too near to tell."""
    if one.chord2 > radius_m * radius_m:
        return 0
    if one.chord2 * CURVED < radius_m * radius_m:
        return 1
    measure(one, ground)
    if abs(one.metres - radius_m) < near_error_m(radius_m):
        return -1
    return 1 if one.metres < radius_m else 0


@compiled
def measure(one, ground):
    ecef, origin, row = ground.ecef, ground.origin, one.row
    one.metres = near_m(origin[0], origin[1], origin[2], ecef[row, 0], ecef[row, 1], ecef[row, 2])


@compiled
def marked(retailers, wanted, value):
    for retailer in retailers:
        if retailer < len(wanted):
            wanted[retailer] = value


@compiled
def cover(one, ground):
    """Both kinds of evidence are stood by while their sources are heard."""
    heard_us = _heard_us(one.row, one.source_id, ground)
    one.covered_us = max(one.covered_us, heard_us)
    if one.shown_source_id != one.source_id:
        heard_us = _heard_us(one.row, one.shown_source_id, ground)
    one.shown_covered_us = max(one.shown_covered_us, heard_us)


@compiled
def _heard_us(row, source_id, ground):
    """When the source last stood by all that it holds for the store, 0 where it never did.

    What staff saw is stood by while any source of the store is heard: nothing has been sold unseen.
    """
    anyone = 0 <= source_id < len(ground.anchors) and ground.anchors[source_id] == STAFF
    heard_us = np.int64(0)
    for seat in range(ground.cov_sources.shape[1]):
        if anyone or ground.cov_sources[row, seat] == source_id:
            heard_us = max(heard_us, ground.cov_us[row, seat])
    return heard_us

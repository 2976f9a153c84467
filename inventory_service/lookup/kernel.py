"""The search's inner loop, compiled: which stores of the blocks that were read make an answer. Numbers in and out.

`lookup/near.py` is the same search without haste; it takes over where this one is not sure, and tests hold the two
together. Distances here err by less than `near_error_m`: wherever that could change an order, a radius or a rounded
metre, the choice is UNSURE.
"""

import math
from typing import NamedTuple

import numpy as np

from geo.compiled import compiled
from geo.near import NEAR_M, longest_m, near_error_m, near_m, place, shortest_m
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.lookup.arrays import open_bench, open_ground
from inventory_service.lookup.blocks import NOWHERE, block_at, entries_of, extra_ends, first_block, read_level
from inventory_service.lookup.judging import CLASSES, LIKELY_CLASS, class_of, judge, weigh
from inventory_service.lookup.planning import planned
from inventory_service.storage.cache.block import ENTRY_BYTES, HAS_EXTRA, MOMENT_AT

DONE, MORE, UNSURE = 0, 1, 2
EVERY_METRE = 0.5
CURVED = 1.001
"""More than the square of geodesic over chord within NEAR_M."""
FARTHER = 1.02
"""Of two chords within COMPARABLE_M, the squares this far apart, the longer has the longer geodesic wherever it is."""
COMPARABLE_M = 10_000_000.0
CONTENDERS = 16
"""So many beyond the radius at most may be the nearest: whoever told them apart would have to measure them."""
NO_STORE = -1
STAFF = 1


class Ask(NamedTuple):
    """A question in numbers: degrees, metres, microseconds since 1970; `pace`: how fast the product sells."""

    lat: float
    lon: float
    radius_m: float
    limit: int
    quantity: int
    arrival_us: int
    pace: int


class Chosen(NamedTuple):
    """`results` are in the bench's `found`, of which the last `beyonds` are those that may be the nearest beyond: to be
    measured, where there are several or their `metres` are -1.

    MORE: neighbourhoods with a bound up to `reach_m` may hold a better one, and `needed` of those in hand have such.
    """

    status: int
    results: int
    beyonds: int
    planned: int
    reach_m: float
    needed: int


@compiled
def search(lat, lon, radius_m, limit, quantity, arrival_us, pace, retailers, data, within_m, ground_at, bench_at):
    """A plan up to `within_m`, and the best of what `data` holds: the answers for the blocks of its first
    neighbourhoods, one behind the other. As Chosen; `ground_at` and `bench_at`: the tables of their arrays.
    """
    ground, bench = open_ground(ground_at), open_bench(bench_at)
    ask = Ask(lat, lon, radius_m, limit, quantity, arrival_us, pace)
    every = planned(lat, lon, retailers, within_m, ground)
    groups, bounds = ground.groups, ground.bounds
    one = choose(ask, retailers, data, 0, within_m, every, groups, bounds, ground, bench)
    return one.status, one.results, one.beyonds, one.planned, one.reach_m, one.needed


@compiled
def choose(ask, retailers, data, at, within_m, every, groups, bounds, ground, bench):
    """The best of what `data[at:]` holds, as Chosen: the blocks of the first neighbourhoods of a plan.

    `every`: how many neighbourhoods have a bound up to `within_m`; the nearest of them, one more than there are blocks
    if there are so many, are in `groups` and `bounds`.
    """
    place(ask.lat, ask.lon, ground.origin)
    known = min(every, len(groups))
    marked(retailers, ground.wanted, True)
    whole, blocks, taken, outside, passed, sure = _read_all(ask, data, at, known, groups, bounds, ground, bench)
    marked(retailers, ground.wanted, False)
    if not whole:
        return Chosen(UNSURE, 0, 0, every, 0.0, 0)
    read, kept, likely, reach_m = bench.read, bench.kept, bench.held[LIKELY_CLASS], ask.radius_m
    if likely >= ask.limit:
        last = read[kept[LIKELY_CLASS, ask.limit - 1]]
        _measure(last, ground)
        reach_m = last.metres
    elif likely == 0:
        reach_m = math.inf if outside < 0 else max(reach_m, longest_m(math.sqrt(read[outside].chord2)))
    needed = _up_to(bounds[:known], reach_m)
    if needed > blocks or (blocks >= every and within_m < reach_m):
        return Chosen(MORE, 0, 0, every, reach_m, needed)
    for rank in range(CLASSES if likely < ask.limit else 1):
        sure = sure and _settle(kept[rank], bench.held[rank], ask.limit, rank, read[:taken], passed, ground)
    if not sure:
        return Chosen(UNSURE, 0, 0, every, 0.0, needed)
    count, sure = _ranked(ask, bench)
    if likely or outside < 0:
        return Chosen(DONE if sure else UNSURE, count, 0, every, reach_m, needed)
    beyonds, certain = _contenders(read[:taken], reach_m, bench.found, count)
    if beyonds == 1:
        _measure_beyond(bench.found[count], ground)
    return Chosen(DONE if sure and certain else UNSURE, count + beyonds, beyonds, every, reach_m, needed)


@compiled
def _contenders(read, reach_m, found, count):
    """Writes the likely ones outside of the radius that may be as near as `reach_m` behind the `count` in `found`.

    Returns how many, and whether their steps are sure and they are few.
    """
    beyonds, sure = 0, True
    for one in read:
        if class_of(one) == LIKELY_CLASS and shortest_m(math.sqrt(one.chord2)) <= reach_m:
            if beyonds == CONTENDERS:
                return beyonds, False
            found[count + beyonds] = one
            contender = found[count + beyonds]
            contender.metres = -1.0
            sure = sure and weigh(contender)
            beyonds += 1
    return beyonds, sure


@compiled
def _read_all(ask, data, at, known, groups, bounds, ground, bench):
    """Keeps the best of each class of all blocks in `data[at:]`, which may be several answers one behind the other.

    Returns (whether all is understood, how many blocks, how many levels were read, which of these is the nearest likely
    one outside of the radius, -1: none, the least chord² of those passed over, whether all is sure).
    """
    read, kept, held, room = bench.read, bench.kept, bench.held, ask.limit + 1
    outside, taken, blocks, passed, sure = -1, 0, 0, math.inf, True
    held[:] = 0
    while at < len(data):
        after = first_block(data, at)
        if after != NOWHERE:
            at = after
            continue
        start, end, at = block_at(data, at)
        if start == NOWHERE or blocks == known or taken + SLOTS > len(read):
            return False, blocks, taken, outside, passed, False
        if held[LIKELY_CLASS] == room and bounds[blocks] ** 2 > read[kept[LIKELY_CLASS, room - 1]].chord2:
            passed = min(passed, bounds[blocks] ** 2)
        else:
            whole, taken, outside, passed, certain = _read_block(
                ask, data, start, end, groups[blocks], taken, outside, passed, ground, bench
            )
            if not whole:
                return False, blocks, taken, outside, passed, False
            sure = sure and certain
        blocks += 1
    return True, blocks, taken, outside, passed, sure


@compiled
def _read_block(ask, data, start, end, group, taken, outside, passed, ground, bench):
    """As `_read_all`, of the block `data[start:end]`: (whole, taken, outside, passed, sure)."""
    read, kept, held, room, sure = bench.read, bench.kept, bench.held, ask.limit + 1, True
    first, sole, whole, radius2 = ground.first_rows[group], ground.owners[group], True, ask.radius_m * ask.radius_m
    entries, extra = entries_of(data, start, end)
    if entries == NOWHERE:
        return False, taken, outside, passed, False
    for entry in range(entries, extra, ENTRY_BYTES):
        extra_at = extra
        if data[entry + MOMENT_AT] >= data[start + 2]:
            whole = False
            break
        if data[entry + 1] & HAS_EXTRA:
            extra = extra_ends(data, entry, extra_at, end)
            if extra == NOWHERE:
                break
        slot = np.int64(data[entry])
        if first >= 0 and slot < ground.sizes[group]:
            row = first + slot
        else:
            row = ground.row_at[group, slot] if slot < SLOTS else NO_STORE
        if row < 0 or not (ground.wanted[ground.retailer_ids[row]] if sole < 0 else ground.wanted[sole]):
            continue
        chord2 = squared_chord(ground, row)
        if held[LIKELY_CLASS] == room and chord2 > read[kept[LIKELY_CLASS, room - 1]].chord2:
            passed = min(passed, chord2)
            continue
        if chord2 > radius2 and (held[LIKELY_CLASS] or (outside >= 0 and _farther(chord2, read[outside].chord2))):
            continue
        one = read[taken]
        one.row, one.chord2, one.store_id = row, chord2, ground.store_ids[row]
        read_level(data, start, entry, extra_at, extra, one)
        cover(one, ground)
        taken += 1
        certain = judge(one, ask.quantity, ask.arrival_us, ask.pace, ground)
        rank = class_of(one)
        if held[rank] == room and not _before(one, read[kept[rank, room - 1]]):
            continue
        inside = _inside(one, ask.radius_m, ground)
        sure = sure and certain and inside >= 0
        if inside:
            held[rank] = _keep(kept[rank], held[rank], room, read, taken - 1)
        elif rank == LIKELY_CLASS and (outside < 0 or _before(one, read[outside])):
            outside = taken - 1
    return whole and extra == end, taken, outside, passed, sure


@compiled
def _ranked(ask, bench):
    """Writes what is kept, the likely first, into `found`; returns how many, and whether their steps are sure."""
    count, sure = 0, True
    for rank in range(CLASSES):
        for number in range(bench.held[rank]):
            if count < ask.limit:
                bench.found[count] = bench.read[bench.kept[rank, number]]
                one = bench.found[count]
                sure = sure and weigh(one)
                count += 1
    return count, sure


@compiled
def squared_chord(ground, row):
    ecef, origin = ground.ecef, ground.origin
    x, y, z = ecef[row, 0] - origin[0], ecef[row, 1] - origin[1], ecef[row, 2] - origin[2]
    return x * x + y * y + z * z


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
def _measure(one, ground):
    ecef, origin, row = ground.ecef, ground.origin, one.row
    one.metres = near_m(origin[0], origin[1], origin[2], ecef[row, 0], ecef[row, 1], ecef[row, 2])


@compiled
def _measure_beyond(one, ground):
    """-1 where that would not be sure to the metre."""
    if one.chord2 < NEAR_M * NEAR_M:
        _measure(one, ground)
        if abs(one.metres - math.floor(one.metres) - EVERY_METRE) > near_error_m(one.metres):
            return
    one.metres = -1.0


@compiled
def _settle(kept, held, limit, rank, read, passed, ground):
    """Measures a class's nearest, one more than are wanted; returns whether all is sure.

    Their order by chord is that by geodesic, no other is nearer (those read, and those passed over, whose shortest
    chord² is `passed`), and no metre is on the edge.
    """
    for at in range(held):
        one = read[kept[at]]
        _measure(one, ground)
        error = near_error_m(one.metres)
        if at < limit and abs(one.metres - math.floor(one.metres) - EVERY_METRE) < error:
            return False
        if at > 0:
            nearer = read[kept[at - 1]]
            at_one_point = one.metres == nearer.metres and one.chord2 == nearer.chord2
            if one.metres - nearer.metres < 2.0 * error and not at_one_point:
                return False
    if held <= limit:
        return True
    last = read[kept[limit - 1]]
    return shortest_m(math.sqrt(min(passed, _next_chord2(last, rank, read)))) > last.metres


@compiled
def _next_chord2(last, rank, read):
    """The shortest chord of the class beyond that of `last`: whoever is at the same point was told apart by id."""
    nearest = math.inf
    for one in read:
        if last.chord2 < one.chord2 < nearest and class_of(one) == rank:
            nearest = one.chord2
    return nearest


@compiled
def _inside(one, radius_m, ground):
    """1 inside of the radius, 0 outside, -1 too near to tell."""
    if one.chord2 > radius_m * radius_m:
        return 0
    if one.chord2 * CURVED < radius_m * radius_m:
        return 1
    _measure(one, ground)
    if abs(one.metres - radius_m) < near_error_m(radius_m):
        return -1
    return 1 if one.metres < radius_m else 0


@compiled
def marked(retailers, wanted, value):
    for retailer in retailers:
        if retailer < len(wanted):
            wanted[retailer] = value


@compiled
def cover(one, ground):
    """What staff saw is stood by while any source of the store is heard: nothing has been sold unseen."""
    anyone = 0 <= one.source_id < len(ground.anchors) and ground.anchors[one.source_id] == STAFF
    for seat in range(ground.cov_sources.shape[1]):
        if anyone or ground.cov_sources[one.row, seat] == one.source_id:
            one.covered_us = max(one.covered_us, ground.cov_us[one.row, seat])


@compiled
def _up_to(bounds, reach_m):
    """How many of them, which ascend, are not above `reach_m`."""
    count = len(bounds)
    while count and bounds[count - 1] > reach_m:
        count -= 1
    return count

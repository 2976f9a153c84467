"""The search's inner loop, compiled: which stores of the blocks that were read make an answer. Numbers in and out.

`lookup/near.py` is the same search without haste; it takes over where this one is not sure, and tests hold the two
together. Distances here err by less than `near_error_m`: wherever that could change an order, a radius or a rounded
metre, the choice is UNSURE.
"""

import math
from typing import NamedTuple

from geo.compiled import compiled
from geo.near import NEAR_M, longest_m, near_error_m, place, shortest_m
from inventory_service.lookup.arrays import open_bench, open_ground
from inventory_service.lookup.judging import CLASSES, LIKELY_CLASS, class_of, weigh
from inventory_service.lookup.picking import marked, measure, read_nearest
from inventory_service.lookup.planning import planned

DONE, MORE, UNSURE = 0, 1, 2
EVERY_METRE = 0.5
CONTENDERS = 16
"""So many beyond the radius at most may be the nearest: whoever told them apart would have to measure them."""


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
    whole, blocks = read_nearest(ask, data, at, known, groups, bounds, ground, bench)
    marked(retailers, ground.wanted, False)
    if not whole:
        return Chosen(UNSURE, 0, 0, every, 0.0, 0)
    read, kept, likely, reach_m = bench.read, bench.kept, bench.held[LIKELY_CLASS], ask.radius_m
    progress = bench.progress[0]
    taken, outside, passed, sure = progress.taken, progress.outside, progress.passed, progress.sure
    if likely >= ask.limit:
        last = read[kept[LIKELY_CLASS, ask.limit - 1]]
        measure(last, ground)
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
def _measure_beyond(one, ground):
    """-1 where that would not be sure to the metre."""
    if one.chord2 < NEAR_M * NEAR_M:
        measure(one, ground)
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
        measure(one, ground)
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
def _up_to(bounds, reach_m):
    """How many of them, which ascend, are not above `reach_m`."""
    count = len(bounds)
    while count and bounds[count - 1] > reach_m:
        count -= 1
    return count

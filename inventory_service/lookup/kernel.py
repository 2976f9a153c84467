"""The search's inner loops, compiled: which neighbourhoods, and which of their stores. Plain numbers in and out.

`lookup/near.py` is the same search without haste; it takes over where this one is not sure, and tests hold the two
together. Distances here err by less than `near_error_m`: wherever that could change an order, a radius or a rounded
metre, the choice is UNSURE.
"""

import math

import numpy as np

from geo.compiled import compiled
from geo.near import NEAR_M, longest_m, near_error_m, near_m, place, shortest_m
from geo.spheres import ROUNDING_M
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.storage.cache.block import (
    BEYOND,
    ENTRY_BYTES,
    EXACT,
    EXTRA,
    FORMAT,
    HAS_EXTRA,
    HEAD_BYTES,
    KIND_MASK,
    MOMENT_AT,
    MOMENT_BYTES,
    RANGE,
)
from inventory_service.storage.cache.naming import write_command

DONE, MORE, UNSURE = 0, 1, 2
IN_STOCK, LIMITED, UNKNOWN, OUT_OF_STOCK = 0, 1, 2, 3
LIKELY_CLASS, UNKNOWN_CLASS, OUT_CLASS = 0, 1, 2
NO_STEP = -1
STEPS = 20.0
TIE = 1e-9
"""Nearer than this to the middle between two public steps, decimal arithmetic has to decide."""
EVERY_METRE = 0.5
CURVED = 1.001
"""More than the square of geodesic over chord within NEAR_M."""
ROUNDED = 1.0 + 1e-9
"""More than what rounding does to a square."""
MOST_ASKED = 3
"""Quantities up to this are judged by `fresh`'s table."""
EXTRA_BYTES, BEYOND_BYTES = EXTRA.size, BEYOND.size
UNBOUNDED = -1
NO_STORE = -1
GAPS = (701, 301, 132, 57, 23, 10, 4, 1)

FOUND = np.dtype(
    [
        ("chord2", "f8"),
        ("metres", "f8"),
        ("store_id", "i8"),
        ("row", "i8"),
        ("low", "i8"),
        ("high", "i8"),
        ("observed_s", "i8"),
        ("covered_us", "i8"),
        ("source_id", "i8"),
        ("word", "i8"),
        ("step", "i8"),
        ("details_at", "i8"),
        ("details_bytes", "i8"),
        ("detail", "i8"),
    ]
)
"""One store of an answer. `high` -1: no upper bound; `metres` -1: not measured; `step`: the probability in twentieths,
-1: none; `details_at`: where its details stand in the blocks, if `details_bytes`; `detail` is for whoever writes it."""


@compiled
def plan(lat, lon, retailers, starts, groups_of, centers, radii, origin, seen, within_m, groups, bounds):
    """Neighbourhoods of some retailers with a bound up to `within_m`, nearest first; returns how many.

    `centers` (g, 3), `radii` (g,): metres, ECEF. `retailers`: ids; the groups of retailer r are
    `groups_of[starts[r]:starts[r + 1]]`. `seen` (g,) is false everywhere, before and after. Written: `origin` (3,),
    `groups`, `bounds`.
    """
    place(lat, lon, origin)
    count = 0
    for retailer in retailers:
        if retailer + 1 >= len(starts):
            continue
        for at in range(starts[retailer], starts[retailer + 1]):
            group = groups_of[at]
            if seen[group]:
                continue
            x, y, z = centers[group, 0] - origin[0], centers[group, 1] - origin[1], centers[group, 2] - origin[2]
            bound = max(0.0, math.sqrt(x * x + y * y + z * z) - radii[group] - ROUNDING_M)
            if bound <= within_m:
                seen[group] = True
                groups[count], bounds[count] = group, bound
                count += 1
    for at in range(count):
        seen[groups[at]] = False
    _sort(groups, bounds, count)
    return count


@compiled
def nearest(
    lat, lon, retailers, starts, groups_of, centers, radii, sole_owners, origin, seen, within_m, most, groups, bounds
):
    """As `plan`, but only the `most` nearest are written. `sole_owners` (g,): whose all stores are, -1: of several."""
    place(lat, lon, origin)
    count, shared = 0, False
    for retailer in retailers:
        if retailer + 1 >= len(starts):
            continue
        for at in range(starts[retailer], starts[retailer + 1]):
            group = groups_of[at]
            if sole_owners[group] < 0:
                if seen[group]:
                    continue
                seen[group] = shared = True
            x, y, z = centers[group, 0] - origin[0], centers[group, 1] - origin[1], centers[group, 2] - origin[2]
            chord2, reach_m = x * x + y * y + z * z, within_m + radii[group] + ROUNDING_M
            if chord2 > reach_m * reach_m * ROUNDED:
                continue
            bound = max(0.0, math.sqrt(chord2) - radii[group] - ROUNDING_M)
            if bound <= within_m:
                if count < most or bound <= bounds[most - 1]:
                    _insert(groups, bounds, min(count, most), most, group, bound)
                count += 1
    if shared:
        _forget(retailers, starts, groups_of, seen)
    return count


@compiled
def _insert(groups, bounds, held, most, group, bound):
    """Into so many in order, of which the `most` nearest are kept."""
    at = held
    if held == most:
        at -= 1
        if (bounds[at], groups[at]) < (bound, group):
            return
    while at > 0 and (bounds[at - 1], groups[at - 1]) > (bound, group):
        groups[at], bounds[at] = groups[at - 1], bounds[at - 1]
        at -= 1
    groups[at], bounds[at] = group, bound


@compiled
def _forget(retailers, starts, groups_of, seen):
    for retailer in retailers:
        if retailer + 1 < len(starts):
            for at in range(starts[retailer], starts[retailer + 1]):
                seen[groups_of[at]] = False


@compiled
def first_command(
    lat,
    lon,
    retailers,
    within_m,
    most,
    head,
    beginning,
    starts,
    groups_of,
    centers,
    radii,
    sole_owners,
    origin,
    seen,
    groups,
    bounds,
    ids,
    command,
):
    """The `most` nearest neighbourhoods and the one after them, and the command for their blocks behind `head`, as
    naming.py has it.

    `ids` (g,): those of all neighbourhoods. Returns (how many there are, how many blocks, how many bytes are in
    `command`).
    """
    room = min(most + 1, len(groups))
    planned = nearest(
        lat,
        lon,
        retailers,
        starts,
        groups_of,
        centers,
        radii,
        sole_owners,
        origin,
        seen,
        within_m,
        room,
        groups,
        bounds,
    )
    count = min(planned, most)
    return planned, count, write_command(command, head, beginning, ids, groups[:count])


@compiled
def _sort(groups, bounds, count):
    """Shell's, in place; gaps by Ciura (2001)."""
    for gap in GAPS:
        for end in range(gap, count):
            group, bound, at = groups[end], bounds[end], end
            while at >= gap and (bounds[at - gap], groups[at - gap]) > (bound, group):
                groups[at], bounds[at] = groups[at - gap], bounds[at - gap]
                at -= gap
            groups[at], bounds[at] = group, bound


@compiled
def _u16(data, at):
    return np.int64(data[at]) | np.int64(data[at + 1]) << 8


@compiled
def _u32(data, at):
    return _u16(data, at) | _u16(data, at + 2) << 16


@compiled
def _span(data, at):
    """Where the entries of the block at `data[at:]` begin and end, both -1 where it is none."""
    if at + HEAD_BYTES > len(data) or data[at] != FORMAT:
        return -1, -1
    first = at + HEAD_BYTES + np.int64(data[at + 2]) * MOMENT_BYTES
    end = first + np.int64(data[at + 1]) * ENTRY_BYTES
    return (first, end) if end <= len(data) else (-1, -1)


@compiled
def _extra_ends(data, entry, at):
    """Where the extra of an entry ends that stands at `data[at:]`, -1 where it is none."""
    if at + EXTRA_BYTES + BEYOND_BYTES > len(data) or data[at] != data[entry]:
        return -1
    end = at + EXTRA_BYTES + _u16(data, at + 1)
    return end if at + EXTRA_BYTES + BEYOND_BYTES <= end <= len(data) else -1


@compiled
def _behind(data, start, end):
    """Where a block ends whose entries are `data[start:end]`, -1 where its extras are none."""
    extra = end
    for entry in range(start, end, ENTRY_BYTES):
        if data[entry + 1] & HAS_EXTRA and extra >= 0:
            extra = _extra_ends(data, entry, extra)
    return extra


@compiled
def _read(data, at, entry, extra, extra_end, one):
    """The level of an entry of the block at `data[at:]`; its extra, if it has one, is `data[extra:extra_end]`."""
    one.low = _u16(data, entry + 2)
    moment = at + HEAD_BYTES + np.int64(data[entry + MOMENT_AT]) * MOMENT_BYTES
    one.observed_s = _u32(data, moment)
    one.source_id = _u16(data, moment + 4)
    one.covered_us = one.observed_s * 1_000_000
    one.details_at, one.details_bytes = 0, 0
    high = np.int64(0)
    if extra_end > extra:
        beyond = extra + EXTRA_BYTES
        one.covered_us = _u32(data, beyond) * 1_000_000
        one.low, high = _u32(data, beyond + 4), _u32(data, beyond + 8)
        one.details_at, one.details_bytes = beyond + BEYOND_BYTES, extra_end - beyond - BEYOND_BYTES
    kind = np.int64(data[entry + 1]) & KIND_MASK
    one.high = one.low if kind == EXACT else (high if kind == RANGE else UNBOUNDED)


@compiled
def _chord2(ecef, row, origin):
    x, y, z = ecef[row, 0] - origin[0], ecef[row, 1] - origin[1], ecef[row, 2] - origin[2]
    return x * x + y * y + z * z


@compiled
def _judge(one, quantity, arrival_us, horizon_us, fresh):
    """Writes the word; returns whether it is sure. As domain/confidence.py, whose `fresh` is a table: see Ground."""
    low, high = one.low, one.high
    one.word = UNKNOWN
    if arrival_us - one.covered_us > horizon_us:
        return True
    if 0 <= high < quantity:
        one.word = OUT_OF_STOCK
    elif low >= quantity:
        one.word = IN_STOCK if low >= MOST_ASKED else LIMITED
    elif quantity > MOST_ASKED:
        return False
    elif _fresh(one, quantity, fresh) >= 0.5:
        one.word = LIMITED
    return True


@compiled
def _fresh(one, quantity, fresh):
    high = MOST_ASKED if one.high < 0 else min(one.high, MOST_ASKED)
    return fresh[quantity - 1, min(one.low, MOST_ASKED), high]


@compiled
def _weigh(one, quantity, arrival_us, horizon_us, fresh):
    """Writes the step; returns whether it is sure. Above MOST_ASKED pieces nobody is told steps."""
    one.step = NO_STEP
    if one.word == UNKNOWN or quantity > MOST_ASKED:
        return True
    share = np.float64(max(arrival_us - one.covered_us, 0)) / np.float64(horizon_us)
    steps = STEPS * (0.5 + (_fresh(one, quantity, fresh) - 0.5) * 2.0 ** (-2.0 * share))
    one.step = np.int64(np.rint(steps))
    return abs(steps - math.floor(steps) - 0.5) > TIE


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
def _measure(one, ecef, origin):
    row = one.row
    one.metres = near_m(origin[0], origin[1], origin[2], ecef[row, 0], ecef[row, 1], ecef[row, 2])


@compiled
def _measure_beyond(one, ecef, origin):
    """-1 where that would not be sure to the metre."""
    if one.chord2 < NEAR_M * NEAR_M:
        _measure(one, ecef, origin)
        if abs(one.metres - math.floor(one.metres) - EVERY_METRE) > near_error_m(one.metres):
            return
    one.metres = -1.0


@compiled
def _settle(kept, held, limit, rank, read, passed, ecef, origin):
    """Measures a class's nearest, one more than are wanted; returns whether all is sure.

    Their order by chord is that by geodesic, no other is nearer (those read, and those passed over, whose shortest
    chord² is `passed`), and no metre is on the edge.
    """
    for at in range(held):
        one = read[kept[at]]
        _measure(one, ecef, origin)
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
        if last.chord2 < one.chord2 < nearest and _rank(one) == rank:
            nearest = one.chord2
    return nearest


@compiled
def _rank(one):
    return LIKELY_CLASS if one.word <= LIMITED else (UNKNOWN_CLASS if one.word == UNKNOWN else OUT_CLASS)


@compiled
def _inside(one, radius_m, ecef, origin):
    """1 inside of the radius, 0 outside, -1 too near to tell."""
    if one.chord2 > radius_m * radius_m:
        return 0
    if one.chord2 * CURVED < radius_m * radius_m:
        return 1
    _measure(one, ecef, origin)
    if abs(one.metres - radius_m) < near_error_m(radius_m):
        return -1
    return 1 if one.metres < radius_m else 0


@compiled
def _mark(retailers, wanted, value):
    for retailer in retailers:
        if retailer < len(wanted):
            wanted[retailer] = value


@compiled
def _cover(one, cov_sources, cov_us):
    for seat in range(cov_sources.shape[1]):
        if cov_sources[one.row, seat] == one.source_id:
            one.covered_us = max(one.covered_us, cov_us[one.row, seat])


@compiled
def _up_to(bounds, reach_m):
    """How many of them, which ascend, are not above `reach_m`."""
    count = len(bounds)
    while count and bounds[count - 1] > reach_m:
        count -= 1
    return count


@compiled
def choose(
    lat,
    lon,
    radius_m,
    limit,
    quantity,
    arrival_us,
    horizon_us,
    retailers,
    data,
    within_m,
    planned,
    origin,
    groups,
    bounds,
    wanted,
    ecef,
    store_ids,
    retailer_ids,
    row_at,
    first_rows,
    sizes,
    sole_owners,
    cov_sources,
    cov_us,
    fresh,
    read,
    held,
    kept,
    found,
):
    """The best of what `data` holds: the blocks of the first neighbourhoods of a plan, one behind the other.

    `planned` neighbourhoods have a bound up to `within_m`; the nearest of them, one more than there are blocks if there
    are so many, are in `groups` and `bounds`. Returns (status, how many are in `found`, how many of these, 0 or 1 and
    then the last, are the nearest beyond, how many are planned, reach_m, how many of those in `bounds` have one up to
    that). MORE: neighbourhoods with a bound up to reach_m may hold a better one.
    """
    place(lat, lon, origin)
    known = min(planned, len(groups))
    _mark(retailers, wanted, True)
    room, outside, taken, at, blocks, sure = limit + 1, -1, 0, 0, 0, True
    held[:] = 0
    passed = math.inf
    while at < len(data) and blocks < known:
        start, extra = _span(data, at)
        if extra < 0 or taken + SLOTS > len(read):
            break
        if held[LIKELY_CLASS] == room and bounds[blocks] ** 2 > read[kept[LIKELY_CLASS, room - 1]].chord2:
            passed = min(passed, bounds[blocks] ** 2)
            extra = _behind(data, start, extra)
            if extra < 0:
                break
            at, blocks = extra, blocks + 1
            continue
        group = groups[blocks]
        first, sole = first_rows[group], sole_owners[group]
        for entry in range(start, extra, ENTRY_BYTES):
            extra_at = extra
            if data[entry + MOMENT_AT] >= data[at + 2]:
                extra = -1
                break
            if data[entry + 1] & HAS_EXTRA:
                extra = _extra_ends(data, entry, extra_at)
                if extra < 0:
                    break
            slot = np.int64(data[entry])
            if first >= 0 and slot < sizes[group]:
                row = first + slot
            else:
                row = row_at[group, slot] if slot < SLOTS else NO_STORE
            if row < 0 or not (wanted[retailer_ids[row]] if sole < 0 else wanted[sole]):
                continue
            chord2 = _chord2(ecef, row, origin)
            if held[LIKELY_CLASS] == room and chord2 > read[kept[LIKELY_CLASS, room - 1]].chord2:
                passed = min(passed, chord2)
                continue
            one = read[taken]
            one.row, one.chord2, one.store_id = row, chord2, store_ids[row]
            _read(data, at, entry, extra_at, extra, one)
            _cover(one, cov_sources, cov_us)
            taken += 1
            certain = _judge(one, quantity, arrival_us, horizon_us, fresh)
            rank = _rank(one)
            if held[rank] == room and not _before(one, read[kept[rank, room - 1]]):
                continue
            inside = _inside(one, radius_m, ecef, origin)
            sure = sure and certain and inside >= 0
            if inside:
                held[rank] = _keep(kept[rank], held[rank], room, read, taken - 1)
            elif rank == LIKELY_CLASS and (outside < 0 or _before(one, read[outside])):
                outside = taken - 1
        if extra < 0:
            break
        at, blocks = extra, blocks + 1
    _mark(retailers, wanted, False)
    if at != len(data):
        return UNSURE, 0, 0, planned, 0.0, 0
    likely, reach_m = held[LIKELY_CLASS], radius_m
    if likely >= limit:
        last = read[kept[LIKELY_CLASS, limit - 1]]
        _measure(last, ecef, origin)
        reach_m = last.metres
    elif likely == 0:
        reach_m = math.inf if outside < 0 else max(radius_m, longest_m(math.sqrt(read[outside].chord2)))
    needed = _up_to(bounds[:known], reach_m)
    if needed > blocks or (blocks >= planned and within_m < reach_m):
        return MORE, 0, 0, planned, reach_m, needed
    for rank in range(3 if likely < limit else 1):
        sure = sure and _settle(kept[rank], held[rank], limit, rank, read[:taken], passed, ecef, origin)
    if not sure:
        return UNSURE, 0, 0, planned, 0.0, needed
    count = 0
    for rank in range(3):
        for number in range(held[rank]):
            if count < limit:
                found[count] = read[kept[rank, number]]
                sure = sure and _weigh(found[count], quantity, arrival_us, horizon_us, fresh)
                count += 1
    if likely or outside < 0:
        return DONE if sure else UNSURE, count, 0, planned, reach_m, needed
    sure = sure and reach_m < shortest_m(math.sqrt(_next_chord2(read[outside], LIKELY_CLASS, read[:taken])))
    found[count] = read[outside]
    _measure_beyond(found[count], ecef, origin)
    sure = sure and _weigh(found[count], quantity, arrival_us, horizon_us, fresh)
    return DONE if sure else UNSURE, count + 1, 1, planned, reach_m, needed


@compiled
def search(
    lat,
    lon,
    radius_m,
    limit,
    quantity,
    arrival_us,
    horizon_us,
    retailers,
    data,
    within_m,
    starts,
    groups_of,
    centers,
    radii,
    origin,
    seen,
    groups,
    bounds,
    wanted,
    ecef,
    store_ids,
    retailer_ids,
    row_at,
    first_rows,
    sizes,
    sole_owners,
    cov_sources,
    cov_us,
    fresh,
    read,
    held,
    kept,
    found,
):
    """A plan up to `within_m`, and `choose` from it."""
    planned = plan(lat, lon, retailers, starts, groups_of, centers, radii, origin, seen, within_m, groups, bounds)
    return choose(
        lat,
        lon,
        radius_m,
        limit,
        quantity,
        arrival_us,
        horizon_us,
        retailers,
        data,
        within_m,
        planned,
        origin,
        groups,
        bounds,
        wanted,
        ecef,
        store_ids,
        retailer_ids,
        row_at,
        first_rows,
        sizes,
        sole_owners,
        cov_sources,
        cov_us,
        fresh,
        read,
        held,
        kept,
        found,
    )

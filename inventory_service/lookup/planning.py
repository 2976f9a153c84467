"""Which neighbourhoods may hold what is asked for, nearest first, compiled; and the command for their blocks."""

import math

from geo.compiled import compiled
from geo.near import place
from geo.spheres import ROUNDING_M
from inventory_service.lookup.arrays import open_ground
from inventory_service.storage.cache.naming import write_command

ROUNDED = 1.0 + 1e-9
"""More than what rounding does to a square."""
GAPS = (701, 301, 132, 57, 23, 10, 4, 1)


@compiled
def plan(lat, lon, retailers, within_m, table):
    """Neighbourhoods of some retailers (ids) with a bound up to `within_m`, nearest first, into the ground's `groups`
    and `bounds`; returns how many. `table`: that of its arrays.
    """
    return planned(lat, lon, retailers, within_m, open_ground(table))


@compiled
def planned(lat, lon, retailers, within_m, ground):
    """As `plan`, in a ground that is open."""
    place(lat, lon, ground.origin)
    groups, bounds, count = ground.groups, ground.bounds, 0
    for retailer in retailers:
        if retailer + 1 >= len(ground.starts):
            continue
        for at in range(ground.starts[retailer], ground.starts[retailer + 1]):
            group = ground.groups_of[at]
            if ground.seen[group]:
                continue
            bound = max(0.0, math.sqrt(_chord2(ground, group)) - ground.radii[group] - ROUNDING_M)
            if bound <= within_m:
                ground.seen[group] = True
                groups[count], bounds[count] = group, bound
                count += 1
    for at in range(count):
        ground.seen[groups[at]] = False
    _sort(groups, bounds, count)
    return count


@compiled
def nearest(lat, lon, retailers, within_m, table, most, groups, bounds):
    """As `plan`, but only the `most` nearest are written, into `groups` and `bounds`."""
    ground = open_ground(table)
    place(lat, lon, ground.origin)
    count, shared = 0, False
    for retailer in retailers:
        if retailer + 1 >= len(ground.starts):
            continue
        for at in range(ground.starts[retailer], ground.starts[retailer + 1]):
            group = ground.groups_of[at]
            if ground.owners[group] < 0:
                if ground.seen[group]:
                    continue
                ground.seen[group] = shared = True
            chord2, reach_m = _chord2(ground, group), within_m + ground.radii[group] + ROUNDING_M
            if chord2 > reach_m * reach_m * ROUNDED:
                continue
            bound = max(0.0, math.sqrt(chord2) - ground.radii[group] - ROUNDING_M)
            if bound <= within_m:
                if count < most or bound <= bounds[most - 1]:
                    _insert(groups, bounds, min(count, most), most, group, bound)
                count += 1
    if shared:
        _forget(retailers, ground)
    return count


@compiled
def first_command(lat, lon, retailers, within_m, most, head, beginning, table, groups, bounds, command):
    """The `most` nearest neighbourhoods and the one after them, and the command for their blocks behind `head`, as
    naming.py has it.

    Returns (how many there are, how many blocks, how many bytes are in `command`).
    """
    room = min(most + 1, len(groups))
    every = nearest(lat, lon, retailers, within_m, table, room, groups, bounds)
    count = min(every, most)
    return every, count, write_command(command, head, beginning, open_ground(table).ids, groups[:count])


@compiled
def _chord2(ground, group):
    centers, origin = ground.centers, ground.origin
    x, y, z = centers[group, 0] - origin[0], centers[group, 1] - origin[1], centers[group, 2] - origin[2]
    return x * x + y * y + z * z


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
def _forget(retailers, ground):
    for retailer in retailers:
        if retailer + 1 < len(ground.starts):
            for at in range(ground.starts[retailer], ground.starts[retailer + 1]):
                ground.seen[ground.groups_of[at]] = False


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

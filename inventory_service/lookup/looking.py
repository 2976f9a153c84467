"""Every level of a product around a place, read and judged, compiled: the kernel's way, without choosing."""

from geo.compiled import compiled
from geo.near import place
from geo.spheres import ROUNDING_M
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.lookup.arrays import open_bench, open_ground
from inventory_service.lookup.blocks import NOWHERE, block_at, entries_of, extra_ends, read_level
from inventory_service.lookup.gathering import NO_STORE, row_of, squared_chord
from inventory_service.lookup.judging import judge
from inventory_service.lookup.picking import cover, marked
from inventory_service.storage.cache.block import ENTRY_BYTES, HAS_EXTRA, MOMENT_AT


@compiled
def look_at(lat, lon, radius_m, quantity, arrival_us, pace, retailers, data, groups, ground_at, bench_at):
    """Reads the levels of all blocks in `data`, those of `groups`, at stores that may lie within the radius, into the
    bench's `read`; `step` is 1 where the judgement is sure, else 0. Returns (whether all is understood, how many).
    """
    ground, bench = open_ground(ground_at), open_bench(bench_at)
    place(lat, lon, ground.origin)
    marked(retailers, ground.wanted, True)
    at, taken, blocks, whole = 0, 0, 0, True
    while whole and at < len(data):
        start, end, at = block_at(data, at)
        if start == NOWHERE or blocks == len(groups) or taken + SLOTS > len(bench.read):
            whole = False
            break
        whole, taken = _look_at_block(
            radius_m, quantity, arrival_us, pace, data, start, end, groups[blocks], taken, ground, bench
        )
        blocks += 1
    marked(retailers, ground.wanted, False)
    return whole and blocks == len(groups), taken


@compiled
def _look_at_block(radius_m, quantity, arrival_us, pace, data, start, end, group, taken, ground, bench):
    """As `look_at`, of the block `data[start:end]`."""
    entries, extra = entries_of(data, start, end)
    if entries == NOWHERE:
        return False, taken
    for entry in range(entries, extra, ENTRY_BYTES):
        extra_at = extra
        if data[entry + MOMENT_AT] >= data[start + 2]:
            return False, taken
        if data[entry + 1] & HAS_EXTRA:
            extra = extra_ends(data, entry, extra_at, end)
            if extra == NOWHERE:
                return False, taken
        row = row_of(data, entry, group, ground)
        if row == NO_STORE or not ground.wanted[ground.retailer_ids[row]]:
            continue
        one = bench.read[taken]
        one.chord2 = squared_chord(ground, row)
        if one.chord2 > (radius_m + ROUNDING_M) ** 2:
            continue
        one.row, one.store_id = row, ground.store_ids[row]
        read_level(data, start, entry, extra_at, extra, one)
        cover(one, ground)
        one.step = 1 if judge(one, quantity, arrival_us, pace, ground) else 0
        taken += 1
    return extra == end, taken

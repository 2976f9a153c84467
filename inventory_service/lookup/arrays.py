"""The arrays that compiled code looks things up in, bundle by bundle."""

from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.tables import (
    ByteRows,
    Bytes,
    Flags,
    FloatRows,
    Floats,
    IntRows,
    Ints,
    Narrow,
    NarrowRows,
    opener,
)

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
        ("shown_s", "i8"),
        ("shown_covered_us", "i8"),
        ("shown_source_id", "i8"),
        ("leaning", "i8"),
        ("word", "i8"),
        ("probability", "f8"),
        ("step", "i8"),
        ("details_at", "i8"),
        ("details_bytes", "i8"),
        ("detail", "i8"),
    ]
)
"""One store of an answer. `high` -1: no upper bound; `metres` -1: not measured; `shown_…`: the evidence that is told
without counts; `leaning`: by shoppers, in hundredths of log-odds; `step`: the `probability` in twentieths, -1: none;
`details_at`: where its details stand in the blocks, if `details_bytes`; `detail` is for whoever writes it."""
Found = Annotated[NDArray[Any], FOUND, 1]
BLOCK = np.dtype(
    [
        ("group", "i8"),
        ("start", "i8"),
        ("end", "i8"),
        ("entries", "i8"),
        ("first", "i8"),
        ("behind", "i8"),
        ("nearest2", "f8"),
    ]
)
"""A block that was gathered: its neighbourhood's group; where it and its entries stand; the numbers of its levels, and
the least chord² of those not taken."""
Blocks = Annotated[NDArray[Any], BLOCK, 1]
PROGRESS = np.dtype(
    [
        ("blocks", "i8"),
        ("gathered", "i8"),
        ("nearest2", "f8"),
        ("taken", "i8"),
        ("outside", "i8"),
        ("passed", "f8"),
        ("sure", "?"),
        ("done", "?"),
    ]
)
"""How far a choice is: blocks and levels gathered, the least chord² of those not taken; levels read, which of these is
the nearest likely one outside of the radius, -1: none; the least chord² of those passed over; whether all is sure, and
whether no more are needed."""
Progress = Annotated[NDArray[Any], PROGRESS, 1]


class GroundArrays(NamedTuple):
    """Stores by row, and g neighbourhoods: metres, ECEF; the neighbourhoods of retailer r are
    `groups_of[starts[r]:starts[r + 1]]`; `owners`: whose all stores in one are, -1: of several.

    What a level is judged by (domain/belief/tables.py): the model's tables, `quiet` a row for each pace and state,
    `enough` one for each kind, holding and quantity, `kept` one row. Sources, in the last row the usual one: `anchors`
    (1: staff), `doubts` as factors. `thresholds` by retailer, in the last row the usual ones; `paces`: how many classes
    faster a store sells.

    `wanted` (by retailer), `seen` (by neighbourhood), `origin`, `groups` and `bounds` are working space; the first two
    are false everywhere, before and after.
    """

    ecef: FloatRows
    store_ids: Ints
    retailer_ids: Ints
    hours_of: Ints
    demo: Flags
    cov_sources: IntRows
    cov_us: IntRows
    ids: Ints
    first_rows: Ints
    sizes: Ints
    owners: Ints
    row_at: IntRows
    centers: FloatRows
    radii: Floats
    starts: Ints
    groups_of: Ints
    paces: Ints
    anchors: Ints
    horizons_s: Floats
    lags_s: Floats
    doubts: FloatRows
    bases: FloatRows
    thresholds: FloatRows
    holdings: ByteRows
    due_per_s: Narrow
    quiet: NarrowRows
    empty: NarrowRows
    doubted: Bytes
    watched: NarrowRows
    enough: NarrowRows
    kept: NarrowRows
    wanted: Flags
    seen: Flags
    origin: Floats
    groups: Ints
    bounds: Floats


class BenchArrays(NamedTuple):
    """Working space: blocks gathered, by number of a level its chord² (infinite once it is taken) and where its extra
    stands if it has one; levels read, and per class how many are kept, which of those read these are, best first; what
    is found. `progress` has one row.
    """

    progress: Progress
    blocks: Blocks
    chords2: Floats
    extras: Ints
    read: Found
    held: Ints
    kept: IntRows
    found: Found


open_ground = opener(GroundArrays)
open_bench = opener(BenchArrays)

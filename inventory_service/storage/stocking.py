"""SQL of records that become levels, many at once: new positions as they come, others over what was held."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.history import RECORDS_KEPT
from inventory_service.storage import wire
from inventory_service.storage.columns import NO_UPPER_BOUND, Columns
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import TAIL_WORDS

Chosen = NDArray[np.bool_]
Mode = Literal["delta", "snapshot"]
"""A snapshot leaves mere repetitions unwritten: its coverage of the store tells them."""

INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
    product_id int, store_id int, low int, high int, observed_at timestamptz, as_of timestamptz, details_no int,
    details_crc int
)
"""
FEW = 2_000
"""So many rows at most go with the statement; more are copied first."""
HANDED_OVER = """(
    SELECT product_id, store_id, low, high, timestamptz 'epoch' + observed_us * interval '1 microsecond' AS observed_at,
           timestamptz 'epoch' + as_of_us * interval '1 microsecond' AS as_of, details_no, details_crc
    FROM unnest($4::text::int[], $5::text::int[], $6::text::int[], $7::text::int[], $8::text::bigint[],
                $9::text::bigint[], $10::text::int[], $11::text::int[])
         AS told (product_id, store_id, low, high, observed_us, as_of_us, details_no, details_crc)
)"""
ADD = """
INSERT INTO position AS p (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, load_id, details,
                           details_crc)
SELECT i.product_id, i.store_id, i.low, nullif(i.high, -1), i.observed_at, i.as_of, i.observed_at, $1::smallint,
       $2::int, d.details, i.details_crc
FROM {incoming} i LEFT JOIN unnest($3::jsonb[]) WITH ORDINALITY AS d (details, no) ON d.no = i.details_no
"""
_SAME = "p.low = excluded.low AND p.high IS NOT DISTINCT FROM excluded.high"
_WORD = "{0}.low::bigint << 32 | coalesce({0}.high::bigint + 1, 0)"
_WAS, _IS = _WORD.format("p"), _WORD.format("excluded")
_SHOWN = f"({_SAME} AND p.shown_at IS NOT NULL OR NOT ({_SAME}) AND band_of({_WAS}) = band_of({_IS}))"
"""Whether what is shown without counts goes on, and is not the level's own: domain/showing.py."""
_UNTOLD: dict[Mode, str] = {"delta": "false", "snapshot": "p.details_crc = excluded.details_crc"}
"""Where a repetition would not have been written: that a count changed instead is not to be seen by `covered_at`."""
_REPLACE = f"""{ADD}ON CONFLICT (product_id, store_id) DO UPDATE SET
    version = p.version + 1, low = excluded.low, high = excluded.high, covered_at = excluded.covered_at,
    details = excluded.details, details_crc = excluded.details_crc,
    observed_at = CASE WHEN {_SAME} THEN p.observed_at ELSE excluded.observed_at END,
    as_of = CASE WHEN {_SAME} THEN p.as_of ELSE excluded.as_of END,
    load_id = CASE WHEN {_SAME} THEN p.load_id ELSE excluded.load_id END,
    leaning = CASE WHEN {_SAME} THEN p.leaning END,
    shown_source_id = CASE WHEN {_SHOWN} THEN coalesce(p.shown_source_id, p.source_id) END,
    shown_at = CASE WHEN {_SHOWN} THEN coalesce(p.shown_at, p.observed_at) END,
    shown_covered_at = CASE
        WHEN NOT {_SHOWN} THEN NULL
        WHEN {{untold}} THEN coalesce(p.shown_covered_at, p.covered_at)
        ELSE excluded.observed_at
        END,
    tail = CASE
        WHEN p.tail IS NULL
        THEN ARRAY[(extract(epoch FROM p.observed_at) * 1000000)::bigint,
                   (extract(epoch FROM p.as_of) * 1000000)::bigint, {_WAS}, p.load_id::bigint]
        WHEN cardinality(p.tail) < {RECORDS_KEPT * TAIL_WORDS} THEN p.tail
        WHEN band_of(p.tail[3]) <> band_of(p.tail[7]) THEN p.tail[5:]
        WHEN p.tail[3] = p.tail[7] OR p.tail[11] NOT IN (p.tail[3], p.tail[7]) THEN p.tail[1:4] || p.tail[9:]
        WHEN p.tail[7] = p.tail[11] THEN p.tail[1:8] || p.tail[13:]
        WHEN p.tail[11] = p.tail[15] THEN p.tail[1:12] || p.tail[17:]
        ELSE p.tail[1:4] || p.tail[13:]
        END || ARRAY[(extract(epoch FROM excluded.observed_at) * 1000000)::bigint,
                     (extract(epoch FROM excluded.as_of) * 1000000)::bigint, {_IS}, excluded.load_id::bigint]
"""
REPLACE = {mode: _REPLACE.replace("{untold}", untold) for mode, untold in _UNTOLD.items()}


async def add(connection: Connection, columns: Columns, chosen: Chosen) -> None:
    """Positions that do not exist. Raises UniqueViolationError where one does: the transaction is to begin again.

    Ascending keys fill the index page by page, and rows without details need no detour.
    """
    plain = chosen & (columns.details_no == 0)
    order = np.lexsort((columns.store_ids, columns.product_ids))
    for bounded in (columns.high != NO_UPPER_BOUND, columns.high == NO_UPPER_BOUND):
        await _copy(connection, columns, order[(plain & bounded)[order]])
    await _write(connection, ADD, columns, chosen & ~plain)


async def replace(connection: Connection, columns: Columns, chosen: Chosen, mode: Mode) -> None:
    """Positions that may exist, each with a level that comes after what they hold."""
    await _write(connection, REPLACE[mode], columns, chosen)


async def _copy(connection: Connection, columns: Columns, places: NDArray[np.intp]) -> None:
    """Rows that all have an upper bound, or all none; without details."""
    if not len(places):
        return
    observed = _since_2000(columns.observed_us[places])
    rows: dict[str, wire.Column] = {
        "product_id": columns.product_ids[places].astype(">i4"),
        "store_id": columns.store_ids[places].astype(">i4"),
        "low": columns.low[places].astype(">i4"),
        "high": columns.high[places].astype(">i4"),
        "observed_at": observed,
        "as_of": _since_2000(columns.as_of_us[places]),
        "covered_at": observed,
        "source_id": np.full(len(places), columns.source_id, dtype=">i2"),
        "load_id": np.full(len(places), columns.load_id, dtype=">i4"),
    }
    if rows["high"][0] == NO_UPPER_BOUND:
        del rows["high"]
    await wire.send(connection, "position", rows)


async def _write(connection: Connection, statement: str, columns: Columns, chosen: Chosen) -> None:
    some = columns.where(chosen)
    told = columns.source_id, columns.load_id, list(columns.details)
    if 0 < len(some) <= FEW:
        await connection.execute(statement.format(incoming=HANDED_OVER), *told, *_arrays(some))
    elif len(some):
        await _send(connection, some)
        await connection.execute(statement.format(incoming="incoming"), *told)
        await connection.execute("TRUNCATE incoming")


def _arrays(some: Columns) -> list[str]:
    """As HANDED_OVER takes them."""
    counts = some.product_ids, some.store_ids, some.low, some.high
    columns = *counts, some.observed_us, some.as_of_us, some.details_no, some.details_crc
    return [wire.array(column) for column in columns]


async def _send(connection: Connection, some: Columns) -> None:
    """Into the table of INCOMING."""
    await connection.execute(INCOMING)
    rows = {
        "product_id": some.product_ids.astype(">i4"),
        "store_id": some.store_ids.astype(">i4"),
        "low": some.low.astype(">i4"),
        "high": some.high.astype(">i4"),
        "observed_at": _since_2000(some.observed_us),
        "as_of": _since_2000(some.as_of_us),
        "details_no": some.details_no.astype(">i4"),
        "details_crc": some.details_crc.astype(">i4"),
    }
    await wire.send(connection, "incoming", rows)


def _since_2000(moments_us: NDArray[np.int64]) -> wire.Column:
    return (moments_us - wire.EPOCH_US).astype(">i8")

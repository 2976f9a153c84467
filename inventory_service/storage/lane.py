"""The fast lane: records of one source, a column a field, folded where they plainly come after all that is held.

Whatever is not plain (late, several sources, sales, two items of one product …) is left to storage/apply.py, whose
fold over single reports tells what every shortcut here has to come to; a property test holds the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.history import RECORDS_KEPT
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Record
from inventory_service.domain.stock import Stock
from inventory_service.storage import holdings, wire
from inventory_service.storage.holdings import Holdings
from inventory_service.storage.offers import Json, details_from_json, details_to_json
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import TAIL_WORDS, details_crc, micros, moment

Mode = Literal["delta", "snapshot"]
"""A snapshot leaves mere repetitions unwritten: its coverage of the store tells them."""

DENSE = 64
"""From so many rows a store on, reading the whole store beats looking up each position …"""
SPARSE = 6
"""… unless it is known to hold so many times as many positions."""
NO_UPPER_BOUND = -1

INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
    product_id int, store_id int, low int, high int, observed_at timestamptz, as_of timestamptz, details_no int,
    details_crc int
)
"""
WRITE = f"""
INSERT INTO position AS p (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id, load_id, details,
                           details_crc)
SELECT i.product_id, i.store_id, i.low, nullif(i.high, -1), i.observed_at, i.as_of, i.observed_at, $1::smallint,
       $2::int, d.details, i.details_crc
FROM incoming i LEFT JOIN unnest($3::jsonb[]) WITH ORDINALITY AS d (details, no) ON d.no = i.details_no
ON CONFLICT (product_id, store_id) DO UPDATE SET
    version = p.version + 1, low = excluded.low, high = excluded.high, covered_at = excluded.covered_at,
    details = excluded.details, details_crc = excluded.details_crc,
    observed_at = CASE WHEN p.low = excluded.low AND p.high IS NOT DISTINCT FROM excluded.high
                       THEN p.observed_at ELSE excluded.observed_at END,
    as_of = CASE WHEN p.low = excluded.low AND p.high IS NOT DISTINCT FROM excluded.high
                 THEN p.as_of ELSE excluded.as_of END,
    load_id = CASE WHEN p.low = excluded.low AND p.high IS NOT DISTINCT FROM excluded.high
                   THEN p.load_id ELSE excluded.load_id END,
    tail = CASE
        WHEN p.tail IS NULL
        THEN ARRAY[(extract(epoch FROM p.observed_at) * 1000000)::bigint,
                   (extract(epoch FROM p.as_of) * 1000000)::bigint,
                   p.low::bigint << 32 | coalesce(p.high::bigint + 1, 0), p.load_id::bigint]
        WHEN cardinality(p.tail) < {RECORDS_KEPT * TAIL_WORDS} THEN p.tail
        WHEN p.tail[3] = p.tail[7] THEN p.tail[1:4] || p.tail[9:]
        ELSE p.tail[5:]
        END || ARRAY[(extract(epoch FROM excluded.observed_at) * 1000000)::bigint,
                     (extract(epoch FROM excluded.as_of) * 1000000)::bigint,
                     excluded.low::bigint << 32 | coalesce(excluded.high::bigint + 1, 0), excluded.load_id::bigint]
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """Records of items of rank 0 by one source in one load, a place each; `high` -1: no upper bound.

    `details_no` counts from 1 in `details`; 0: none. Times are microseconds since 1970.
    """

    product_ids: NDArray[np.int32]
    store_ids: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    observed_us: NDArray[np.int64]
    as_of_us: NDArray[np.int64]
    details_no: NDArray[np.int32]
    details: Sequence[Json]
    source_id: int
    load_id: int

    def __len__(self) -> int:
        return len(self.product_ids)

    def where(self, chosen: NDArray[np.bool_]) -> "Columns":
        """The chosen places alone."""
        return replace(
            self,
            product_ids=self.product_ids[chosen],
            store_ids=self.store_ids[chosen],
            low=self.low[chosen],
            high=self.high[chosen],
            observed_us=self.observed_us[chosen],
            as_of_us=self.as_of_us[chosen],
            details_no=self.details_no[chosen],
        )

    def report(self, place: int) -> tuple[tuple[int, int], Record]:
        """One place as a report of its (product_id, store_id)."""
        high, details_no = int(self.high[place]), int(self.details_no[place])
        record = Record(
            moment(int(self.observed_us[place])),
            moment(int(self.as_of_us[place])),
            Stock(int(self.low[place]), None if high == NO_UPPER_BOUND else high),
            self.source_id,
            details_from_json(self.details[details_no - 1]) if details_no else NO_DETAILS,
            load_id=self.load_id,
        )
        return (int(self.product_ids[place]), int(self.store_ids[place])), record

    @property
    def keys(self) -> NDArray[np.int64]:
        """One number a position."""
        return keys_of(self.product_ids, self.store_ids)


class Numbered:
    """Details in the order they are first met, counted from 1."""

    def __init__(self) -> None:
        self.details: list[Json] = []
        self._numbers: dict[Details, int] = {NO_DETAILS: 0}
        self._met: dict[int, tuple[Details, int]] = {}

    def number(self, details: Details) -> int:
        """Rows share their details: looking up who was met before spares comparing them."""
        met = self._met.get(id(details))
        if met is not None:
            return met[1]
        number = self._numbers.get(details)
        if number is None:
            self.details.append(details_to_json(details) or {})
            number = self._numbers[details] = len(self.details)
        self._met[id(details)] = (details, number)
        return number


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which places of the columns were written with another level, which only repeat, and which are not plain."""

    changed: NDArray[np.bool_]
    repeated: NDArray[np.bool_]
    replayed: NDArray[np.bool_]
    """Those of the repeated that were held already."""
    touched: NDArray[np.bool_]
    """Written, or held already as a replay tells it: the cache is to hear of them."""
    left: NDArray[np.bool_]


def keys_of(product_ids: NDArray[np.int32], store_ids: NDArray[np.int32]) -> NDArray[np.int64]:
    return store_ids.astype(np.int64) << 32 | product_ids


async def held_of(connection: Connection, columns: Columns, sizes: dict[int, int]) -> Holdings:
    """What is held of the columns' positions; of their whole stores where that is quicker.

    `sizes`: how many positions each store held that was read whole before; kept up here.
    """
    stores = np.unique(columns.store_ids).tolist()
    known = sum(sizes.get(store_id, 0) for store_id in stores)
    if len(columns) >= DENSE * len(stores) and known <= SPARSE * len(columns):
        held = await holdings.of_stores(connection, stores)
        sizes.update(held.sizes())
        return held
    return await holdings.of_keys(connection, columns.product_ids.tolist(), columns.store_ids.tolist())


async def pass_through(
    connection: Connection, columns: Columns, held: Holdings, covered: Mapping[int, datetime], mode: Mode
) -> Outcome:
    """Folds what is plain. `covered`: when this source stood by a store. Runs under the retailer's lock."""
    found, at, unique = _match(held.keys, columns.keys)
    mine = held.at(at)
    covered_us = _covered_us(columns.store_ids, covered)
    crc = np.array([0, *map(details_crc, columns.details)], dtype=np.int32)[columns.details_no]
    plain = found & mine.is_plain & (mine.source_ids == columns.source_id)
    same_stock = (mine.low == columns.low) & (mine.high == columns.high)
    same = plain & same_stock & (mine.details_crc == crc)
    replay = same & (mine.observed_us == columns.observed_us) & (mine.as_of_us == columns.as_of_us)
    late = columns.observed_us < covered_us
    if mode == "snapshot":
        late &= columns.as_of_us < covered_us
    newer = plain & ~late & (columns.observed_us > mine.covered_us)
    echo = newer & same & unique & ~replay
    unwritten = echo if mode == "snapshot" else np.zeros_like(echo)
    written = unique & ~replay & ~unwritten & ((~found & ~late) | newer)
    await _write(connection, columns, crc, written)
    replay &= unique
    repeated = replay | echo
    return Outcome(written & ~repeated, repeated, replay, written | replay, ~(written | replay | unwritten))


def _match(
    held: NDArray[np.int64], keys: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.bool_]]:
    """Of each place: whether it is held, where (any place, if not), and whether no other place has its key.

    Both sides are sorted before they are compared: looking up ascending keys stays in the processor's own memory.
    """
    order = np.argsort(keys)
    ascending = keys[order]
    found = np.zeros(len(keys), dtype=np.bool_)
    at = np.zeros(len(keys), dtype=np.intp)
    unique = np.zeros(len(keys), dtype=np.bool_)
    unique[order] = _alone(ascending)
    if len(held):
        held_order = np.argsort(held)
        held_ascending = held[held_order]
        places = np.minimum(np.searchsorted(held_ascending, ascending), len(held) - 1)
        found[order] = held_ascending[places] == ascending
        at[order] = held_order[places]
    return found, at, unique


def _alone(ascending: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ascending keys have no equal beside them."""
    differs = np.r_[True, ascending[1:] != ascending[:-1], True]
    alone: NDArray[np.bool_] = differs[1:] & differs[:-1]
    return alone


def _covered_us(store_ids: NDArray[np.int32], covered: Mapping[int, datetime]) -> NDArray[np.int64]:
    stores, places = np.unique(store_ids, return_inverse=True)
    moments = [micros(covered[store]) if store in covered else np.iinfo(np.int64).min for store in stores.tolist()]
    return np.array(moments, dtype=np.int64)[places]


async def _write(connection: Connection, columns: Columns, crc: NDArray[np.int32], written: NDArray[np.bool_]) -> None:
    if not written.any():
        return
    await connection.execute(INCOMING)
    rows = {
        "product_id": columns.product_ids[written].astype(">i4"),
        "store_id": columns.store_ids[written].astype(">i4"),
        "low": columns.low[written].astype(">i4"),
        "high": columns.high[written].astype(">i4"),
        "observed_at": (columns.observed_us[written] - wire.EPOCH_US).astype(">i8"),
        "as_of": (columns.as_of_us[written] - wire.EPOCH_US).astype(">i8"),
        "details_no": columns.details_no[written].astype(">i4"),
        "details_crc": crc[written].astype(">i4"),
    }
    await wire.send(connection, "incoming", rows)
    await connection.execute(WRITE, columns.source_id, columns.load_id, list(columns.details))
    await connection.execute("TRUNCATE incoming")

"""SQL of what is held of many positions at once, a column a field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import wire
from inventory_service.storage.postgres import Connection

Words = NDArray[np.int64]

LOW_HALF = (1 << 32) - 1
_HELD = f"""
SELECT {wire.words("p.store_id::bigint << 32 | p.product_id")},
       {wire.words("p.low::bigint << 32 | (coalesce(p.high::bigint, -1) + 1)")},
       {wire.words("p.observed_at")}, {wire.words("p.as_of")}, {wire.words("p.covered_at")},
       {wire.words("p.details_crc::bigint << 32 | (p.source_id::bigint << 1) | (p.reports IS NULL)::int")}
FROM position p
"""
OF_STORES = _HELD + "WHERE p.store_id = ANY ($1::int[])"
OF_KEYS = (
    _HELD
    + "JOIN unnest($1::text::int[], $2::text::int[]) AS wanted (product_id, store_id) USING (product_id, store_id)"
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Positions, a place each. `keys` are store_id << 32 | product_id, `high` -1: no upper bound.

    Times are microseconds since 1970. `is_plain`: nothing but records of one source stands behind the level.
    """

    keys: Words
    low: Words
    high: Words
    observed_us: Words
    as_of_us: Words
    covered_us: Words
    source_ids: Words
    details_crc: Words
    is_plain: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def store_ids(self) -> Words:
        return self.keys >> 32

    @property
    def product_ids(self) -> Words:
        return self.keys & LOW_HALF

    def sizes(self) -> dict[int, int]:
        """Positions of each store."""
        stores, counts = np.unique(self.store_ids, return_counts=True)
        return dict(zip(stores.tolist(), counts.tolist(), strict=True))

    def at(self, places: NDArray[np.intp]) -> "Holdings":
        """Some places, in this order; zeros where there are none at all."""
        columns = (getattr(self, one.name) for one in fields(self))
        return Holdings(*(one[places] if len(self) else np.zeros(len(places), dtype=one.dtype) for one in columns))

    def joined(self, more: "Holdings") -> "Holdings":
        """These, then `more`."""
        both = ((getattr(self, one.name), getattr(more, one.name)) for one in fields(self))
        return Holdings(*map(np.concatenate, both))


async def of_stores(connection: Connection, store_ids: Sequence[int]) -> Holdings:
    """All positions of some stores."""
    return _holdings(await wire.row(connection, OF_STORES, list(store_ids)))


async def of_keys(connection: Connection, product_ids: NDArray[np.int32], store_ids: NDArray[np.int32]) -> Holdings:
    """Those of some positions (two columns in step) that exist."""
    return _holdings(await wire.row(connection, OF_KEYS, wire.array(product_ids), wire.array(store_ids)))


def _holdings(row: Iterable[bytes | None]) -> Holdings:
    keys, stocks, observed, as_of, covered, more = map(wire.from_words, row)
    low, high = stocks >> 32, (stocks & LOW_HALF) - 1
    return Holdings(
        keys,
        low,
        high,
        observed + wire.EPOCH_US,
        as_of + wire.EPOCH_US,
        covered + wire.EPOCH_US,
        (more & LOW_HALF) >> 1,
        more >> 32,
        (more & 1).astype(np.bool_),
    )


NOTHING_HELD = _holdings([None] * 6)

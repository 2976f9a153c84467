"""SQL of levels with their address in the cache: what blocks are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage import wire
from inventory_service.storage.cache.block import Packed, assemble, pack_row
from inventory_service.storage.holdings import LOW_HALF
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.postgres import Connection

Address = tuple[int, int]
"""(product_id, neighbourhood_id): a block."""

Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]

Levels = dict[str, NDArray[Any]]
"""Levels by field, in columns: what `pack_columns` takes but the slot, with product_id and store_id."""

COLUMNS = (
    "p.version, p.low, p.high, p.observed_at, p.covered_at, p.source_id, p.leaning, p.details, p.shown_source_id,"
    " p.shown_at, p.shown_covered_at"
)

ODD = "(p.high <> p.low) IS TRUE OR p.covered_at <> p.observed_at OR p.leaning IS NOT NULL"
SOURCE_MASK = 0xFFFF
SHOWN = "p.shown_at IS NOT NULL"
APART = f"{SHOWN} AND (p.shown_source_id <> p.source_id OR p.shown_covered_at <> p.shown_at)"
_IN_COLUMNS = f"""
SELECT {wire.words("p.product_id::bigint << 32 | p.store_id")}, {wire.words("p.version::bigint << 32 | p.low")},
       {wire.words("p.observed_at")},
       {
    wire.words(
        f"(p.source_id::bigint << 5) | (({APART})::int << 4) | (({SHOWN})::int << 3)"
        f" | ((p.details IS NOT NULL)::int << 2) | (({ODD})::int << 1) | (p.high IS NULL)::int"
    )
},
       {wire.words_where(ODD, "p.covered_at")},
       {wire.words_where(ODD, "coalesce(p.leaning, 0)::bigint << 32 | (coalesce(p.high::bigint, -1) + 1)")},
       {wire.words_where(SHOWN, "p.shown_at")},
       {
    wire.words_where(APART, "floor(extract(epoch FROM p.shown_covered_at))::bigint << 16 | p.shown_source_id::bigint")
},
       array_agg(p.details::text) FILTER (WHERE p.details IS NOT NULL)
"""
"""Not all levels have a range, a coverage of their own, shoppers' words or details, or show other evidence than their
own, perhaps of another source or covered later than observed: of the others these are not sent.
"""

IN_COLUMNS = f"""{_IN_COLUMNS}
FROM unnest($1::text::int[], $2::text::int[]) AS wanted (product_id, store_id)
     JOIN position p USING (product_id, store_id)
"""

OF_RANGE = f"""{_IN_COLUMNS}
FROM (SELECT * FROM position WHERE product_id BETWEEN $1 AND $2 ORDER BY product_id, store_id LIMIT $3) p
"""

OF_BLOCKS = f"""
WITH now AS (SELECT pg_current_snapshot()::text AS horizon)
SELECT now.horizon, found.* FROM now LEFT JOIN (
    SELECT p.product_id, s.neighbourhood_id, s.slot, {COLUMNS}
    FROM unnest($1::int[], $2::int[]) AS wanted (product_id, neighbourhood_id)
    JOIN store s USING (neighbourhood_id) JOIN position p USING (product_id, store_id)
) AS found ON true
"""

OF_PRODUCT = f"""
WITH now AS (SELECT pg_current_snapshot()::text AS horizon)
SELECT now.horizon, found.* FROM now LEFT JOIN (
    SELECT p.product_id, s.neighbourhood_id, s.slot, {COLUMNS}
    FROM store s JOIN position p ON p.product_id = $1 AND p.store_id = s.store_id
    WHERE s.neighbourhood_id = ANY ($2::int[])
) AS found ON true
"""

SEATS = "SELECT store_id, neighbourhood_id, slot FROM store"
SEATS_OF = SEATS + " WHERE store_id = ANY ($1::int[])"

LISTED = "SELECT product_id, retailer_id FROM item WHERE product_id = ANY ($1::int[])"
NEIGHBOURHOODS = "SELECT DISTINCT retailer_id, neighbourhood_id FROM store"

KNOWN = """
SELECT w.product_id, w.neighbourhood_id
FROM unnest($1::int[], $2::int[]) AS w (product_id, neighbourhood_id)
JOIN product USING (product_id) JOIN neighbourhood USING (neighbourhood_id)
"""

STORES = """
SELECT r.slug AS retailer, s.store_code, s.neighbourhood_id, s.slot
FROM store s JOIN retailer r USING (retailer_id) WHERE s.neighbourhood_id = ANY ($1::int[])
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Levels by block and slot, and what the snapshot saw that they were read in."""

    by_block: dict[Address, dict[int, Packed]]
    horizon: Horizon

    def block(self, address: Address) -> bytes:
        return assemble(self.by_block.get(address, {}))


async def in_columns(connection: Connection, product_ids: Ids, store_ids: Ids) -> Levels:
    """The levels of some positions (two columns in step) by field, for `pack_columns`; in any order."""
    return _columns(await wire.row(connection, IN_COLUMNS, wire.array(product_ids), wire.array(store_ids)))


async def of_range(connection: Connection, first: int, last: int, at_most: int | None) -> Levels:
    """The levels of all products from `first` to `last`, or the first `at_most` of these levels; like `in_columns`."""
    return _columns(await wire.row(connection, OF_RANGE, first, last, at_most))


def _columns(row: Sequence[Any]) -> Levels:
    keys, counts, observed, more, odd_covered, odd_told, *shown = map(wire.from_words, row[:-1])
    odd, has_details = (more & 2).astype(np.bool_), (more & 4).astype(np.bool_)
    low, observed_s = counts & LOW_HALF, _unix_s(observed)
    high, covered_s, details = np.where(more & 1, -1, low), observed_s.copy(), np.full(len(keys), "", dtype=object)
    high[odd], covered_s[odd], details[has_details] = (odd_told & LOW_HALF) - 1, _unix_s(odd_covered), row[-1] or []
    leaning = np.zeros_like(low)
    leaning[odd] = odd_told >> 32
    own = {"source_id": more >> 5, "observed_s": observed_s, "covered_s": covered_s}
    return {
        "product_id": keys >> 32,
        "store_id": keys & LOW_HALF,
        "version": counts >> 32,
        "low": low,
        "high": high,
        **own,
        **_shown(own, (more & 8).astype(np.bool_), (more & 16).astype(np.bool_), *shown),
        "leaning": leaning,
        "details": details,
    }


def _shown(own: Levels, shows: Flags, apart: Flags, observed: Ids, told_apart: Ids) -> Levels:
    """What is shown without counts: their own evidence but of those that show another one."""
    if not shows.any():
        return {"shown_source_id": own["source_id"], "shown_s": own["observed_s"], "shown_covered_s": own["covered_s"]}
    shown_s, covered_s, source_id = own["observed_s"].copy(), own["covered_s"].copy(), own["source_id"].copy()
    shown_s[shows] = covered_s[shows] = _unix_s(observed)
    covered_s[apart], source_id[apart] = told_apart >> 16, told_apart & SOURCE_MASK
    return {"shown_source_id": source_id, "shown_s": shown_s, "shown_covered_s": covered_s}


def _unix_s(sent: Ids) -> Ids:
    return (sent + wire.EPOCH_US) // 1_000_000


async def of_product(connection: Connection, product_id: int, neighbourhood_ids: Sequence[int]) -> Held:
    """A product's levels in some neighbourhoods."""
    return _held(await connection.fetch(OF_PRODUCT, product_id, list(neighbourhood_ids)))


async def of_blocks(connection: Connection, addresses: Sequence[Address]) -> Held:
    """The levels of some blocks."""
    return _held(await connection.fetch(OF_BLOCKS, [one[0] for one in addresses], [one[1] for one in addresses]))


async def seats(connection: Connection, store_ids: Sequence[int] | None) -> list[Any]:
    """Rows of store_id, neighbourhood_id, slot: of all stores, or of some."""
    return await (connection.fetch(SEATS) if store_ids is None else connection.fetch(SEATS_OF, store_ids))


async def listed(connection: Connection, product_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(product_id, retailer_id) of who lists them."""
    return [(row["product_id"], row["retailer_id"]) for row in await connection.fetch(LISTED, product_ids)]


async def neighbourhoods(connection: Connection) -> list[tuple[int, int]]:
    """(retailer_id, neighbourhood_id) of all stores, each pair once."""
    return [(row["retailer_id"], row["neighbourhood_id"]) for row in await connection.fetch(NEIGHBOURHOODS)]


async def known(connection: Connection, addresses: Sequence[Address]) -> set[Address]:
    """Those blocks whose product and neighbourhood exist."""
    rows = await connection.fetch(KNOWN, [one[0] for one in addresses], [one[1] for one in addresses])
    return {(row["product_id"], row["neighbourhood_id"]) for row in rows}


async def store_names(connection: Connection, neighbourhood_ids: Iterable[int]) -> dict[tuple[int, int], str]:
    """(neighbourhood_id, slot) → retailer and store code, for people."""
    rows = await connection.fetch(STORES, sorted(neighbourhood_ids))
    return {(row["neighbourhood_id"], row["slot"]): f"{row['retailer']} {row['store_code']}" for row in rows}


def _held(rows: Sequence[Any]) -> Held:
    by_block: dict[Address, dict[int, Packed]] = {}
    for row in rows:
        if row["slot"] is not None:
            by_block.setdefault((row["product_id"], row["neighbourhood_id"]), {})[row["slot"]] = pack_row(
                row["slot"], row
            )
    return Held(by_block, Horizon.parse(rows[0]["horizon"]))

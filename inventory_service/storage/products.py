"""SQL of products and items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.product import Product
from inventory_service.domain.words import normalised
from inventory_service.storage.offered import COLUMNS, product_of
from inventory_service.storage.postgres import Connection

ITEMS_BY_GTIN = """
SELECT DISTINCT ON (p.gtin) p.gtin, i.item_id, i.stands_in
FROM product p JOIN item i USING (product_id)
WHERE p.gtin = ANY ($2::text[]) AND i.retailer_id = $1 AND p.merged_into IS NULL
  AND (p.owner_id IS NULL OR p.owner_id = $1)
ORDER BY p.gtin, i.stands_in, i.rank, i.item_id
"""

ITEMS = """
SELECT i.item_id, i.product_id, i.rank, i.stands_in, i.price, i.as_of AS item_as_of, p.gtin, p.owner_id, p.name,
       p.brand, p.image_url, p.category, p.described_by, p.as_of
FROM item i JOIN product p USING (product_id)
WHERE i.retailer_id = $1 AND i.item_id = ANY ($2::text[])
"""

NUMBERS = "SELECT item_id, product_id, rank FROM item WHERE retailer_id = $1 AND item_id = ANY ($2::text[])"

BY_GTIN = """
SELECT p.product_id, p.gtin, p.owner_id, p.name, p.brand, p.image_url, p.category, p.described_by, p.as_of
FROM product p
WHERE p.gtin = ANY ($1::text[]) AND p.merged_into IS NULL AND (p.owner_id IS NULL OR p.owner_id = $2)
"""

ADD = """
INSERT INTO product (gtin, owner_id, name, brand, image_url, category, words, described_by, as_of)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
                     $9::timestamptz[])
ON CONFLICT DO NOTHING
RETURNING product_id, gtin
"""

DESCRIBE = """
UPDATE product p SET gtin = new.gtin, owner_id = new.owner_id, name = new.name, brand = new.brand,
       image_url = new.image_url, category = new.category, words = new.words, described_by = new.described_by,
       as_of = new.as_of
FROM unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[],
            $10::timestamptz[])
     AS new (product_id, gtin, owner_id, name, brand, image_url, category, words, described_by, as_of)
WHERE p.product_id = new.product_id
"""

PUT_ITEMS = """
INSERT INTO item (retailer_id, item_id, product_id, rank, price, as_of, stands_in)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::smallint[], $5::jsonb[], $6::timestamptz[], $7::bool[])
ON CONFLICT (retailer_id, item_id) DO UPDATE SET
    product_id = excluded.product_id, rank = excluded.rank, price = excluded.price, as_of = excluded.as_of,
    stands_in = excluded.stands_in
"""

TAKE_OUT = "DELETE FROM item WHERE retailer_id = $1 AND item_id = ANY ($2::text[])"

MERGE = """
WITH moved AS (UPDATE item SET product_id = $2 WHERE product_id = $1)
UPDATE product SET merged_into = $2 WHERE product_id = $1
"""

GTINS = "SELECT gtin, owner_id FROM product WHERE product_id = ANY ($1::int[]) AND gtin IS NOT NULL"

_NUMBERED = """
SELECT coalesce(string_agg(int4send(product_id) || int8send(gtin::bigint), '')
    FILTER (WHERE gtin IS NOT NULL AND owner_id IS NULL AND merged_into IS NULL), '')
FROM product WHERE {condition}
"""
NUMBERED = _NUMBERED.format(condition="product_id BETWEEN $1 AND $2")
NUMBERED_OF = _NUMBERED.format(condition="product_id = ANY ($1::int[])")

_LISTED = """({owners}::int[] IS NULL OR EXISTS (
    SELECT FROM item i WHERE i.product_id = p.product_id AND i.retailer_id = ANY ({owners})
))"""
SEARCH = f"""
SELECT {COLUMNS} FROM product p
WHERE to_tsvector('simple', p.words) @@ to_tsquery('simple', $1) AND p.merged_into IS NULL AND p.name IS NOT NULL
  AND p.product_id > $2 AND {_LISTED.format(owners="$4")}
ORDER BY p.product_id LIMIT $3
"""
SIMILAR = f"""
SELECT {COLUMNS} FROM product p
WHERE $1 <% p.words AND p.merged_into IS NULL AND p.name IS NOT NULL AND {_LISTED.format(owners="$3")}
ORDER BY word_similarity($1, p.words) DESC, p.product_id LIMIT $2
"""
BROWSE = f"""
SELECT {COLUMNS} FROM product p
WHERE p.name IS NOT NULL AND p.merged_into IS NULL AND p.product_id > $1 AND {_LISTED.format(owners="$3")}
ORDER BY p.product_id LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product's own columns; `described_by` is the retailer whose feed named it."""

    gtin: str | None
    owner_id: int | None
    name: str | None
    brand: str | None
    image_url: str | None
    category: str | None
    described_by: int | None
    as_of: datetime


class Numbered(NamedTuple):
    """Products in step with their GTINs as numbers."""

    product_ids: NDArray[np.int64]
    gtins: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A retailer's item as held. `price` is the JSON of storage/offers.py."""

    item_id: str
    product_id: int
    price: dict[str, Any] | None
    as_of: datetime
    rank: int = 0
    stands_in: bool = False
    """Told by its GTIN alone: the next item with this GTIN takes its place."""


@dataclass(frozen=True, slots=True)
class FirstItem:
    """Of a retailer's items with one GTIN the first; one that stands in only where there is no other."""

    item_id: str
    stands_in: bool


async def items(
    connection: Connection, retailer_id: int, item_ids: Sequence[str]
) -> dict[str, tuple[ItemRecord, ProductRecord]]:
    """item_id → the item and its product."""
    rows = await connection.fetch(ITEMS, retailer_id, list(item_ids))
    return {
        row["item_id"]: (
            ItemRecord(
                row["item_id"], row["product_id"], row["price"], row["item_as_of"], row["rank"], row["stands_in"]
            ),
            product_record(row),
        )
        for row in rows
    }


async def numbers(connection: Connection, retailer_id: int, item_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """item_id → (product_id, rank) of the items that are known."""
    rows = await connection.fetch(NUMBERS, retailer_id, item_ids)
    return {row["item_id"]: (row["product_id"], row["rank"]) for row in rows}


async def by_gtin(
    connection: Connection, gtins: Sequence[str], owner_id: int
) -> dict[tuple[str, int | None], tuple[int, ProductRecord]]:
    """(gtin, owner) → (product_id, product), among everyone's products and this owner's."""
    rows = await connection.fetch(BY_GTIN, list(gtins), owner_id)
    return {(row["gtin"], row["owner_id"]): (row["product_id"], product_record(row)) for row in rows}


async def add(connection: Connection, records: Sequence[ProductRecord]) -> list[tuple[int, str | None]]:
    """Inserts products; returns (product_id, gtin) of those that no one else had added meanwhile."""
    rows = await connection.fetch(ADD, *_columns(records))
    return [(row["product_id"], row["gtin"]) for row in rows]


async def describe(connection: Connection, records: Mapping[int, ProductRecord]) -> None:
    """Rewrites products by id."""
    await connection.execute(DESCRIBE, list(records), *_columns(list(records.values())))


async def items_by_gtin(connection: Connection, retailer_id: int, gtins: Sequence[str]) -> dict[str, FirstItem]:
    """GTIN → the retailer's first item that is this product, for those it has."""
    rows = await connection.fetch(ITEMS_BY_GTIN, retailer_id, list(gtins))
    return {row["gtin"]: FirstItem(row["item_id"], row["stands_in"]) for row in rows}


async def put_items(connection: Connection, retailer_id: int, records: Sequence[ItemRecord]) -> None:
    await connection.execute(
        PUT_ITEMS,
        retailer_id,
        [record.item_id for record in records],
        [record.product_id for record in records],
        [record.rank for record in records],
        [record.price for record in records],
        [record.as_of for record in records],
        [record.stands_in for record in records],
    )


async def take_out(connection: Connection, retailer_id: int, item_ids: Sequence[str]) -> None:
    """Items that stood in and whose place another has taken."""
    await connection.execute(TAKE_OUT, retailer_id, list(item_ids))


async def merge(connection: Connection, product_id: int, into: int) -> None:
    """Marks a product as having turned out to be another."""
    await connection.execute(MERGE, product_id, into)


async def gtins(connection: Connection, product_ids: Sequence[int]) -> list[tuple[str, int | None]]:
    """GTIN and owner of those products that have one."""
    return [(row["gtin"], row["owner_id"]) for row in await connection.fetch(GTINS, list(product_ids))]


async def numbered(connection: Connection, first: int, last: int) -> Numbered:
    """Products with a GTIN that anybody may have, from `first` to `last`."""
    return _numbered(await connection.fetchval(NUMBERED, first, last))


async def numbered_of(connection: Connection, product_ids: Sequence[int]) -> Numbered:
    """Those of `product_ids` with a GTIN that anybody may have."""
    return _numbered(await connection.fetchval(NUMBERED_OF, product_ids))


async def search(
    connection: Connection, text: str, limit: int, after: int, owners: Sequence[int] | None = None
) -> list[Product]:
    """Products whose name or brand holds every word of `text`, the last one as a beginning; by id from `after` on.

    `owners`: retailers of which one at least lists them; None: anybody.
    """
    words = normalised(text).split()
    if not words:
        return [product_of(row, None) for row in await connection.fetch(BROWSE, after, limit, owners)]
    query = " & ".join(f"'{word}':*" for word in words)
    return [product_of(row, None) for row in await connection.fetch(SEARCH, query, after, limit, owners)]


async def similar(connection: Connection, text: str, limit: int, owners: Sequence[int] | None = None) -> list[Product]:
    """Products that look like `text`, for the misspelt; `owners` as in `search`."""
    return [product_of(row, None) for row in await connection.fetch(SIMILAR, normalised(text), limit, owners)]


def product_record(row: Any) -> ProductRecord:
    return ProductRecord(
        row["gtin"],
        row["owner_id"],
        row["name"],
        row["brand"],
        row["image_url"],
        row["category"],
        row["described_by"],
        row["as_of"],
    )


def _numbered(told: bytes) -> Numbered:
    rows = np.frombuffer(told, dtype=[("product_id", ">i4"), ("gtin", ">i8")])
    return Numbered(rows["product_id"].astype(np.int64), rows["gtin"].astype(np.int64))


def _columns(records: Sequence[ProductRecord]) -> list[list[Any]]:
    return [
        [record.gtin for record in records],
        [record.owner_id for record in records],
        [record.name for record in records],
        [record.brand for record in records],
        [record.image_url for record in records],
        [record.category for record in records],
        [normalised(f"{record.name or ''} {record.brand or ''}") for record in records],
        [record.described_by for record in records],
        [record.as_of for record in records],
    ]

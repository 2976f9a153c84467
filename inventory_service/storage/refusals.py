"""What sources told that could not be used: reasons with examples, unknown stores and items; bounded work."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from inventory_service.storage.postgres import Connection

RECENT_LOADS = 1_000
"""What is told of a source is told of so many of its loads, the newest."""
EXAMPLES = 3
MOST = 1_000
"""Unknown stores and items are counted up to this."""

RECENT = f"""
FROM source s CROSS JOIN LATERAL
     (SELECT * FROM load WHERE source_id = s.source_id ORDER BY load_id DESC LIMIT {RECENT_LOADS}) l
"""
"""Each source `s` with its newest loads `l`."""

REASONS = f"""
WITH met AS MATERIALIZED (
    SELECT s.source_id, one.key AS reason, sum(one.value::bigint)::bigint AS count, max(l.load_id) AS load_id
    {RECENT} CROSS JOIN jsonb_each_text(l.reasons) one GROUP BY s.source_id, one.key)
SELECT met.source_id, met.reason, met.count, met.load_id, l.file, x.line, x.field, x.detail
FROM met JOIN load l USING (load_id) LEFT JOIN LATERAL (
    SELECT line, field, detail, rejected_id FROM rejected r
    WHERE r.load_id = met.load_id AND r.reason = met.reason ORDER BY r.store_code, r.rejected_id LIMIT {EXAMPLES}
) x ON true
ORDER BY met.source_id, met.count DESC, met.reason, x.rejected_id
"""
UNKNOWN_STORES = f"""
WITH told AS MATERIALIZED (
    SELECT s.source_id, max(l.load_id) AS load_id {RECENT} WHERE l.reasons ? 'unknown_store' GROUP BY s.source_id)
SELECT told.source_id, codes.store_code FROM told CROSS JOIN LATERAL (
    WITH RECURSIVE code AS (
        (SELECT store_code, retailer_id FROM rejected
         WHERE load_id = told.load_id AND reason = 'unknown_store' AND store_code IS NOT NULL
         ORDER BY store_code LIMIT 1)
        UNION ALL
        SELECT beyond.store_code, beyond.retailer_id FROM code CROSS JOIN LATERAL (
            SELECT store_code, retailer_id FROM rejected
            WHERE load_id = told.load_id AND reason = 'unknown_store' AND store_code > code.store_code
            ORDER BY store_code LIMIT 1) beyond)
    SELECT store_code, retailer_id FROM code LIMIT {MOST}
) codes
WHERE NOT EXISTS (SELECT FROM store s WHERE s.retailer_id = codes.retailer_id AND s.store_code = codes.store_code)
ORDER BY told.source_id, codes.store_code
"""
UNKNOWN_ITEMS = f"""
WITH told AS MATERIALIZED (SELECT DISTINCT s.source_id, s.retailer_id {RECENT} WHERE l.new_items > 0),
     nameless AS MATERIALIZED (
    SELECT product_id FROM product WHERE name IS NULL AND merged_into IS NULL ORDER BY product_id DESC LIMIT {MOST})
SELECT told.source_id, i.item_id
FROM nameless JOIN item i USING (product_id) JOIN told ON told.retailer_id = i.retailer_id
WHERE EXISTS (SELECT FROM position p WHERE p.product_id = i.product_id AND p.source_id = told.source_id)
ORDER BY told.source_id, i.item_id
"""

Found = dict[str, Any]


async def reasons(connection: Connection) -> dict[int, Found]:
    """source_id → reason → {count, examples}. The examples are of the newest load that has any."""
    told: dict[int, Found] = defaultdict(dict)
    for row in await connection.fetch(REASONS):
        entry = told[row["source_id"]].setdefault(row["reason"], {"count": row["count"], "examples": []})
        if row["line"] is not None:
            entry["examples"].append({name: row[name] for name in ("load_id", "file", "line", "field", "detail")})
    return told


async def unknown_stores(connection: Connection) -> dict[int, Found]:
    """source_id → {count, examples}: store codes of the newest load that met some, as far as they are unknown still."""
    return _samples(await connection.fetch(UNKNOWN_STORES))


async def unknown_items(connection: Connection) -> dict[int, Found]:
    """source_id → {count, examples}: items whose stock this source told last and no product feed has named yet."""
    return _samples(await connection.fetch(UNKNOWN_ITEMS))


def _samples(rows: Sequence[Any]) -> dict[int, Found]:
    found: dict[int, list[str]] = defaultdict(list)
    for source_id, name in rows:
        found[source_id].append(name)
    return {source_id: {"count": len(names), "examples": names[:EXAMPLES]} for source_id, names in found.items()}

"""SQL of what the model learns from: the reports that positions keep, with their names."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from inventory_service.domain.belief.histories import Histories, Place
from inventory_service.storage import positions
from inventory_service.storage.learned import source_names
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import position_from_row

STORES_AT_ONCE = 50
STORES = "SELECT store_id FROM store ORDER BY store_id"
OF_STORES = f"""
SELECT {positions.COLUMNS}, {positions.BEHIND}, r.slug AS retailer, m.category
FROM position p JOIN store s USING (store_id) JOIN retailer r USING (retailer_id) JOIN product m USING (product_id)
WHERE p.store_id = ANY ($1::int[]) AND m.merged_into IS NULL
ORDER BY (p.reports IS NULL), (p.tail IS NULL), p.product_id, p.store_id LIMIT $2
"""
COVERED = """
SELECT c.store_id, c.source_id, c.told_at FROM coverage c WHERE c.store_id = ANY ($1::int[])
"""


async def histories(connection: Connection, most: int) -> Histories:
    """Those of at most so many positions, spread over all stores; of each store those that have been told most of.

    A place is named by the retailer's slug and our ids.
    """
    names, found = await source_names(connection), Histories()
    store_ids = [row["store_id"] for row in await connection.fetch(STORES)]
    each = max(1, most // max(1, len(store_ids)))
    for first in range(0, len(store_ids), STORES_AT_ONCE):
        some = store_ids[first : first + STORES_AT_ONCE]
        left = most - len(found.positions)
        if left <= 0:
            break
        _take(found, await connection.fetch(OF_STORES, some, min(left, each * len(some))), names)
        _cover(found, await connection.fetch(COVERED, some), names)
    return found.ordered()


def _take(found: Histories, rows: Iterable[Any], names: dict[int, str]) -> None:
    for row in rows:
        held = position_from_row(row)
        place = Place(row["retailer"], str(held.store_id), str(held.product_id))
        position = found.position(place, row["category"] or "")
        for report in held.history.counted:
            source_id = found.source_id(*_parts(names[report.source_id]))
            position.reports.append(replace(report, source_id=source_id))


def _cover(found: Histories, rows: Iterable[Any], names: dict[int, str]) -> None:
    for row in rows:
        retailer, source = _parts(names[row["source_id"]])
        source_id = found.source_id(retailer, source)
        for moment in row["told_at"]:
            found.cover(retailer, str(row["store_id"]), source_id, moment)


def _parts(name: str) -> tuple[str, str]:
    retailer, _, source = name.partition("/")
    return retailer, source

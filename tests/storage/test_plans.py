"""Every statement has its index: none reads a table whole that grows with positions, products or changes."""

import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import inventory_service.storage
from inventory_service.storage.postgres import Pool

GROWING = {
    *("position", "product", "item", "change", "report"),
    *("confirmation", "idempotency", "asked", "shopper_report"),
    *("webhook_product", "webhook_told", "webhook_delivery"),
}
BEGINNINGS = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")
WHOLE = {
    "OF_STORES": "all of some stores, which a fit learns from",
    "SAMPLE": "a few hundred pages, drawn at random",
    "LAST_PRODUCT": "its index's last entry",
    "BACKLOG": "an index of what waits alone",
    "SIMILAR": "the index of trigrams, once there are rows",
    "UNKNOWN_ITEMS": "an index of the few products without a name",
}
"""Those that have no condition for an index, and what they read instead."""


def statements() -> Iterator[Any]:
    """Those of all storage modules; what others are made of has braces, or a name that begins with a line."""
    for module in pkgutil.walk_packages(inventory_service.storage.__path__, "inventory_service.storage."):
        if "migrations" in module.name:
            continue
        for name, value in vars(import_module(module.name)).items():
            whole = name.isupper() and name[0] != "_" and isinstance(value, str) and "{" not in value
            if whole and value.strip().startswith(BEGINNINGS):
                yield pytest.param(name, value, id=f"{module.name.rpartition('.')[2]}.{name}")


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Scan" in plan["Node Type"]:
        yield plan
    for inner in plan.get("Plans", ()):
        yield from scans(inner)


async def plan_of(pool: Pool, statement: str) -> dict[str, Any]:
    """As Postgres plans it for any parameters, where an index is taken whenever one can serve."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan")
        wanted = len((await connection.prepare(statement)).get_parameters())
        await connection.execute(f"PREPARE looked_at AS {statement}")
        given = f"({', '.join(['NULL'] * wanted)})" if wanted else ""
        explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at{given}")
        await connection.execute("DEALLOCATE looked_at")
        plan: dict[str, Any] = json.loads(explained)[0]["Plan"] if isinstance(explained, str) else explained[0]["Plan"]
        return plan


@pytest.mark.parametrize(("name", "statement"), list(statements()))
async def test_a_statement_reads_no_growing_table_whole(pool: Pool, name: str, statement: str) -> None:
    whole = [
        scan
        for scan in scans(await plan_of(pool, statement))
        if scan.get("Relation Name") in GROWING and "Index Cond" not in scan and "Recheck Cond" not in scan
    ]
    assert not whole or name in WHOLE, whole


async def test_a_scan_without_its_index_is_noticed(pool: Pool) -> None:
    plan = await plan_of(pool, "SELECT 1 FROM product WHERE gtin = $1 AND owner_id IS NOT DISTINCT FROM $2::int")
    assert any("Index Cond" not in scan for scan in scans(plan))

"""The demo world as something to measure: small, always the same, and there within seconds."""

import asyncio
import time
import urllib.request
from pathlib import Path

import asyncpg

from loadtests import usage
from loadtests.bench.changing import Stream, batched, of_shops
from loadtests.bench.cores import Cores
from loadtests.bench.probing import ingest_key
from loadtests.bench.programs import House, command, environment, house
from loadtests.client.questions import DEMO_GTIN

RETAILER, SOURCE, STORES, ITEMS = "bench-shops", "till", 100, 100
FILLED_WITHIN_S = 120.0


def build(data: Path, cores: Cores) -> int:
    """The demo world, and shops whose counts will change; returns how many positions there are."""
    with house(environment(data, DEMO="1"), cores) as home:
        _until_answered(home)
        rows = (f"s{store},Shop {store},{33 + store / 100:.2f},-66\n" for store in range(STORES))
        stores = data / "shops.csv"
        stores.write_text("store_code,name,lat,lon\n" + "".join(rows))
        words = ("--retailer", RETAILER, "--format", "csv", "--mapping", "stores-simple", str(stores))
        command(home.environment, "store_sync", "load", *words)
        return asyncio.run(_positions(data)) + STORES * ITEMS


def stream(home: House, _wanted: int) -> Stream:
    """Endless."""
    return Stream(batched(of_shops(RETAILER, STORES, ITEMS)), ingest_key(home), SOURCE)


def _until_answered(home: House) -> None:
    question = f"{home.url}/v1/availability?gtin={DEMO_GTIN}&lat=40.73&lon=-74.0&limit=10"
    until_s = time.monotonic() + FILLED_WITHIN_S
    while urllib.request.urlopen(question, timeout=10).read().count(b'"distance_m"') < 10:
        if time.monotonic() > until_s:
            raise SystemExit("The demo world was never filled.")
        time.sleep(0.2)


async def _positions(data: Path) -> int:
    connection = await asyncpg.connect(
        host=usage.postgres_sockets(data), user="nearshelf", database="nearshelf", timeout=10
    )
    try:
        return int(await connection.fetchval("SELECT count(*) FROM position"))
    finally:
        await connection.close()

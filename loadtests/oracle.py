"""Every answer in a seeded world beside a search through all stores: `python -m loadtests.oracle --data-dir DIR`.

The oracle reads all stores and each product's levels from Postgres, measures every distance as a geodesic on WGS84, and
puts them in order as the contract says. Questions come from near stores and from hard places: the poles, the
antimeridian, the very point of a store; radii from a metre to 500 km. Asks over loopback; the last line is one JSON
object.
"""

import argparse
import asyncio
import json
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import numpy as np
from pyproj import Geod

from loadtests import usage
from loadtests.world.programs import environment, serving

GEOD = Geod(ellps="WGS84")
HORIZON = timedelta(days=14)
"""The default of the setting `HORIZON_S`."""
LIKELY = ("in_stock", "limited_availability")
RANK = {"in_stock": 0, "limited_availability": 0, "unknown": 1, "out_of_stock": 2}
HARD = ((90.0, 0.0), (-90.0, 12.5), (89.95, 170.0), (-16.8, 179.99), (-16.8, -179.99), (0.0, 0.0), (71.3, -156.8))
RADII_M = (1.0, 5_000.0, 50_000.0, 200_000.0, 500_000.0)
POSTGRES_WITHIN_S = 60
LEVELS = """
SELECT p.store_id, p.low, p.high, greatest(p.covered_at, c.covered_at) AS covered_at
FROM position p LEFT JOIN coverage c USING (store_id, source_id) WHERE p.product_id = $1
"""


@dataclass(frozen=True)
class Stores:
    """All of them: place in the arrays by id, degrees."""

    at: dict[int, int]
    ids: list[int]
    lats: Any
    lons: Any


@dataclass(frozen=True)
class Question:
    """As it is asked."""

    product_id: int
    lat: float
    lon: float
    radius_m: float
    limit: int
    quantity: int

    @property
    def target(self) -> str:
        return (
            f"/v1/availability?product={self.product_id}&lat={self.lat}&lon={self.lon}&radius_m={self.radius_m}"
            f"&limit={self.limit}&quantity={self.quantity}"
        )

    def with_gtin(self, gtin: str) -> str:
        return self.target.replace(f"product={self.product_id}", f"gtin={gtin}")


def word(low: int, high: int | None, quantity: int, age: timedelta) -> str:
    """Of exact counts and of ranges that the quantity does not lie in: a world has no others."""
    if age > HORIZON:
        return "unknown"
    if high is not None and high < quantity:
        return "out_of_stock"
    return "in_stock" if low > 2 else "limited_availability"


def expected(question: Question, stores: Stores, levels: list[Any], minute: datetime) -> tuple[list[Any], Any]:
    """(store id, metres, word) of each result, and of the nearest beyond."""
    at = [stores.at[row["store_id"]] for row in levels]
    lats, lons = stores.lats[at], stores.lons[at]
    here = np.full(len(at), question.lon), np.full(len(at), question.lat)
    metres = GEOD.inv(*here, lons, lats)[2] if len(at) else np.empty(0)
    found = [
        (word(row["low"], row["high"], question.quantity, minute - row["covered_at"]), float(far), row["store_id"])
        for row, far in zip(levels, metres, strict=True)
    ]
    inside = sorted((RANK[said], far, store, said) for said, far, store in found if far <= question.radius_m)
    beyond = sorted((far, store, said) for said, far, store in found if far > question.radius_m and said in LIKELY)
    best = [(store, round(far), said) for _, far, store, said in inside[: question.limit]]
    nearest = [(store, round(far), said) for far, store, said in beyond[:1]]
    return best, None if not nearest or any(said in LIKELY for _, _, said in best) else nearest[0]


def told(document: dict[str, Any]) -> tuple[list[Any], Any]:
    def seen(result: dict[str, Any]) -> tuple[int, int, str]:
        return (result["store"]["id"], result["distance_m"], result["availability"])

    beyond = document["nearest_beyond"]
    return [seen(one) for one in document["results"]], None if beyond is None else seen(beyond)


def drawn(random: Random, stores: Stores, products: list[int]) -> Question:
    at = random.randrange(len(stores.ids))
    lat, lon = float(stores.lats[at]), float(stores.lons[at])
    kind = random.random()
    if kind < 0.15:
        lat, lon = random.choice(HARD)
    elif kind < 0.9:
        lat = round(min(90.0, max(-90.0, lat + random.gauss(0, 0.3))), 6)
        lon = round((lon + random.gauss(0, 0.3) + 540) % 360 - 180, 6)
    limit, quantity = random.choice((1, 5, 10, 10, 50)), random.choice((1, 1, 2, 3))
    return Question(random.choice(products), lat, lon, random.choice(RADII_M), limit, quantity)


async def compared(url: str, data: Path, questions: int, seed: int) -> dict[str, Any]:
    random, counts = Random(seed), Counter[str]()
    connection = await asyncpg.connect(
        host=usage.postgres_sockets(data), user="nearshelf", database="nearshelf", timeout=POSTGRES_WITHIN_S
    )
    rows = await connection.fetch("SELECT store_id, lat, lon FROM store ORDER BY store_id", timeout=POSTGRES_WITHIN_S)
    ids = [row["store_id"] for row in rows]
    lats, lons = np.array([row["lat"] for row in rows]), np.array([row["lon"] for row in rows])
    stores = Stores({one: at for at, one in enumerate(ids)}, ids, lats, lons)
    last = await connection.fetchval("SELECT max(product_id) FROM product", timeout=POSTGRES_WITHIN_S)
    shared = await connection.fetch(
        "SELECT product_id FROM item WHERE product_id <= 200 GROUP BY 1 HAVING count(*) > 1", timeout=POSTGRES_WITHIN_S
    )
    products = [random.randint(1, last) for _ in range(300)] + [row["product_id"] for row in shared] * 10
    for number in range(questions):
        question = drawn(random, stores, products)
        levels = await connection.fetch(LEVELS, question.product_id, timeout=POSTGRES_WITHIN_S)
        gtin = await connection.fetchval(
            "SELECT gtin FROM product WHERE product_id = $1", question.product_id, timeout=POSTGRES_WITHIN_S
        )
        target = question.with_gtin(gtin) if number % 4 else question.target
        while True:
            minute = datetime.now(UTC).replace(second=0, microsecond=0)
            document = await asyncio.to_thread(answer, url + target)
            if minute == datetime.now(UTC).replace(second=0, microsecond=0):
                break
        results, beyond = told(document)
        same = (results, beyond) == expected(question, stores, levels, minute)
        counts["questions"] += 1
        counts["results"] += len(results)
        counts["beyond"] += beyond is not None
        counts["different"] += not same
        if not same:
            print(target, (results, beyond), expected(question, stores, levels, minute), sep="\n  ")
    await connection.close()
    return {**counts, "different": counts["different"], **await asyncio.to_thread(searches, url)}


def answer(url: str) -> dict[str, Any]:
    try:
        return dict(json.loads(urllib.request.urlopen(url, timeout=30).read()))
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{url}: {error.code} {error.read().decode()[:300]}") from error


def searches(url: str) -> dict[str, float]:
    """How many were answered by the compiled kernel, how many by the search without haste."""
    lines = urllib.request.urlopen(url + "/metrics", timeout=30).read().decode().splitlines()
    found = [line for line in lines if line.startswith("nearshelf_searches_total")]
    return {f"by_{line.split(chr(34))[1]}": float(line.split()[-1]) for line in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of a world made by loadtests.world")
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    variables = environment(given.data_dir)
    with serving("store_sync", variables), serving("inventory_service", variables) as url:
        print(json.dumps(asyncio.run(compared(url, given.data_dir, given.questions, given.seed))))


if __name__ == "__main__":
    main()

"""What it costs a bot without a key to map one chain, and how much of the counts it then knows. HTTP alone.

It asks for a product from the place of a store that it has not seen, with the most stores an answer has, until it has
seen all stores of the chain that have the product: that many requests take one look at one product everywhere.
"""

import argparse
import asyncio
import json
import math
from collections import Counter
from typing import Any

import aiohttp

MOST_STORES, WIDEST_M = 50, 500_000
SPENT_A_MINUTE, COST = 60_000, 8
"""What one address may spend without a key, and what each of these questions counts as (docs/KEYS.md)."""
MINUTES_A_DAY = 1_440
HOP_M = 250_000
"""From so far away from where it has asked the bot asks for stores again."""
SURELY_WITHIN_M, EARTH_M = 495_000, 6_371_000


async def stores_of(session: aiohttp.ClientSession, retailer: str, near: str) -> dict[int, Any]:
    """The chain's stores by id, as far as they are found from one to the next."""
    seen = await stores_around(session, {"near": near, "retailer": retailer})
    left, asked = list(seen.values()), []
    while left:
        start = left.pop()
        if all(_apart_m(start, one) > HOP_M for one in asked):
            asked.append(start)
            here = {"lat": start["lat"], "lon": start["lon"], "retailer": retailer}
            found = await stores_around(session, here)
            left += [one for store_id, one in found.items() if store_id not in seen]
            seen |= found
    return seen


async def stores_around(session: aiohttp.ClientSession, place: dict[str, Any]) -> dict[int, Any]:
    """All within the widest radius, page by page."""
    found: dict[int, Any] = {}
    page: dict[str, Any] = {**place, "limit": MOST_STORES, "radius_m": WIDEST_M}
    while True:
        async with session.get("/v1/stores", params=page) as response:
            told = await _told(response)
        found |= {one["id"]: one for one in told["results"]}
        if told["next"] is None:
            return found
        page["cursor"] = told["next"]


async def _told(response: aiohttp.ClientResponse) -> Any:
    """Raises SystemExit where the bot is refused."""
    if response.status not in (200, 404):
        raise SystemExit(f"{response.status}: {await response.text()}")
    return await response.json()


async def look(
    session: aiohttp.ClientSession, gtin: str, retailer: str, stores: dict[int, Any]
) -> tuple[int, dict[int, Any]]:
    """How many requests one look at a product took, and what it told of each store that has it."""
    unseen, told, requests = set(stores), {}, 0
    while unseen:
        start = stores[min(unseen)]
        asked = {"gtin": gtin, "lat": start["lat"], "lon": start["lon"], "retailer": retailer}
        async with session.get(
            "/v1/availability", params={**asked, "limit": MOST_STORES, "radius_m": WIDEST_M}
        ) as response:
            results = (await _told(response)).get("results", [])
        requests += 1
        told |= {one["store"]["id"]: one for one in results}
        unseen -= {start["id"], *told}
        if len(results) < MOST_STORES:
            unseen -= {one for one in unseen if _apart_m(start, stores[one]) < SURELY_WITHIN_M}
    return requests, told


def _apart_m(one: Any, other: Any) -> float:
    """On a sphere."""
    lat, lon, to_lat, to_lon = (math.radians(place[name]) for place in (one, other) for name in ("lat", "lon"))
    half = math.sin((to_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(to_lat) * math.sin((to_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half))


def days(requests_a_product: float, products: int) -> float:
    """Of one address, for one look at everything."""
    return requests_a_product * products * COST / SPENT_A_MINUTE / MINUTES_A_DAY


async def measured(given: argparse.Namespace) -> dict[str, object]:
    async with aiohttp.ClientSession(given.url) as session:
        stores = await stores_of(session, given.retailer, given.near)
        async with session.get("/v1/products", params={"limit": 50}) as response:
            products = [one["gtin"] for one in (await _told(response))["results"] if one["gtin"]][: given.products]
        looks = [await look(session, gtin, given.retailer, stores) for gtin in products]
        looks = [(requests, told) for requests, told in looks if told]
    bands: Counter[str] = Counter(str(one["quantity_band"]) for _, told in looks for one in told.values())
    shelves, each = sum(bands.values()), sum(requests for requests, _ in looks) / max(1, len(looks))
    return {
        "stores": len(stores),
        "products": len(looks),
        "shelves": shelves,
        "requests_a_product": round(each, 2),
        "bands": dict(bands),
        "count_known_share": round(bands["0"] / max(1, shelves), 3),
        "days_for_100000_products": round(days(each, 100_000), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--retailer", required=True)
    parser.add_argument("--near", required=True)
    parser.add_argument("--products", type=int, default=30)
    print(json.dumps(asyncio.run(measured(parser.parse_args()))))


if __name__ == "__main__":
    main()

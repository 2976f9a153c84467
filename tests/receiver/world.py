"""Two shops, their sources, and senders of every kind."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from geo.point import Point
from inventory_service.domain.feed import ProductRow, Row, StoreRow
from inventory_service.storage import keys
from inventory_service.storage.postgres import Pool
from inventory_service.storage.stores import RetailerProfile
from store_sync.declared import Declared, DeclaredSource
from store_sync.formats.signatures import shopify_signature, square_signature
from store_sync.load import FeedOrder, Loader

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACME = "Bearer sk_acme_0123456789"
ANY = "Bearer sk_any_0123456789"
READER = "Bearer sk_reader_0123456789"
SECRET, OLD_SECRET, KEY = b"shpss_new", b"shpss_old", b"square_key"
NOTIFICATION_URL = "https://shop.example/v1/webhooks/square/acme-square"
ENVIRONMENT = {"NEW": SECRET.decode(), "OLD": OLD_SECRET.decode(), "SQUARE": KEY.decode()}
DECLARED = Declared(
    [
        DeclaredSource("acme", "acme-shopify", "shopify", vendor="shopify", secrets=("NEW", "OLD")),
        DeclaredSource(
            "acme", "acme-square", "square", vendor="square", secrets=("SQUARE",), notification_url=NOTIFICATION_URL
        ),
        DeclaredSource("acme", "mute", "shopify", vendor="shopify", secrets=("UNSET",)),
        DeclaredSource("acme", "nightly", "google-local-inventory", snapshot=True),
    ]
)
HEADER = "store_code\tid\tquantity\n"
QUANTITIES = """
SELECT s.store_code, i.item_id, p.low FROM position p JOIN store s USING (store_id) JOIN item i USING (product_id)
WHERE i.retailer_id = s.retailer_id
"""


@dataclass(frozen=True)
class Heard:
    """A whole response."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [orjson.loads(line) for line in self.body.splitlines()]

    @property
    def pointers(self) -> list[str]:
        return sorted({fault["pointer"] for fault in self.json["errors"]})


@dataclass(frozen=True)
class Receiver:
    """A receiver that runs, and the database behind it."""

    url: str
    port: int
    session: aiohttp.ClientSession
    pool: Pool
    spool: Path

    async def post(self, path: str, body: Any, key: str | None = ACME, **headers: str) -> Heard:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            spelled["Authorization"] = key
        async with self.session.post(self.url + path, data=body, headers=spelled) as response:
            return Heard(response.status, response.headers, await response.read())

    async def get(self, path: str, key: str | None = ACME) -> Heard:
        headers = {} if key is None else {"Authorization": key}
        async with self.session.get(self.url + path, headers=headers) as response:
            return Heard(response.status, response.headers, await response.read())

    async def shopify(self, body: bytes, secret: bytes = SECRET, source: str = "acme-shopify", **headers: str) -> Heard:
        signature = shopify_signature(secret, body)
        path = f"/v1/webhooks/shopify/{source}"
        return await self.post(path, body, None, X_Shopify_Hmac_Sha256=signature, **headers)

    async def square(self, body: bytes) -> Heard:
        signature = square_signature(KEY, NOTIFICATION_URL, body)
        path = "/v1/webhooks/square/acme-square"
        return await self.post(path, body, None, x_square_hmacsha256_signature=signature)

    async def quantities(self) -> dict[tuple[str, str], int]:
        """(store_code, item_id) → pieces."""
        return {(row[0], row[1]): row[2] for row in await self.pool.fetch(QUANTITIES)}


def at(minutes: float) -> str:
    """So many minutes before our clock."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


def tsv(*rows: tuple[str, str, int]) -> bytes:
    """A Google text feed of (store_code, item_id, quantity)."""
    return (HEADER + "".join(f"{code}\t{item}\t{quantity}\n" for code, item, quantity in rows)).encode()


def level(item: int, location: int, available: int | None, minutes: float = 5) -> bytes:
    """Shopify's body."""
    told = {"inventory_item_id": item, "location_id": location, "available": available, "updated_at": at(minutes)}
    return json.dumps(told).encode()


def counts(event_id: str, *told: tuple[str, str, str], minutes: float = 5) -> bytes:
    """Square's body: (item, location, quantity)."""
    rows = [
        {
            "catalog_object_id": item,
            "location_id": location,
            "state": "IN_STOCK",
            "quantity": quantity,
            "calculated_at": at(minutes),
        }
        for item, location, quantity in told
    ]
    return json.dumps(
        {"type": "inventory.count.updated", "event_id": event_id, "data": {"object": {"inventory_counts": rows}}}
    ).encode()


def said(kind: str, store: str, item: str, quantity: int, minutes: float = 5, **more: Any) -> bytes:
    """A line of events; `id` names sales and deliveries."""
    told = {"kind": kind, "store_code": store, "item_id": item, "quantity": quantity, "observed_at": at(minutes)}
    return orjson.dumps(told | more) + b"\n"


async def describe_shops(pool: Pool) -> None:
    shops = [Row(2, store=StoreRow(code, f"Store {code}", point=Point(47.6, -122.3))) for code in ("1", "2")]
    items = [Row(2, product=ProductRow(item, name=f"Item {item}")) for item in ("10", "20")]
    order = FeedOrder(RetailerProfile("acme", "Acme"), "nouns", "nouns", "any")
    await Loader(pool, lambda: NOW).load(order, [*shops, *items])


async def add_key(pool: Pool, secret: str, *, retailer: str | None, scope: str = "ingest") -> int:
    """Its id."""
    return await keys.add(
        pool,
        kind="sk",
        secret=secret,
        name="test",
        scopes=[scope],
        origins=[],
        retailer=retailer,
        store_ids=[],
        now=NOW,
    )


async def eventually(holds: Callable[[], Awaitable[Any]], within_s: float = 10.0) -> Any:
    """What `holds` gives once that is true. Fails after `within_s`."""
    async with asyncio.timeout(within_s):
        while not (found := await holds()):
            await asyncio.sleep(0.01)
    return found


async def pieces(blocks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """A body that is sent as it comes."""
    for block in blocks:
        yield block

"""Two retailers with their stores, staff of each, and a counter at which they tell what they see."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson

from inventory_service.lookup.service import Service
from inventory_service.storage import keys
from inventory_service.storage.postgres import Pool
from tests.sync.world import GTIN, NOW, OWN_GTIN, Syncer, at, count, item, shop

UNHEARD = "04006381333931"
CONFIRMATIONS = "/v1/staff/confirmations"
STAFF, ONE_STORE, OTHERS, COUNTING = "st_acme_0123", "st_acme_s1_0123", "st_zeta_0123", "st_acme_counts_0123"
READER, SHOP = "sk_reader_0123", "pk_shop_0123"


@dataclass
class Time:
    """A clock that is moved by hand."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def passes(self, **how: float) -> None:
        self.moment += timedelta(**how)

    def ago(self, minutes: float) -> datetime:
        return self.moment - timedelta(minutes=minutes)


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
    def pointers(self) -> list[str]:
        return sorted({fault["pointer"] for fault in self.json["errors"]})


@dataclass
class Counter:
    """A running service, and who speaks to it."""

    session: aiohttp.ClientSession
    service: Service
    pool: Pool
    time: Time
    sync: Syncer
    store_ids: dict[str, int] = field(default_factory=dict)
    """By `retailer/store_code`."""

    async def send(self, method: str, path: str, key: str | None = STAFF, body: Any = None, **headers: str) -> Heard:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            spelled["Authorization"] = f"Bearer {key}"
        data = body if isinstance(body, bytes | None) else orjson.dumps(body)
        async with self.session.request(method, path, data=data, headers=spelled) as response:
            return Heard(response.status, response.headers, await response.read())

    async def confirm(self, key: str | None = STAFF, name: str | None = None, **told: Any) -> Heard:
        """`name`: the Idempotency-Key. Without other words: an empty shelf of GTIN at s1."""
        headers = {} if name is None else {"Idempotency-Key": name}
        return await self.send("POST", CONFIRMATIONS, key, words(**told), **headers)

    async def undo(self, confirmation_id: str, key: str = STAFF) -> Heard:
        return await self.send("POST", f"{CONFIRMATIONS}/{confirmation_id}/undo", key)

    async def get(self, path: str, key: str | None = STAFF) -> Heard:
        return await self.send("GET", f"/v1/staff/{path}", key)

    async def held(self, gtin: str = GTIN, code: str = "s1", retailer: str = "acme") -> Any:
        """The shelf of sync.world."""
        return (await self.sync.shelves()).get((retailer, code, gtin))


def words(**told: Any) -> dict[str, Any]:
    """A body: an empty shelf of GTIN at s1, but for what is told; None leaves a field out."""
    store = {} if {"store_id", "store_code"} & told.keys() else {"store_code": "s1"}
    product = {} if {"gtin", "scan", "product", "item_id"} & told.keys() else {"gtin": GTIN}
    seen = {} if {"shelf", "quantity"} & told.keys() else {"shelf": "none"}
    return {name: value for name, value in {**store, **product, **seen, **told}.items() if value is not None}


async def furnish(sync: Syncer) -> dict[str, int]:
    """Ids of the stores by `retailer/store_code`."""
    for retailer in ("acme", "zeta"):
        rows = [
            shop("s1"),
            shop("s2"),
            item("i1", GTIN, name="Paxlovid"),
            item("own", OWN_GTIN, name="Salad"),
            item("plain", name="Twine"),
            *(count(code, "i1", 5, at(60)) for code in ("s1", "s2")),
        ]
        await sync.load(rows, retailer)
    rows = await sync.fetch("SELECT r.slug, s.store_code, s.store_id FROM store s JOIN retailer r USING (retailer_id)")
    return {f"{row['slug']}/{row['store_code']}": row["store_id"] for row in rows}


async def add_keys(pool: Pool, store_ids: dict[str, int]) -> None:
    await _add(pool, "st", STAFF, retailer="acme")
    await _add(pool, "st", COUNTING, retailer="acme", scopes=["read", "counts"])
    await _add(pool, "st", ONE_STORE, retailer="acme", store_ids=[store_ids["acme/s1"], store_ids["zeta/s1"]])
    await _add(pool, "st", OTHERS, retailer="zeta")
    await _add(pool, "sk", READER, scopes=["read", "counts", "ingest"])
    await _add(pool, "pk", SHOP)


async def _add(pool: Pool, kind: str, secret: str, **about: Any) -> None:
    async with pool.acquire() as connection:
        await keys.add(
            connection,
            kind=kind,
            secret=secret,
            name=f"the one that begins with {secret[:6]}",
            scopes=about.get("scopes", ["read"]),
            origins=[],
            retailer=about.get("retailer"),
            store_ids=about.get("store_ids", []),
            now=NOW,
        )

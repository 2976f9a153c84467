"""A stand-in for the staff's part of the service: the real page, canned products, words kept or refused."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from inventory_service.runtime.http.protection import PAGE_POLICY, SCANNER_DEVICES, protect
from tests.pages.twin import STATIC

Json = dict[str, Any]

SECRET = "st_clerk-of-two-stores_0123456789"
SINGLE = "st_clerk-of-one-store_0123456789abcd"
CHAIN = "st_clerk-of-a-chain_0123456789abcd"
STORES: list[Json] = [
    {"id": 9, "store_code": "0009", "name": "Acme Broadway", "address": "1535 Broadway, New York, NY 10036"},
    {"id": 11, "store_code": "0011", "name": "Acme Harlem", "address": "125 W 125th St, New York, NY 10027"},
]
MANY_STORES: list[Json] = [
    {"id": number, "store_code": f"{number:04}", "name": f"Acme {number}", "address": f"{number} Elm St, Springfield"}
    for number in range(100, 600)
]
HIGHLIGHTER: Json = {
    "id": 21,
    "gtin": "04006381333931",
    "name": "Stabilo Boss highlighter, yellow",
    "brand": "Stabilo",
    "image_url": "https://elsewhere.example/boss.png",
}
TISSUES: Json = {"id": 22, "gtin": "00036000291452", "name": "Tissues, 85 sheets", "brand": "Softly", "image_url": None}
OAT_BAR: Json = {"id": 77, "gtin": None, "name": "House-brand oat bar", "brand": None, "image_url": None}
PRODUCTS = [HIGHLIGHTER, TISSUES, OAT_BAR]
HELD: Json = {"availability": "in_stock", "probability": 0.7, "quantity_band": "3+", "as_of": "2026-11-20T03:31:10Z"}
OFTEN = "Said to be there 2 days ago; asked for 41 times a day."
SELDOM = "Said to be there 9 days ago; seldom asked for."
CHECKS: list[Json] = [
    HELD | {"product": HIGHLIGHTER, "aisle": "7", "asked_per_day": 41.5, "value": 3.1, "why": OFTEN},
    HELD | {"product": OAT_BAR, "aisle": "Aisle 12", "asked_per_day": 0.1, "value": 0.4, "why": SELDOM},
]


class StaffTwin:
    """Answers, and remembers what it was told.

    `statuses`: what the next confirmations get instead of 201. `gone`: all is 503. `answered_at`: what its clock says,
    None for the true time.
    """

    def __init__(self) -> None:
        self.keys = {SECRET: STORES, SINGLE: STORES[:1], CHAIN: MANY_STORES}
        self.statuses: list[int] = []
        self.gone = False
        self.answered_at: str | None = None
        self.said: dict[str, Json] = {}
        self.attempts: list[str] = []
        self.undone: list[str] = []

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/staff", self._page)
        app.router.add_get("/staff-worker.js", self._worker)
        app.router.add_get("/v1/staff/me", self._me)
        app.router.add_get("/v1/staff/checks", self._checks)
        app.router.add_get("/v1/staff/position", self._position)
        app.router.add_post("/v1/staff/confirmations", self._confirm)
        app.router.add_post("/v1/staff/confirmations/{id}/undo", self._undo)
        app.router.add_static("/static", STATIC)
        app.on_response_prepare.append(_protect)
        return app

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "staff.html", headers={"Permissions-Policy": SCANNER_DEVICES})

    async def _worker(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "staff-worker.js", headers={"Content-Security-Policy": PAGE_POLICY})

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return problem(503, "Nothing can be reached.") if self.gone else await handler(request)

    async def _me(self, request: web.Request) -> web.Response:
        stores = self._stores(request)
        if stores is None:
            return problem(401, "This key is not known.")
        answered_at = self.answered_at or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return web.json_response({"answered_at": answered_at, "retailer": "acme", "name": "till", "stores": stores})

    async def _checks(self, request: web.Request) -> web.Response:
        if self._stores(request) is None:
            return problem(401, "This key is not known.")
        return web.json_response({"results": CHECKS, "next": None})

    async def _position(self, request: web.Request) -> web.Response:
        if self._stores(request) is None:
            return problem(401, "This key is not known.")
        if "scan" in request.query:
            return problem(400, "The request has invalid values", [{"pointer": "scan", "detail": "has no GTIN"}])
        product = _product(request.query)
        return web.json_response(HELD | {"store": STORES[0], "product": product, "aisle": "7"})

    async def _confirm(self, request: web.Request) -> web.Response:
        key, body = request.headers["Idempotency-Key"], await request.json()
        self.attempts.append(key)
        if self._stores(request) is None:
            return problem(401, "This key is not known.")
        if self.statuses and (status := self.statuses.pop(0)) != 201:
            return problem(status, f"Refused with {status}.")
        self.said.setdefault(key, body)
        number = str(list(self.said).index(key) + 1)
        return web.json_response({"id": number, "product": _product(body), "undone_at": None}, status=201)

    async def _undo(self, request: web.Request) -> web.Response:
        self.undone.append(request.match_info["id"])
        return web.json_response({"id": request.match_info["id"], "undone_at": "2026-11-22T03:40:12Z"})

    def _stores(self, request: web.Request) -> list[Json] | None:
        return self.keys.get(request.headers.get("Authorization", "").removeprefix("Bearer "))


@asynccontextmanager
async def serving(twin: StaffTwin) -> AsyncIterator[str]:
    """Serves the twin on a free port and gives its origin."""
    runner = web.AppRunner(twin.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


def problem(status: int, detail: str, errors: list[Json] | None = None) -> web.Response:
    body = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail, "errors": errors or []}
    headers = {"Retry-After": "1"} if status in (429, 503) else {}
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json", headers=headers)


def _product(asked: Any) -> Json:
    wanted = {name: str(asked[name]) for name in ("gtin", "product", "item_id") if name in asked}
    known = (one for one in PRODUCTS if wanted in ({"gtin": one["gtin"]}, {"product": str(one["id"])}))
    unknown: Json = {"id": None, "gtin": asked.get("gtin"), "name": None, "brand": None, "image_url": None}
    return next(known, unknown)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    protect(response.headers, response.content_type)

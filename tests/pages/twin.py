"""A stand-in for the service, for the page's tests: the real page files, canned answers of the contract's shape."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

import inventory_service.web
from tests.pages import reports, world
from tests.pages.streaming import Streams

STATIC = Path(inventory_service.web.__file__).parent / "static"
PAGE_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Twin:
    """Answers, and remembers what was asked and said. `changes` are laid over the first result, as shelf news."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.failing = False
        self.refusing: tuple[int, str] | None = None
        self.changes: dict[str, Any] = {}
        self.looks = reports.FULL
        self.words: list[dict[str, Any]] = []
        self.streams = Streams(self._answer)

    def tell(self, **changes: Any) -> None:
        """News from the shelf, for those who ask and those who listen."""
        self.changes = changes
        self.streams.wake()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/docs", self._docs)
        app.router.add_get("/accuracy", self._accuracy_page)
        app.router.add_get("/v1/accuracy", self._accuracy)
        app.router.add_get("/v1/products", self._products)
        app.router.add_get("/v1/places", self._places)
        app.router.add_get("/v1/availability", self._availability)
        app.router.add_get("/v1/availability/stream", self.streams.handle)
        app.router.add_post("/v1/reports", self._reports)
        app.router.add_static("/static", STATIC)
        app.on_response_prepare.append(_guard)
        return app

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _accuracy_page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "accuracy.html")

    async def _accuracy(self, request: web.Request) -> web.Response:
        if self.refusing:
            return _problem(self.refusing[0], "Refused", self.refusing[1], retry_after_s=15)
        if self.failing:
            return _problem(503, "Unavailable", "The service cannot answer just now.", retry_after_s=5)
        return web.json_response(reports.told(self.looks, int(request.query["days"])))

    async def _docs(self, request: web.Request) -> web.Response:
        return web.Response(text="the manual")

    async def _products(self, request: web.Request) -> web.Response:
        text = request.query.get("q", "").lower()
        found = [each for each in world.PRODUCTS if text in f"{each['name']} {each['brand']} {each['gtin']}".lower()]
        return web.json_response({"results": found, "next": None})

    async def _places(self, request: web.Request) -> web.Response:
        text = request.query["q"].lower()
        found = [each for each in world.PLACES if text in each["label"].lower()]
        return web.json_response({"results": found, "next": None})

    async def _availability(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        response = self._answer(request)
        self.statuses.append(response.status)
        return response

    async def _reports(self, request: web.Request) -> web.Response:
        if self.failing:
            return _problem(429, "More has been sent than is taken", "That is enough for today.", retry_after_s=60)
        self.words.append(await request.json())
        return web.json_response({"id": "1", "counted": True, "found": True, "observed_at": ""}, status=201)

    def _answer(self, request: web.Request) -> web.Response:
        query = request.query
        if self.refusing:
            return _problem(self.refusing[0], "Refused", self.refusing[1], retry_after_s=15)
        faults = list(_faults(query))
        if faults:
            return _problem(400, "The request has invalid values", faults[0]["detail"], faults)
        product = _product(query)
        if product is None:
            return _problem(404, "Not found", "No store has told us about this product.")
        if self.failing or product["gtin"] == world.DOWN:
            return _problem(503, "Unavailable", "The service cannot answer just now.", retry_after_s=5)
        body = world.answer(product, _origin(query))
        if body["results"]:
            body["results"][0] |= self.changes
        return _tagged(request, body)


@asynccontextmanager
async def serving(twin: Twin) -> AsyncIterator[str]:
    """Serves the twin on a free port and gives its origin."""
    runner = web.AppRunner(twin.application(), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


def _tagged(request: web.Request, body: world.Json) -> web.Response:
    visible = {name: value for name, value in body.items() if name != "answered_at"}
    tag = f'W/"{hashlib.sha256(json.dumps(visible).encode()).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=1, stale-while-revalidate=10"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return web.json_response(body, headers=headers)


def _product(query: Mapping[str, str]) -> world.Json | None:
    wanted = query.get("gtin", "").zfill(14)
    found = (each for each in world.PRODUCTS if each["gtin"] == wanted or str(each["id"]) == query.get("product"))
    return next(found, None)


def _origin(query: Mapping[str, str]) -> world.Json:
    if "near" not in query:
        return {"lat": float(query["lat"]), "lon": float(query["lon"]), "label": None}
    place = next((each for each in world.PLACES if query["near"].lower() in each["label"].lower()), world.PLACES[0])
    return {"lat": place["lat"], "lon": place["lon"], "label": place["label"]}


def _faults(query: Mapping[str, str]) -> list[dict[str, str]]:
    known = {"gtin", "product", "near", "lat", "lon", "radius_m", "limit"}
    faults = [{"pointer": name, "detail": "There is no such parameter."} for name in query if name not in known]
    if query.get("gtin", "").endswith("0"):
        faults.append({"pointer": "gtin", "detail": "The check digit should be 1."})
    if query.get("near") == "nowhere":
        faults.append({"pointer": "near", "detail": "is no place that we know"})
    if abs(float(query.get("lat", "0"))) > 90:
        faults.append({"pointer": "lat", "detail": "A latitude lies between -90 and 90."})
    return faults


def _problem(
    status: int, title: str, detail: str, faults: list[dict[str, str]] | None = None, retry_after_s: int | None = None
) -> web.Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": faults or []}
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json", headers=headers)


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    page = response.content_type == "text/html"
    response.headers["Content-Security-Policy"] = PAGE_POLICY if page else DATA_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"

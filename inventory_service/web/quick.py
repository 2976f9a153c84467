"""GET /v1/availability without detours: usual questions without a key or with a publishable one, answered as the usual
way answers them.
"""

import asyncio
import time
from datetime import timedelta

from aiohttp import HttpVersion, HttpVersion11
from aiohttp.web_request import BaseRequest
from multidict import CIMultiDictProxy

from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.domain.errors import CacheError, NearshelfError, UnavailableError
from inventory_service.domain.key import Key
from inventory_service.lookup.cached import Cached, Then
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.callers import Callers
from inventory_service.runtime.http.middlewares import error_log, observed
from inventory_service.runtime.http.problems import error_response
from inventory_service.runtime.http.quick import Answered, Asked, QuickResponse, Today
from inventory_service.settings import Settings
from inventory_service.spending.meter import Meter
from inventory_service.web.asking import naming_product
from inventory_service.web.availability import in_bands, require_one_owner
from inventory_service.web.identity import ANYONE
from inventory_service.web.metrics import Metrics
from inventory_service.web.negotiating import takes_gzip
from inventory_service.web.quick_charge import Charge, Till
from inventory_service.web.quick_heads import NOBODYS, Heads, HeadsByOrigin
from inventory_service.web.quick_keys import Keyring
from inventory_service.web.quick_places import NamedPlaces
from inventory_service.web.quick_query import QuickQuery, read_quickly
from inventory_service.web.replying import COMPRESSED_FROM_BYTES, Reply, cache_control, compressed, is_held
from inventory_service.web.written import Writer

Heard = CIMultiDictProxy[str]
ROUTE = "/v1/availability"
TARGET = ROUTE + "?"
LINKED = "ld+json"


class Quick:
    """One worker's quick way; None wherever the question, or who asks it, is unusual."""

    def __init__(
        self, service: Service, writer: Writer, metrics: Metrics, callers: Callers, settings: Settings
    ) -> None:
        self._service, self._writer, self._metrics = service, writer, metrics
        self._till, self._deadline_s = Till(callers, service, metrics.limits), settings.deadline_s
        self._keys, self._places = Keyring(service, required=settings.require_key), NamedPlaces(service)
        self._today = Today()
        self._heads = HeadsByOrigin(cache_control("public", settings.cache_max_age_s), ROUTE)

    def take(self, message: Asked, answered: Answered, peer: str) -> bool:
        """Where all is known but what the cache tells in a round trip or two."""
        target = message.path
        if not (target.startswith(TARGET) and message.method == "GET" and not message.should_close):
            return False
        if not _usual(message.version, message.headers):
            return False
        try:
            asked = self._read(target, message.headers)
            if asked is None:
                return False
            query, key = asked
            charge = self._till.charge(query.question, key, peer, message.headers)
            turn = Turn(self, query.place, target, message.headers, answered, charge)
            if charge.short is not None:
                turn.refused(charge.short)
            elif self._service.shortcut.unheard(query.question[0]):
                turn.not_found(query.question[0])
            elif not self._service.shortcut.begin(query.question, turn.then):
                charge.give_back()
                return False
            return True
        except Exception:
            error_log.exception("request failed", route=ROUTE)
            return False

    async def __call__(self, request: BaseRequest) -> QuickResponse | None:
        target = request.raw_path
        if not (target.startswith(TARGET) and request.method == "GET" and request.keep_alive):
            return None
        if request.can_read_body or not _usual(request.version, request.headers):
            return None
        asked = self._read(target, request.headers)
        if asked is None:
            return None
        query, key = asked
        began = time.perf_counter()
        charge = self._till.charge(query.question, key, request.remote or "", request.headers)
        response = await self._with_more(request, query, charge)
        observed(self._metrics.requests, request.method, target, ROUTE, response.status, time.perf_counter() - began)
        return response

    def reply(self, cached: Cached, place: bytes, then: Then) -> Reply | None:
        """None where it takes more: then `then` will be called with that, or else has been called with None."""
        try:
            reply = self._writer.quick_reply(cached, place)
        except CacheError:
            self._service.shortcut.forget(cached)
            then(None)
            return None
        if reply is not None:
            self._service.demand.count(cached.known.product_id)
        elif not self._service.shortcut.further(cached, then):
            then(None)
        return reply

    def told(self, reply: Reply, headers: Heard, charge: Charge) -> QuickResponse:
        """The response to a GET, out of the cache; counted."""
        self._metrics.from_cache += 1
        self._metrics.by_kernel += 1
        return self._response(headers, reply, charge)

    def not_known(self, gtin: int, headers: Heard, charge: Charge) -> QuickResponse:
        """The response about a product that nobody knows."""
        self._till.paid(charge)
        head, body = self._heads_for(headers, charge).unknown
        return self._whole(404, head, body.replace(NOBODYS.encode(), b"%014d" % gtin), charge)

    def refused(self, short: Meter, headers: Heard, charge: Charge) -> QuickResponse:
        """The response to whoever has not so much left; counted."""
        return self._problem(self._till.refused(charge, short), ROUTE, headers, charge)

    def observed(self, status: int, target: str, began: float) -> None:
        """Counts a GET outside of any task."""
        observed(self._metrics.requests, "GET", target, ROUTE, status, time.perf_counter() - began)

    def _read(self, target: str, headers: Heard) -> tuple[QuickQuery, Key | None] | None:
        """None where it, or who asks, is unusual, or it names no place that is known for sure."""
        known = self._keys.read(target, headers)
        if known is None:
            return None
        query = read_quickly(known[0], len(TARGET))
        if query is None:
            return None
        if not query.near:
            return query, known[1]
        origin = self._places.origin(query.near)
        return None if origin is None else (query.at(origin), known[1])

    def _heads_for(self, headers: Heard, charge: Charge) -> Heads:
        return self._heads.of(ANYONE if charge.key is None else headers["Origin"])

    async def _with_more(self, request: BaseRequest, query: QuickQuery, charge: Charge) -> QuickResponse:
        """Where more is needed than the nearest blocks out of the cache."""
        if charge.short is not None:
            return self.refused(charge.short, request.headers, charge)
        gtin, lat, lon, radius_m, limit, quantity, arrive_in_s = query.question
        if self._service.shortcut.unheard(gtin):
            return self.not_known(gtin, request.headers, charge)
        try:
            async with asyncio.timeout(self._deadline_s):
                require_one_owner(f"{gtin:014d}", frozenset())
                with naming_product("gtin"):
                    product = await self._service.product_by_gtin(f"{gtin:014d}", frozenset())
                arrive_in = timedelta(seconds=arrive_in_s)
                question = Question(product, Point(lat, lon), radius_m, limit, quantity, arrive_in)
                at_once = self._service.shortcut.blocks_of(gtin)
                reply = await in_bands(question, query.origin(), self._service, self._writer, self._metrics, at_once)
        except TimeoutError:
            return self._problem(UnavailableError(), request.raw_path, request.headers, charge)
        except NearshelfError as error:
            return self._problem(error, request.raw_path, request.headers, charge)
        return self._response(request.headers, reply, charge)

    def _problem(self, error: NearshelfError, target: str, headers: Heard, charge: Charge) -> QuickResponse:
        response = error_response(error, target)
        return self._whole(response.status, *self._heads_for(headers, charge).told(response), charge)

    def _whole(self, status: int, head: bytes, body: bytes, charge: Charge) -> QuickResponse:
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        return QuickResponse(status, b"".join((head, self._today.line(), charge.lines(), length, body)))

    def _response(self, headers: Heard, reply: Reply, charge: Charge) -> QuickResponse:
        self._till.paid(charge)
        etag, limits, heads = reply.etag, charge.lines(), self._heads_for(headers, charge)
        tag = b"ETag: %b\r\n" % etag.encode()
        if "If-None-Match" in headers and is_held(headers.getall("If-None-Match"), etag):
            return QuickResponse(304, b"%b%b%b%b\r\n" % (heads.unchanged, self._today.line(), limits, tag))
        head, body = heads.plain, reply.body
        if len(body) > COMPRESSED_FROM_BYTES and takes_gzip(headers.get("Accept-Encoding", "")):
            head, body = heads.packed, compressed(body)
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        return QuickResponse(200, b"".join((head, self._today.line(), limits, tag, length, body)))


class Turn:
    """One request outside of any task."""

    __slots__ = ("_answered", "_began", "_charge", "_headers", "_place", "_quick", "_target")

    def __init__(
        self,
        quick: Quick,
        place: bytes,
        target: str,
        headers: Heard,
        answered: Answered,
        charge: Charge,
    ) -> None:
        self._quick, self._place, self._target, self._headers, self._answered = quick, place, target, headers, answered
        self._began, self._charge = time.perf_counter(), charge

    def not_found(self, gtin: int) -> None:
        self._at_once(self._quick.not_known(gtin, self._headers, self._charge))

    def refused(self, short: Meter) -> None:
        self._at_once(self._quick.refused(short, self._headers, self._charge))

    def then(self, cached: Cached | None) -> None:
        if cached is None:
            self._usual_way()
            return
        try:
            reply = self._quick.reply(cached, self._place, self.then)
            response = reply and self._quick.told(reply, self._headers, self._charge)
        except Exception:
            error_log.exception("request failed", route=ROUTE)
            self._usual_way()
            return
        if response:
            self._quick.observed(response.status, self._target, self._began)
            self._answered(response.raw)

    def _at_once(self, response: QuickResponse) -> None:
        """Answered in the next turn of the loop."""
        self._quick.observed(response.status, self._target, self._began)
        asyncio.get_running_loop().call_soon(self._answered, response.raw)

    def _usual_way(self) -> None:
        self._charge.give_back()
        self._answered(None)


def _usual(version: HttpVersion, headers: Heard) -> bool:
    if version != HttpVersion11 or "Authorization" in headers or "Expect" in headers:
        return False
    return "Accept" not in headers or LINKED not in headers["Accept"].lower()

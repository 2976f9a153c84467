"""GET /v1/availability without detours: usual questions without a key, answered as the usual way answers them."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import cast

from aiohttp import HttpVersion, HttpVersion11, web
from aiohttp.http import RawRequestMessage
from aiohttp.web_request import BaseRequest
from multidict import CIMultiDict, CIMultiDictProxy

from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.domain.errors import NearshelfError, UnavailableError
from inventory_service.lookup.cached import Cached, Then
from inventory_service.lookup.service import Service, unknown_gtin
from inventory_service.runtime.http.callers import Callers
from inventory_service.runtime.http.middlewares import error_log, observed
from inventory_service.runtime.http.problems import error_response
from inventory_service.runtime.http.protection import protect
from inventory_service.runtime.http.quick import Answered, QuickResponse, Today
from inventory_service.spending.meter import Meter
from inventory_service.web.asking import naming_product
from inventory_service.web.availability import in_bands, require_one_owner
from inventory_service.web.identity import ANYONE
from inventory_service.web.metrics import Metrics
from inventory_service.web.negotiating import JSON, takes_gzip
from inventory_service.web.quick_charge import Charge, Till
from inventory_service.web.quick_places import NamedPlaces
from inventory_service.web.quick_query import QuickQuery, read_quickly
from inventory_service.web.replying import COMPRESSED_FROM_BYTES, VARY, Reply, cache_control, compressed, is_held
from inventory_service.web.security import share
from inventory_service.web.written import Writer

ROUTE = "/v1/availability"
TARGET = ROUTE + "?"
LINKED = "ld+json"
NOBODYS = "0" * 14
"""Stands for any GTIN; it is none."""


class Quick:
    """One worker's quick way; None wherever the question, or who asks it, is unusual."""

    def __init__(
        self, service: Service, writer: Writer, metrics: Metrics, callers: Callers, deadline_s: float, max_age_s: int
    ) -> None:
        self._service, self._writer, self._metrics = service, writer, metrics
        self._till, self._deadline_s = Till(callers, service.ledger, metrics.limits), deadline_s
        self._today, caching = Today(), cache_control("public", max_age_s)
        self._unchanged = _head("304 Not Modified", {"Cache-Control": caching, "Vary": VARY})
        told = {"Cache-Control": caching, "Vary": VARY, "Content-Type": JSON}
        self._plain = _head("200 OK", told)
        self._packed = _head("200 OK", {**told, "Content-Encoding": "gzip"})
        self._places = NamedPlaces(service)
        self._unknown = _told(error_response(unknown_gtin(NOBODYS), ROUTE))

    def take(self, message: RawRequestMessage, answered: Answered, peer: str) -> bool:
        """Where all is known but what the cache tells in a round trip or two."""
        target = message.path
        if not (target.startswith(TARGET) and message.method == "GET" and not message.should_close):
            return False
        if not _usual(message.version, message.headers):
            return False
        try:
            query = self._read(target)
            if query is None:
                return False
            charge = self._till.charge(query.question, peer, message.headers)
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
        query = self._read(target)
        if query is None:
            return None
        began = time.perf_counter()
        charge = self._till.charge(query.question, request.remote or "", request.headers)
        response = await self._with_more(request, query, charge)
        observed(self._metrics.requests, request.method, target, ROUTE, response.status, time.perf_counter() - began)
        return response

    def reply(self, cached: Cached, place: bytes, then: Then) -> Reply | None:
        """None where it takes more: then `then` will be called with that, or else has been called with None."""
        reply = self._writer.quick_reply(cached, place)
        if reply is not None:
            self._service.demand.count(cached.known.product_id)
        elif not self._service.shortcut.further(cached, then):
            then(None)
        return reply

    def told(self, reply: Reply, headers: CIMultiDictProxy[str], charge: Charge) -> QuickResponse:
        """The response to a GET, out of the cache; counted."""
        self._metrics.from_cache += 1
        self._metrics.by_kernel += 1
        return self._response(headers, reply, charge)

    def not_known(self, gtin: int, charge: Charge) -> QuickResponse:
        """The response about a product that nobody knows."""
        self._till.paid(charge)
        head, body = self._unknown
        return self._whole(404, head, body.replace(NOBODYS.encode(), b"%014d" % gtin), charge)

    def refused(self, short: Meter, charge: Charge) -> QuickResponse:
        """The response to whoever has not so much left; counted."""
        return self._problem(self._till.refused(charge, short), ROUTE, charge)

    def observed(self, status: int, target: str, began: float) -> None:
        """Counts a GET outside of any task."""
        observed(self._metrics.requests, "GET", target, ROUTE, status, time.perf_counter() - began)

    def _read(self, target: str) -> QuickQuery | None:
        """None where it is unusual, or names no place that is known for sure."""
        query = read_quickly(target, len(TARGET))
        if query is None or not query.near:
            return query
        origin = self._places.origin(query.near)
        return None if origin is None else query.at(origin)

    async def _with_more(self, request: BaseRequest, query: QuickQuery, charge: Charge) -> QuickResponse:
        """Where more is needed than the nearest blocks out of the cache."""
        if charge.short is not None:
            return self.refused(charge.short, charge)
        gtin, lat, lon, radius_m, limit, quantity, arrive_in_s = query.question
        if self._service.shortcut.unheard(gtin):
            return self.not_known(gtin, charge)
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
            return self._problem(UnavailableError(), request.raw_path, charge)
        except NearshelfError as error:
            return self._problem(error, request.raw_path, charge)
        return self._response(request.headers, reply, charge)

    def _problem(self, error: NearshelfError, target: str, charge: Charge) -> QuickResponse:
        response = error_response(error, target)
        return self._whole(response.status, *_told(response), charge)

    def _whole(self, status: int, head: bytes, body: bytes, charge: Charge) -> QuickResponse:
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        return QuickResponse(status, b"".join((head, self._today.line(), charge.lines(), length, body)))

    def _response(self, headers: CIMultiDictProxy[str], reply: Reply, charge: Charge) -> QuickResponse:
        self._till.paid(charge)
        etag, limits = reply.etag, charge.lines()
        tag = b"ETag: %b\r\n" % etag.encode()
        if "If-None-Match" in headers and is_held(headers.getall("If-None-Match"), etag):
            return QuickResponse(304, b"%b%b%b%b\r\n" % (self._unchanged, self._today.line(), limits, tag))
        head, body = self._plain, reply.body
        if len(body) > COMPRESSED_FROM_BYTES and takes_gzip(headers.get("Accept-Encoding", "")):
            head, body = self._packed, compressed(body)
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
        headers: CIMultiDictProxy[str],
        answered: Answered,
        charge: Charge,
    ) -> None:
        self._quick, self._place, self._target, self._headers, self._answered = quick, place, target, headers, answered
        self._began, self._charge = time.perf_counter(), charge

    def not_found(self, gtin: int) -> None:
        self._at_once(self._quick.not_known(gtin, self._charge))

    def refused(self, short: Meter) -> None:
        self._at_once(self._quick.refused(short, self._charge))

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


def _usual(version: HttpVersion, headers: CIMultiDictProxy[str]) -> bool:
    if version != HttpVersion11 or "Authorization" in headers or "Expect" in headers:
        return False
    return "Accept" not in headers or LINKED not in headers["Accept"].lower()


def _told(problem: web.Response) -> tuple[bytes, bytes]:
    """Head and body of a problem."""
    status = f"{problem.status} {HTTPStatus(problem.status).phrase}"
    return _head(status, problem.headers), cast(bytes, problem.body)


def _head(status: str, given: Mapping[str, str]) -> bytes:
    """The status line and all headers that are the same for each answer."""
    headers: CIMultiDict[str] = CIMultiDict(given)
    protect(headers, headers.get("Content-Type", ""))
    share(headers, ANYONE)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}".encode()

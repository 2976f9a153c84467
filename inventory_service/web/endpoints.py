"""All addresses of the API, and how a request to one is answered."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from inventory_service.domain.errors import KeyRequiredError
from inventory_service.domain.key import Key
from inventory_service.runtime.http.query_string import QueryString, read_query_string
from inventory_service.web import (
    accuracy,
    availability,
    basket,
    batch,
    places,
    products,
    reports,
    staff,
    stores,
    webhooks,
)
from inventory_service.web.asking import Ask, Endpoint
from inventory_service.web.bodies import read_body
from inventory_service.web.charging import caller_of, charge
from inventory_service.web.identity import key_of, readable_by, require_reach
from inventory_service.web.inquiring import Inquirer, Inquiry
from inventory_service.web.negotiating import JSON
from inventory_service.web.parts import KEY, METRICS, READABLE_BY, SERVICE, SETTINGS, WRITER
from inventory_service.web.posting import Posting, Told
from inventory_service.web.queries import AvailabilityQuery, Query
from inventory_service.web.reach import sees_its_own
from inventory_service.web.reading import read_query
from inventory_service.web.replying import Reply, cache_control, respond, whole
from inventory_service.web.stream import Stream, told

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ENDPOINTS = (availability.ENDPOINT, *products.ENDPOINTS, *stores.ENDPOINTS, places.ENDPOINT, accuracy.ENDPOINT)
POSTINGS = (reports.POSTING,)
INQUIRIES = (batch.INQUIRY, basket.INQUIRY)
STAFF_ENDPOINTS = staff.ENDPOINTS
PARTNER_ENDPOINTS = webhooks.ENDPOINTS
SPARED = 0.2
"""Of the deadline, for writing what has been found by then."""
SENT_HEADERS = "Authorization, Accept, If-None-Match, Content-Type, Idempotency-Key"


def answering(endpoint: Endpoint) -> Handler:
    """Reads and checks the request, asks, and writes the answer; errors go up as they are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        service, settings = request.app[SERVICE], request.app[SETTINGS]
        asked = read_query_string(request.raw_path)
        key = _who(request, asked)
        query = read_query(endpoint.query, asked, request.match_info)
        await charge(request, key, endpoint.cost(query))
        accept = ",".join(request.headers.getall("Accept", []))
        reply = await endpoint.answer(Ask(query, key, accept, service, request.app[METRICS], request.app[WRITER]))
        reach = "private" if sees_its_own(key) else "public"
        return respond(request, reply, cache_control(reach, settings.cache_max_age_s))

    return handle


def taking(posting: Posting) -> Handler:
    """Reads and checks the request, takes in what it says, and tells what became of it; errors go up as they are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = read_query_string(request.raw_path)
        key = _who(request, asked)
        read_query(Query, asked, request.match_info)
        body = await read_body(posting.body, request)
        await charge(request, key, posting.cost(body))
        status, document = await posting.take(Told(body, key, caller_of(request).address, request.app[SERVICE]))
        headers = {"Content-Type": JSON, "Cache-Control": "no-store"}
        return web.Response(status=status, body=document.model_dump_json().encode(), headers=headers)

    return handle


def inquiring(inquiry: Inquiry) -> Handler:
    """Reads and checks the request, asks, and writes the answer; errors go up as they are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        until_s = asyncio.get_running_loop().time() + (1 - SPARED) * request.app[SETTINGS].deadline_s
        asked = read_query_string(request.raw_path)
        key = _who(request, asked)
        read_query(Query, asked, request.match_info)
        body = await read_body(inquiry.body, request)
        await charge(request, key, inquiry.cost(body))
        parts = request.app[SERVICE], request.app[METRICS], request.app[WRITER]
        return whole(request, await inquiry.answer(Inquirer(body, key, *parts, until_s)))

    return handle


def streaming() -> Handler:
    """Like a GET of /v1/availability, told again whenever it differs; the key is checked anew each time."""

    async def handle(request: web.Request) -> web.StreamResponse:
        service, settings = request.app[SERVICE], request.app[SETTINGS]
        asked = read_query_string(request.raw_path)
        key = _who(request, asked)
        query = read_query(AvailabilityQuery, asked, request.match_info)
        await charge(request, key, availability.ENDPOINT.cost(query))

        async def look() -> Reply:
            parts = service, request.app[METRICS], request.app[WRITER]
            return await availability.availability(Ask(query, _who(request, asked), JSON, *parts))

        client = caller_of(request).network if key is None or key.kind == "pk" else f"key {key.key_id}"
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("The client has gone.")
        unsent, seconds = transport.get_write_buffer_size, (settings.deadline_s, settings.stream_life_s)
        with service.streams.joined(client, key) as watch:
            return await told(request, Stream(query, look, watch, service.streams, unsent, *seconds))

    return handle


def _who(request: web.Request, asked: QueryString) -> Key | None:
    """Raises InputError, KeyRequiredError, KeyInvalidError, ForbiddenError."""
    origin = request.headers.get("Origin")
    key = key_of(asked, request.headers, request.app[SERVICE])
    request[READABLE_BY] = readable_by(key, origin)
    if key is None and request.app[SETTINGS].require_key:
        raise KeyRequiredError("Send a key as Authorization: Bearer KEY.")
    require_reach(key, origin)
    request[KEY] = key
    return key


def preflight(methods: str) -> Handler:
    """Tells scripts of other origins that these `methods` may be sent, such as `GET, HEAD, OPTIONS`."""

    async def allow(_request: web.Request) -> web.StreamResponse:
        headers = {
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": SENT_HEADERS,
            "Access-Control-Max-Age": "600",
            "Allow": methods,
        }
        return web.Response(status=204, headers=headers)

    return allow

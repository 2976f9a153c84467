"""All addresses of the API, and how a request to one is answered."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from inventory_service.domain.errors import UnauthorizedError
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.web import availability, places, products, staff, stores
from inventory_service.web.asking import Ask, Endpoint
from inventory_service.web.identity import key_of, readable_by, require_reach
from inventory_service.web.parts import METRICS, READABLE_BY, SERVICE, SETTINGS, WRITER
from inventory_service.web.reading import read_query
from inventory_service.web.replying import cache_control, respond

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ENDPOINTS = (availability.ENDPOINT, *products.ENDPOINTS, *stores.ENDPOINTS, places.ENDPOINT)
STAFF_ENDPOINTS = staff.ENDPOINTS
SENT_HEADERS = "Authorization, Accept, If-None-Match, Content-Type, Idempotency-Key"


def answering(endpoint: Endpoint) -> Handler:
    """Reads and checks the request, asks, and writes the answer; errors go up as they are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        service, settings = request.app[SERVICE], request.app[SETTINGS]
        asked, origin = read_query_string(request.raw_path), request.headers.get("Origin")
        key = key_of(asked, request.headers, service)
        request[READABLE_BY] = readable_by(key, origin)
        if key is None and settings.require_key:
            raise UnauthorizedError("Send a key as Authorization: Bearer KEY.")
        require_reach(key, origin)
        query = read_query(endpoint.query, asked, request.match_info)
        accept = ",".join(request.headers.getall("Accept", []))
        reply = await endpoint.answer(Ask(query, key, accept, service, request.app[METRICS], request.app[WRITER]))
        reach = "private" if key is not None and key.sees_counts else "public"
        return respond(request, reply, cache_control(reach, settings.cache_max_age_s))

    return handle


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

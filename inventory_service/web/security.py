"""Who else's scripts may read a response."""

from aiohttp import web

from inventory_service.runtime.http.protection import protect
from inventory_service.web.parts import READABLE_BY

EXPOSED = "ETag, Retry-After, Location"
SHARED_PATHS = ("/v1/", "/openapi.json")


async def finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The application's `on_response_prepare`: security and CORS."""
    protect(response.headers, response.content_type)
    origin = request.get(READABLE_BY, "*")
    if origin and request.path.startswith(SHARED_PATHS):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers.setdefault("Vary", "Origin")

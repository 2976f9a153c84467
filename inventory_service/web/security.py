"""Who else's scripts may read a response."""

from aiohttp import web
from multidict import CIMultiDict

from inventory_service.runtime.http.protection import protect
from inventory_service.web.parts import READABLE_BY

EXPOSED = "ETag, Retry-After, Location"
SHARED_PATHS = ("/v1/", "/openapi.json")


async def finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The application's `on_response_prepare`: security and CORS."""
    protect(response.headers, response.content_type)
    origin = request.get(READABLE_BY, "*")
    if origin and request.path.startswith(SHARED_PATHS):
        share(response.headers, origin)


def share(headers: "CIMultiDict[str]", origin: str) -> None:
    """Scripts of `origin`, `*` for all, may read what has these headers."""
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = EXPOSED
    headers.setdefault("Vary", "Origin")

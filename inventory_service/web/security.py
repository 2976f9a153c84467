"""Who else's scripts may read a response."""

import time

from aiohttp import web
from multidict import CIMultiDict

from inventory_service.runtime.http.protection import protect
from inventory_service.web.charging import caller_of
from inventory_service.web.parts import PURSE, READABLE_BY

EXPOSED = "ETag, Retry-After, Location, RateLimit, RateLimit-Policy"
BY_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""Where a proxy of ours says that the request came by TLS: a year from now on it is to come by nothing else."""
SHARED_PATHS = ("/v1/", "/openapi.json")


async def finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The application's `on_response_prepare`: security, CORS, and how the limits stand."""
    protect(response.headers, response.content_type)
    if caller_of(request).secure:
        response.headers.update(BY_TLS)
    purse = request.get(PURSE)
    if purse is not None:
        response.headers.update(purse.headers(time.time()))
    origin = request.get(READABLE_BY, "*")
    if origin and request.path.startswith(SHARED_PATHS):
        share(response.headers, origin)


def share(headers: "CIMultiDict[str]", origin: str) -> None:
    """Scripts of `origin`, `*` for all, may read what has these headers."""
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = EXPOSED
    headers.setdefault("Vary", "Origin")

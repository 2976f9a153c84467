"""Headers that every response carries, whoever made it."""

from aiohttp import web
from multidict import CIMultiDict

from inventory_service.web.parts import READABLE_BY

COMMON = {
    "Server": "nearshelf",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
PAGE_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
EXPOSED = "ETag, Retry-After, Location"
SHARED_PATHS = ("/v1/", "/openapi.json")


def protect(headers: "CIMultiDict[str]", content_type: str) -> None:
    """Adds the security headers; a page may load its own scripts and styles, data nothing at all."""
    headers.update(COMMON)
    headers["Content-Security-Policy"] = PAGE_POLICY if content_type == "text/html" else DATA_POLICY


async def finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The application's `on_response_prepare`: security and CORS."""
    protect(response.headers, response.content_type)
    origin = request.get(READABLE_BY, "*")
    if origin and request.path.startswith(SHARED_PATHS):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers.setdefault("Vary", "Origin")

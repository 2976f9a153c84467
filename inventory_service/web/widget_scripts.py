"""The widget's script under its two kinds of address: the present one of version 1, and each release for good."""

from collections.abc import Mapping

from aiohttp import web

from inventory_service.web.pages import MEDIA_TYPES, serve, static_file
from inventory_service.web.parts import StaticFile
from inventory_service.web.widget_source import joined_script, released

PRESENT = "v1"
PRESENT_CACHING = "public, max-age=300, stale-while-revalidate=86400"
RELEASED_CACHING = "public, max-age=31536000, immutable"
SHARED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Any page may load it, with `crossorigin` and `integrity` too."""


def read_scripts() -> Mapping[str, StaticFile]:
    """By name, put together now."""
    scripts = {**released(), PRESENT: joined_script()}
    return {_name(version): static_file(text.encode(), MEDIA_TYPES[".js"]) for version, text in scripts.items()}


async def script(request: web.Request) -> web.Response:
    version = request.match_info["version"]
    response = serve(request, _name(version), PRESENT_CACHING if version == PRESENT else RELEASED_CACHING)
    response.headers.update(SHARED)
    return response


def _name(version: str) -> str:
    return f"widget/{version}.js"

"""The pages and their scripts and styles: read once at start, served from memory by exact name."""

import gzip
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from aiohttp import web

from inventory_service.runtime.http.protection import PAGE_POLICY, SCANNER_DEVICES
from inventory_service.web.negotiating import takes_gzip
from inventory_service.web.parts import STATIC, StaticFile
from inventory_service.web.replying import COMPRESSED_FROM_BYTES, is_held

HERE = Path(__file__).parent
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
"""Files with any other ending are not served."""
PAGE_CACHING = "no-cache"
ASSET_CACHING = "public, max-age=300"
"""Names carry no version, so a new release reaches everybody within 5 minutes."""


def read_files() -> Mapping[str, StaticFile]:
    """By name: those of the phone pages under static/, those of the documentation under docs/."""
    folders = {"static": HERE / "static", "docs": HERE / "docs_page"}
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": static_file(path.read_bytes(), MEDIA_TYPES[path.suffix])
        for prefix, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in MEDIA_TYPES
    }


def static_file(body: bytes, media_type: str) -> StaticFile:
    packed = gzip.compress(body, mtime=0) if len(body) > COMPRESSED_FROM_BYTES else None
    etag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    return StaticFile(body, packed, media_type, etag)


async def home(request: web.Request) -> web.Response:
    return serve(request, "static/index.html", PAGE_CACHING)


async def accuracy(request: web.Request) -> web.Response:
    return serve(request, "static/accuracy.html", PAGE_CACHING)


async def widget(request: web.Request) -> web.Response:
    """The page on which partners try the widget (docs/WIDGET.md)."""
    return serve(request, "static/widget.html", PAGE_CACHING)


async def staff(request: web.Request) -> web.Response:
    """The clerk's page, the only one that may use the camera."""
    page = serve(request, "static/staff.html", PAGE_CACHING)
    page.headers["Permissions-Policy"] = SCANNER_DEVICES
    return page


async def staff_worker(request: web.Request) -> web.Response:
    """A script with a page's rights: it fetches the staff page for a browser without a connection."""
    script = serve(request, "static/staff-worker.js", PAGE_CACHING)
    script.headers["Content-Security-Policy"] = PAGE_POLICY
    return script


async def docs(request: web.Request) -> web.Response:
    return serve(request, "docs/docs.html", PAGE_CACHING)


async def asset(request: web.Request) -> web.Response:
    return serve(request, request.path.removeprefix("/"), ASSET_CACHING)


async def favicon(request: web.Request) -> web.Response:
    for name in ("static/favicon.ico", "static/icon.svg"):
        if name in request.app[STATIC]:
            return serve(request, name, ASSET_CACHING)
    return web.Response(status=204, headers={"Cache-Control": ASSET_CACHING})


def serve(request: web.Request, name: str, caching: str) -> web.Response:
    """Raises HTTPNotFound for a name that is not one of our files."""
    file = request.app[STATIC].get(name)
    if file is None:
        raise web.HTTPNotFound
    headers = {"ETag": file.etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if file.media_type.startswith("text/html"):
        headers["Content-Security-Policy"] = (
            PAGE_POLICY  # a browser puts the headers of a 304 on the page that it holds
        )
    if is_held(request.headers.getall("If-None-Match", []), file.etag):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = file.media_type
    if file.packed is not None and takes_gzip(request.headers.get("Accept-Encoding", "")):
        return web.Response(body=file.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=file.body, headers=headers)

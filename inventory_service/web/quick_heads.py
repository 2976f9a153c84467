"""What quick responses begin with: the status line, and all headers that are the same for each answer to one origin."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from aiohttp import web
from multidict import CIMultiDict

from inventory_service.lookup.service import unknown_gtin
from inventory_service.runtime.http.problems import error_response
from inventory_service.runtime.http.protection import protect
from inventory_service.web.negotiating import JSON
from inventory_service.web.replying import VARY
from inventory_service.web.security import share

NOBODYS = "0" * 14
"""Stands for any GTIN; it is none."""
MOST_ORIGINS = 1_000


class Heads:
    """Those for scripts of one origin, `*` for all."""

    __slots__ = ("origin", "packed", "plain", "unchanged", "unknown")

    def __init__(self, origin: str, caching: str, route: str) -> None:
        told = {"Cache-Control": caching, "Vary": VARY, "Content-Type": JSON}
        self.origin = origin
        self.unchanged = _head("304 Not Modified", {"Cache-Control": caching, "Vary": VARY}, origin)
        self.plain = _head("200 OK", told, origin)
        self.packed = _head("200 OK", {**told, "Content-Encoding": "gzip"}, origin)
        self.unknown = self.told(error_response(unknown_gtin(NOBODYS), route))

    def told(self, problem: web.Response) -> tuple[bytes, bytes]:
        """Head and body of a problem."""
        status = f"{problem.status} {HTTPStatus(problem.status).phrase}"
        return _head(status, problem.headers, self.origin), cast(bytes, problem.body)


class HeadsByOrigin:
    """Made once for each origin that asks."""

    def __init__(self, caching: str, route: str) -> None:
        self._caching, self._route = caching, route
        self._held: dict[str, Heads] = {}

    def of(self, origin: str) -> Heads:
        heads = self._held.get(origin)
        if heads is None:
            if len(self._held) >= MOST_ORIGINS:
                self._held.clear()
            heads = self._held[origin] = Heads(origin, self._caching, self._route)
        return heads


def _head(status: str, given: Mapping[str, str], origin: str) -> bytes:
    headers: CIMultiDict[str] = CIMultiDict(given)
    protect(headers, headers.get("Content-Type", ""))
    share(headers, origin)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}".encode()

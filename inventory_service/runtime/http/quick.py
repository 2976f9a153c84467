"""A way past routing, middlewares and header building for the one address that is asked far more than all others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Protocol

from aiohttp import HttpVersion, web
from aiohttp.web_request import BaseRequest
from multidict import CIMultiDictProxy


@dataclass(slots=True)
class QuickResponse:
    """A whole response as it goes over the wire; stands where aiohttp's server expects one of its own."""

    status: int
    raw: bytes
    keep_alive: bool = True

    async def prepare(self, request: BaseRequest) -> None:
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("The client has gone.")
        transport.write(self.raw)
        await request.writer.drain()

    async def write_eof(self) -> None:
        """All is written."""


Answered = Callable[[bytes | None], None]
"""Takes a whole response as it goes over the wire. None: the usual way is to be taken."""


class Asked(Protocol):
    """What the parser tells of a request."""

    @property
    def path(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def version(self) -> HttpVersion: ...
    @property
    def headers(self) -> CIMultiDictProxy[str]: ...
    @property
    def should_close(self) -> bool: ...


class QuickHandler(Protocol):
    """Raises nothing that the usual way would not raise too."""

    def take(self, message: Asked, answered: Answered, peer: str) -> bool:
        """Whether a request without a body is answered outside of any task: then `answered` is called once, later.

        `peer`: the address at the other end of the connection.
        """

    async def __call__(self, request: BaseRequest) -> QuickResponse | None:
        """None: the usual way is to be taken."""


QUICK: web.AppKey[QuickHandler] = web.AppKey("quick")


class Today:
    """The `Date` header's line, made once a second."""

    def __init__(self) -> None:
        self._second, self._line = 0, b""

    def line(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second, self._line = second, b"Date: %b\r\n" % formatdate(second, usegmt=True).encode()
        return self._line

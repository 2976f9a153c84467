"""Bodies of requests as they come: counted, and never waited for without end."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.http import HttpVersion11
from aiohttp.web_exceptions import HTTPExpectationFailed
from aiohttp.web_protocol import RequestPayloadError

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.runtime.http.errors import TooLargeError, TooSlowError
from store_sync.receiver.bounds import UploadBounds

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


async def expect_later(_request: web.Request) -> None:
    """A route's `expect_handler`: the client is asked to go on once somebody reads its body, and not before."""


class Body:
    """The body of one request, read in blocks."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._asked = False

    async def block(self, within_s: float) -> bytes:
        """What has come, at least one byte; b"" at the end. Raises TooSlowError, and InputError where it breaks off."""
        await self._ask()
        try:
            async with asyncio.timeout(within_s):
                return await self._request.content.readany()
        except TimeoutError:
            raise TooSlowError(f"Nothing came for {within_s:g} seconds.") from None
        except RequestPayloadError:
            raise InputError(FieldFault("body", "breaks off, or is not framed as HTTP asks")) from None

    async def ready(self, within_s: float) -> bytes | None:
        """Like `block`; None where nothing has come in time."""
        try:
            return await self.block(within_s)
        except TooSlowError:
            return None

    async def _ask(self) -> None:
        if self._asked:
            return
        self._asked = True
        expected = self._request.headers.get("Expect")
        if expected is None or self._request.version != HttpVersion11:
            return
        if expected.lower() != "100-continue":
            raise HTTPExpectationFailed
        await self._request.writer.write(CONTINUE)
        self._request.writer.output_size = 0


async def blocks(request: web.Request, bounds: UploadBounds) -> AsyncIterator[bytes]:
    """The blocks of a large body. Raises TooLargeError, TooSlowError."""
    _refuse_length(request, bounds.max_bytes)
    body, received, loop = Body(request), 0, asyncio.get_running_loop()
    began = loop.time()
    while block := await body.block(bounds.silent_s):
        received += len(block)
        if received > bounds.max_bytes:
            raise _too_large(bounds.max_bytes)
        spent_s = loop.time() - began
        if spent_s > bounds.pace_after_s and received < spent_s * bounds.min_bytes_per_s:
            raise TooSlowError(f"The body came with less than {bounds.min_bytes_per_s} bytes a second.")
        yield block


async def whole(request: web.Request, max_bytes: int, within_s: float) -> bytes:
    """A small body. Raises TooLargeError, TooSlowError."""
    _refuse_length(request, max_bytes)
    loop, body, whole = asyncio.get_running_loop(), Body(request), bytearray()
    until = loop.time() + within_s
    while block := await body.block(max(0.0, until - loop.time())):
        whole += block
        if len(whole) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(whole)


def _refuse_length(request: web.Request, max_bytes: int) -> None:
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"The body is larger than {max_bytes:,} bytes.")

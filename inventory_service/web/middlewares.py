"""Around every handler of the answer API: its body first, then the deadline."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from inventory_service.runtime.http.encodings import require_encoding
from inventory_service.runtime.http.errors import TooLargeError, TooSlowError
from inventory_service.web.parts import DEADLINE

LONGEST_BODY_BYTES = 64 * 1024
BODY_WITHIN_S = 10.0


def receiving(within_s: float = BODY_WITHIN_S) -> Middleware:
    """Bodies are read, and kept, before the deadline of an answer begins: a slow line is not our own slowness.

    Raises UnsupportedError, TooLargeError, TooSlowError.
    """

    @web.middleware
    async def receive(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.can_read_body and request.match_info.http_exception is None:
            require_encoding(request)
            if (request.content_length or 0) > LONGEST_BODY_BYTES:
                raise TooLargeError(f"The body is larger than {LONGEST_BODY_BYTES:,} bytes.")
            try:
                async with asyncio.timeout(within_s):
                    await request.read()
            except TimeoutError:
                raise TooSlowError(f"The body did not come within {within_s:g} seconds.") from None
        return await handler(request)

    return receive


def within(deadline_s: float) -> Middleware:
    """Raises TimeoutError where a request takes longer, unless its handler has lifted the deadline."""

    @web.middleware
    async def hold(request: web.Request, handler: Handler) -> web.StreamResponse:
        async with asyncio.timeout(deadline_s) as request[DEADLINE]:
            return await handler(request)

    return hold

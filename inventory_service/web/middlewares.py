"""Around every handler of the answer API: the deadline."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def within(deadline_s: float) -> Middleware:
    """Raises TimeoutError where a request takes longer."""

    @web.middleware
    async def hold(request: web.Request, handler: Handler) -> web.StreamResponse:
        async with asyncio.timeout(deadline_s):
            return await handler(request)

    return hold

"""Around every handler of the answer API: the deadline."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from inventory_service.web.parts import DEADLINE


def within(deadline_s: float) -> Middleware:
    """Raises TimeoutError where a request takes longer, unless its handler has lifted the deadline."""

    @web.middleware
    async def hold(request: web.Request, handler: Handler) -> web.StreamResponse:
        async with asyncio.timeout(deadline_s) as request[DEADLINE]:
            return await handler(request)

    return hold

"""Serving an application on a port, with limits on what a client may take."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.web_request import BaseRequest

from inventory_service.web.connection import Connection
from inventory_service.web.parts import SETTINGS
from inventory_service.web.problems import http_error_response

Handler = Callable[[BaseRequest], Awaitable[web.StreamResponse]]
BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take."""

    headers_within_s: float = 10.0
    """From the first byte of a request to the end of its headers."""
    keepalive_s: float = 30.0
    lingering_s: float = 1.0
    """How long an unread body is still swallowed."""
    shutdown_s: float = 5.0
    line_bytes: int = 32 * 1024
    """So that an over-long parameter is refused by its name, and only a monstrous one by the parser."""
    header_bytes: int = 8 * 1024
    headers: int = 64


USUAL = Limits()


@asynccontextmanager
async def serve_app(app: web.Application, host: str, port: int, limits: Limits = USUAL) -> AsyncIterator[int]:
    """Serves until left, then lets requests in flight finish; gives the real port, which `port` 0 leaves open."""
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=limits.shutdown_s)
    await runner.setup()
    try:
        async with await _listening(runner, host, port, limits) as listener:
            yield listener.sockets[0].getsockname()[1]
    finally:
        await runner.cleanup()


async def _listening(runner: web.AppRunner, host: str, port: int, limits: Limits) -> asyncio.Server:
    loop, server = asyncio.get_running_loop(), runner.server
    assert server is not None
    shared = runner.app[SETTINGS].workers > 1
    server.request_handler = _reporting_early_errors(server.request_handler)

    def connection() -> Connection:
        return Connection(
            server,
            loop=loop,
            access_log=None,
            headers_within_s=limits.headers_within_s,
            keepalive_timeout=limits.keepalive_s,
            lingering_time=limits.lingering_s,
            max_line_size=limits.line_bytes,
            max_field_size=limits.header_bytes,
            max_headers=limits.headers,
        )

    return await loop.create_server(connection, host, port, backlog=BACKLOG, reuse_port=shared or None)


def _reporting_early_errors(handler: Handler) -> Handler:
    """Some requests, such as those with an unknown `Expect`, are refused before any middleware runs."""

    async def handle(request: BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            return http_error_response(error)

    return handle

"""Serving an application on a port, with limits on what a client may take."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from aiohttp import web
from aiohttp.web_request import BaseRequest
from prometheus_client import CollectorRegistry

from inventory_service.runtime.http.accepting import accepting
from inventory_service.runtime.http.connection import Connection, Lane
from inventory_service.runtime.http.crowd import Crowd, places_for
from inventory_service.runtime.http.cuts import CUTS, OF_BODIES, Cuts
from inventory_service.runtime.http.draining import AT_THE_END, Draining
from inventory_service.runtime.http.limits import USUAL, Limits
from inventory_service.runtime.http.problems import http_error_response
from inventory_service.runtime.http.quick import QUICK, Answered, Asked, QuickHandler
from inventory_service.runtime.ports import unheard
from inventory_service.runtime.shutdown import ended

Handler = Callable[[BaseRequest], Awaitable[web.StreamResponse]]
BACKLOG = 1024


@asynccontextmanager
async def serve_app(
    app: web.Application, host: str, port: int, limits: Limits = USUAL, shared: socket.socket | None = None
) -> AsyncIterator[int]:
    """Serves until left, then lets requests in flight finish; gives the real port, which `port` 0 leaves open.

    `shared` is a listening socket of others to answer on instead. A body that comes compressed reaches the handler as
    it came: whoever takes such bodies unpacks them within bounds.
    """
    draining = Draining(app.get(AT_THE_END))
    app.on_response_prepare.append(draining.finish)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=limits.shutdown_s)
    await runner.setup()
    try:
        server = runner.server
        assert server is not None
        cuts = app.get(CUTS) or Cuts(CollectorRegistry())
        usual = _counting_bodies(_reporting_early_errors(server.request_handler), cuts)
        quick = app.get(QUICK)
        server.request_handler = usual if quick is None else _quick_or_usual(quick, usual, draining)
        lane = None if quick is None else _lane(quick, draining)
        crowd = Crowd(places_for(limits.connections), cuts)
        connection = partial(_connection, server, limits, crowd, cuts, lane)
        async with _watched(crowd):
            async with _listening(connection, host, port, shared) as real_port:
                yield real_port
            await draining.drain(server)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _watched(crowd: Crowd) -> AsyncIterator[None]:
    watching = asyncio.create_task(crowd.watch())
    try:
        yield
    finally:
        await ended(watching)


@asynccontextmanager
async def _listening(
    connection: Callable[[], Connection], host: str, port: int, shared: socket.socket | None
) -> AsyncIterator[int]:
    if shared is not None:
        try:
            shared.listen(BACKLOG)
        except OSError as error:
            raise unheard(host, port, error) from error
        with accepting(shared, connection):
            yield shared.getsockname()[1]
        return
    try:
        listener = await asyncio.get_running_loop().create_server(connection, host, port, backlog=BACKLOG)
    except OSError as error:
        raise unheard(host, port, error) from error
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


def _connection(server: web.Server, limits: Limits, crowd: Crowd, cuts: Cuts, lane: Lane | None) -> Connection:
    return Connection(
        server,
        loop=asyncio.get_running_loop(),
        access_log=None,
        lane=lane,
        limits=limits,
        crowd=crowd,
        cuts=cuts,
        lingering_time=limits.lingering_s,
        max_line_size=limits.line_bytes,
        max_field_size=limits.header_bytes,
        max_headers=limits.headers,
        auto_decompress=False,
    )


def _lane(quick: QuickHandler, draining: Draining) -> Lane:
    def take(message: Asked, answered: Answered, peer: str) -> bool:
        return not draining.begun and quick.take(message, answered, peer)

    return take


def _quick_or_usual(quick: QuickHandler, usual: Handler, draining: Draining) -> Handler:
    async def handle(request: BaseRequest) -> web.StreamResponse:
        response = None if draining.begun else await quick(request)
        return await usual(request) if response is None else cast(web.StreamResponse, response)

    return handle


def _counting_bodies(handler: Handler, cuts: Cuts) -> Handler:
    async def handle(request: BaseRequest) -> web.StreamResponse:
        response = await handler(request)
        if response.status in OF_BODIES:
            cuts.count(OF_BODIES[response.status])
        return response

    return handle


def _reporting_early_errors(handler: Handler) -> Handler:
    """Some requests, such as those with an unknown `Expect`, are refused before any middleware runs."""

    async def handle(request: BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            return http_error_response(error)

    return handle

"""Around every handler: the deadline, errors into problems, the access log and the metrics."""

import asyncio
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from inventory_service.domain.errors import NearshelfError, UnavailableError
from inventory_service.runtime.logs import loggable_query
from inventory_service.web.parts import METRICS, SETTINGS
from inventory_service.web.problems import error_response, http_error_response, http_problem, problem_response
from inventory_service.web.query_string import read_query_string

CLIENT_LEFT = 499
"""Logged where the client hung up before it had its answer."""

access_log = structlog.get_logger("nearshelf.access")
error_log = structlog.get_logger("nearshelf.error")


@web.middleware
async def observing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Logs and measures each request by its route, never by its raw address."""
    began, status = time.perf_counter(), CLIENT_LEFT
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        seconds, route = time.perf_counter() - began, route_of(request)
        request.app[METRICS].observe_request(request.method, route, status, seconds)
        access_log.info(
            "request",
            method=request.method[:20],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            query=loggable_query(read_query_string(request.raw_path).pairs),
        )


@web.middleware
async def reporting(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Holds the deadline and turns whatever goes wrong into a problem."""
    try:
        async with asyncio.timeout(request.app[SETTINGS].deadline_s):
            return await handler(request)
    except TimeoutError:
        return error_response(UnavailableError(), request.raw_path)
    except NearshelfError as error:
        response = error_response(error, request.raw_path)
        if response.status == 500:
            error_log.exception("request failed", route=route_of(request))
        return response
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return http_error_response(error)
    except Exception:
        error_log.exception("request failed", route=route_of(request))
        return problem_response(http_problem(500), {})


def route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "none" if resource is None else resource.canonical

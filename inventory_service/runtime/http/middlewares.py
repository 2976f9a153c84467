"""Around every handler: errors into problems, the access log and the metrics."""

import logging
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from inventory_service.domain.errors import NearshelfError, UnavailableError
from inventory_service.runtime.http.problems import (
    error_response,
    http_error_response,
    http_problem,
    problem_response,
)
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.runtime.http.request_metrics import RequestMetrics
from inventory_service.runtime.logs import loggable_query

CLIENT_LEFT = 499
"""Logged where the client hung up before it had its answer."""

BEGAN_AFTER_S: web.RequestKey[float] = web.RequestKey("began_after_s", float)
"""How long it took until a response began that then went on for as long as its reader wished."""

access_log = structlog.get_logger("nearshelf.access")
_access = logging.getLogger("nearshelf.access")
error_log = structlog.get_logger("nearshelf.error")


def observing(metrics: RequestMetrics) -> Middleware:
    """Logs and measures each request by its route, never by its raw address."""

    @web.middleware
    async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = time.perf_counter(), CLIENT_LEFT
        try:
            response = await handler(request)
            status = response.status
            return response
        finally:
            seconds = request.get(BEGAN_AFTER_S, time.perf_counter() - began)
            observed(metrics, request.method, request.raw_path, route_of(request), status, seconds)

    return observe


def observed(metrics: RequestMetrics, method: str, raw_path: str, route: str, status: int, seconds: float) -> None:
    """Counts a request, and logs it where anybody reads that."""
    metrics.observe(method, route, status, seconds)
    if _access.isEnabledFor(logging.INFO):
        access_log.info(
            "request",
            method=method[:20],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            query=loggable_query(read_query_string(raw_path).pairs),
        )


@web.middleware
async def reporting(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever goes wrong into a problem, but for a client that has gone; a deadline that has passed is ours."""
    try:
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
    except RequestPayloadError:
        return problem_response(http_problem(400), {})
    except ConnectionError:
        raise
    except Exception:
        error_log.exception("request failed", route=route_of(request))
        return problem_response(http_problem(500), {})


def route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "none" if resource is None else resource.canonical

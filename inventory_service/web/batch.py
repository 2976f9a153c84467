"""POST /v1/availability/batch: many pairs of a product and a place, each with an answer or a problem of its own."""

import asyncio
from typing import Any

from inventory_service.domain.asked_gtin import parse_asked
from inventory_service.domain.errors import FieldFault, InputError, MovedError, NearshelfError, UnavailableError
from inventory_service.domain.scan import parse_scan
from inventory_service.runtime.http.middlewares import error_log
from inventory_service.runtime.http.problems import Problem, http_problem, problem_of
from inventory_service.web import availability
from inventory_service.web.asked_bodies import BatchBody, Pair, Wanted
from inventory_service.web.asking import Ask
from inventory_service.web.bodies import pointer
from inventory_service.web.inquiring import Inquirer, Inquiry
from inventory_service.web.models import BatchAnswer
from inventory_service.web.negotiating import JSON
from inventory_service.web.queries import AvailabilityQuery

AT_ONCE = 25
"""Pairs under way together: so many that they share round trips, so few that others get their turn between them."""


async def batch(asked: Inquirer[BatchBody]) -> bytes:
    """In the order asked."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def answered(place: int, pair: Pair) -> bytes:
        try:
            async with asyncio.timeout_at(asked.until_s), turns:
                reply = await availability.availability(_question(pair, asked))
        except Exception as error:
            problem = own_problem(error, "queries", place)
            return b'{"status":%d,"problem":%b}' % (problem.status, problem.model_dump_json().encode())
        return b'{"status":200,"answer":%b}' % reply.body

    told = await asyncio.gather(*(answered(place, pair) for place, pair in enumerate(asked.body.queries)))
    return b'{"results":[%b],"next":null}' % b",".join(told)


def read_codes(wanted: Wanted) -> dict[str, Any]:
    """`gtin` and `scan` as a query has them. Raises InputError."""
    codes: dict[str, str | None] = {}
    for name, text, read in (("gtin", wanted.gtin, parse_asked), ("scan", wanted.scan, parse_scan)):
        try:
            codes[name] = None if text is None else read(text)
        except ValueError as error:
            raise InputError(FieldFault(name, str(error))) from error
    return codes


def own_problem(error: Exception, *path: str | int) -> Problem:
    """What is wrong with the entry of the body at `path`; its fields are named by JSON pointer."""
    if isinstance(error, TimeoutError):
        error = UnavailableError()
    if not isinstance(error, NearshelfError):
        error_log.error("part of a request failed", path=pointer(*path), exc_info=error)
        return http_problem(500)
    if isinstance(error, InputError):
        return problem_of(InputError(*(FieldFault(pointer(*path, one.pointer), one.detail) for one in error.faults)))
    problem = problem_of(error)
    if isinstance(error, MovedError):
        fault = {"pointer": pointer(*path, "product"), "detail": f"is now {error.product_id}"}
        return Problem.model_validate({**problem.model_dump(), "errors": [fault]})
    faults = [{"pointer": pointer(*path, one.pointer), "detail": one.detail} for one in problem.errors]
    return Problem.model_validate({**problem.model_dump(), "errors": faults})


def _question(pair: Pair, asked: Inquirer[BatchBody]) -> Ask[AvailabilityQuery]:
    """As if it had been asked by GET. Raises InputError."""
    query = AvailabilityQuery.model_construct(**{**dict(pair), **read_codes(pair)})
    return Ask(query, asked.key, JSON, asked.service, asked.metrics, asked.writer)


def _cost(body: BatchBody) -> int:
    return sum(map(availability.ENDPOINT.cost, body.queries))


INQUIRY = Inquiry(
    path="/v1/availability/batch",
    summary="Up to 100 pairs of a product and a place: which stores near each place have it?",
    body=BatchBody,
    document=BatchAnswer,
    answer=batch,
    successes={200: "Each pair's own status, in the order asked."},
    cost=_cost,
)

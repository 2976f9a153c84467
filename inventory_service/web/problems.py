"""Every error as RFC 9457 problem details: the one place where an error gets its HTTP status."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from inventory_service.domain.errors import (
    FieldFault,
    ForbiddenError,
    InputError,
    MovedError,
    NearshelfError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from inventory_service.web.models import Fault, Problem
from inventory_service.web.query_string import read_query_string

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
STATUSES: Mapping[type[NearshelfError], int] = {
    MovedError: 308,
    InputError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    UnavailableError: 503,
}
HTTP_PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("malformed-request", "The request is not well-formed HTTP"),
    404: ("no-such-address", "There is nothing at this address"),
    405: ("method-not-allowed", "This address does not take that method"),
    413: ("too-large", "The request is too large"),
    417: ("expectation-failed", "The expectation cannot be met"),
    500: ("internal", "Something went wrong on our side"),
}


def problem_of(error: NearshelfError) -> Problem:
    """Errors that we do not expect of a request are 500 and say nothing of their cause."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
    if status == 500:
        return http_problem(500)
    faults: tuple[FieldFault, ...] = getattr(error, "faults", ())
    return Problem(
        type=f"/problems/{error.slug}",
        title=error.title,
        status=status,
        detail=f"{error.title}." if status == 503 else str(error) or f"{error.title}.",
        errors=[Fault(pointer=fault.pointer, detail=fault.detail) for fault in faults],
    )


def http_problem(status: int) -> Problem:
    """For what aiohttp refuses before any of our code runs."""
    slug, title = HTTP_PROBLEMS.get(status, ("http", HTTPStatus(status).phrase))
    return Problem(type=f"/problems/{slug}", title=title, status=status, detail=f"{title}.", errors=[])


def problem_response(problem: Problem, headers: Mapping[str, str]) -> web.Response:
    return web.Response(
        status=problem.status,
        body=problem.model_dump_json().encode(),
        headers={"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", **headers},
    )


def error_response(error: NearshelfError, target: str) -> web.Response:
    """`target` is the request target that failed: a moved product is found at the same one with the new id."""
    return problem_response(problem_of(error), _headers(error, target))


def http_error_response(error: web.HTTPException) -> web.Response:
    kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return problem_response(http_problem(error.status), kept)


def known_problems() -> list[dict[str, str | int]]:
    """Type, title and status of each kind, for the documentation."""
    ours = [(kind.slug, (kind.__doc__ or "").strip().rstrip("."), status) for kind, status in STATUSES.items()]
    theirs = [(slug, title, status) for status, (slug, title) in HTTP_PROBLEMS.items()]
    return [{"type": f"/problems/{slug}", "title": title, "status": status} for slug, title, status in ours + theirs]


def _headers(error: NearshelfError, target: str) -> dict[str, str]:
    match error:
        case MovedError():
            return {"Location": _with_product(target, error.product_id)}
        case UnauthorizedError():
            return {"WWW-Authenticate": 'Bearer realm="nearshelf"'}
        case UnavailableError():
            return {"Retry-After": str(RETRY_AFTER_S)}
        case _:
            return {}


def _with_product(target: str, product_id: int) -> str:
    path = target.partition("?")[0]
    pairs = read_query_string(target).pairs
    moved = [(name, str(product_id) if name == "product" else value) for name, value in pairs]
    return f"{path}?{urlencode(moved)}"

"""Every error as RFC 9457 problem details: the one place where an error gets its HTTP status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from inventory_service.domain.errors import (
    FeedRefusedError,
    FieldFault,
    ForbiddenError,
    InputError,
    MovedError,
    NearshelfError,
    NotFoundError,
    OtherRequestError,
    OvertakenError,
    PausedError,
    SettledError,
    TooManyError,
    UnauthorizedError,
    UnavailableError,
)
from inventory_service.runtime.http.errors import (
    BusyError,
    CrowdedError,
    NoRoomError,
    TooLargeError,
    TooSlowError,
    UnsupportedError,
)
from inventory_service.runtime.http.query_string import read_query_string

T = TypeVar("T")

NO_PAGE = "about:blank"
"""RFC 9457's own word for a problem that means no more than its status."""
MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[type[NearshelfError], int] = {
    MovedError: 308,
    InputError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    TooSlowError: 408,
    SettledError: 409,
    OvertakenError: 409,
    TooLargeError: 413,
    UnsupportedError: 415,
    FeedRefusedError: 422,
    OtherRequestError: 422,
    TooManyError: 429,
    BusyError: 503,
    PausedError: 503,
    UnavailableError: 503,
    NoRoomError: 507,
}
RETRY_AFTER_S: Mapping[type[NearshelfError], int] = {
    BusyError: 5,
    CrowdedError: 1,
    PausedError: 300,
    UnavailableError: 1,
    NoRoomError: 300,
}
HTTP_PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("malformed-request", "The request is not well-formed HTTP"),
    404: ("no-such-address", "There is nothing at this address"),
    405: ("method-not-allowed", "This address does not take that method"),
    413: ("too-large", "The request is too large"),
    417: ("expectation-failed", "The expectation cannot be met"),
    500: ("internal", "Something went wrong on our side"),
}
ADVICE: Mapping[int, str] = {
    400: " In an address, blanks and whatever is not ASCII are percent-encoded: Z%C3%BCrich for Zürich.",
}
"""What a title alone would leave one to guess."""


class Fault(BaseModel):
    """One thing wrong with one field."""

    model_config = ConfigDict(frozen=True)
    pointer: str = Field(description="The parameter, or the JSON pointer of the field in the body.")
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(frozen=True)
    type: str = Field(examples=["/problems/invalid-input"])
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field([], description="Each field that is wrong.")


def problem_of(error: NearshelfError) -> Problem:
    """Errors that we do not expect of a request are 500 and say nothing of their cause."""
    status = _of_kind(type(error), STATUSES)
    if status is None:
        return http_problem(500)
    faults: tuple[FieldFault, ...] = getattr(error, "faults", ())
    return Problem(
        type=f"/problems/{error.slug}",
        title=error.title,
        status=status,
        detail=_detail(error),
        errors=[Fault(pointer=fault.pointer, detail=fault.detail) for fault in faults],
    )


def http_problem(status: int) -> Problem:
    """For what aiohttp refuses before any of our code runs; where it says no more than its status, it has no page."""
    if status not in HTTP_PROBLEMS:
        title = HTTPStatus(status).phrase
        return Problem(type=NO_PAGE, title=title, status=status, detail=f"{title}.", errors=[])
    slug, title = HTTP_PROBLEMS[status]
    detail = f"{title}.{ADVICE.get(status, '')}"
    return Problem(type=f"/problems/{slug}", title=title, status=status, detail=detail, errors=[])


def problem_response(problem: Problem, headers: Mapping[str, str]) -> web.Response:
    return web.Response(
        status=problem.status,
        body=problem.model_dump_json().encode(),
        headers={"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", **headers},
    )


def error_response(error: NearshelfError, target: str) -> web.Response:
    """`target` is the request target that failed: a moved product is found at the same one with the new id."""
    return problem_response(problem_of(error), problem_headers(error, target))


def http_error_response(error: web.HTTPException) -> web.Response:
    kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return problem_response(http_problem(error.status), kept)


def problem_headers(error: NearshelfError, target: str) -> dict[str, str]:
    """Where to look instead, how to show who asks, or when to come back."""
    match error:
        case MovedError():
            return {"Location": _with_product(target, error.product_id)}
        case UnauthorizedError():
            return {"WWW-Authenticate": 'Bearer realm="nearshelf"'}
        case TooManyError():
            return {"Retry-After": str(error.retry_after_s)}
    retry_after_s = _of_kind(type(error), RETRY_AFTER_S)
    return {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}


def status_of(kind: type[NearshelfError]) -> int:
    """500 for errors that we do not expect of a request."""
    return _of_kind(kind, STATUSES) or 500


def _of_kind(kind: type[NearshelfError], table: Mapping[type[NearshelfError], T]) -> T | None:
    return next((table[base] for base in kind.__mro__ if base in table), None)


def _detail(error: NearshelfError) -> str:
    """What is away behind us is nobody's business but ours."""
    inside = isinstance(error, UnavailableError) or not str(error)
    return f"{error.title}." if inside else str(error)


def _with_product(target: str, product_id: int) -> str:
    path = target.partition("?")[0]
    pairs = read_query_string(target).pairs
    moved = [(name, str(product_id) if name == "product" else value) for name, value in pairs]
    return f"{path}?{urlencode(moved)}"

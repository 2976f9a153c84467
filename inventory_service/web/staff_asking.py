"""How a request of staff is read, put to the service and answered: whose it is comes before what it says."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.staff.service import StaffService
from inventory_service.staff.who import Staff
from inventory_service.storage.idempotency import Request
from inventory_service.web.charging import charge
from inventory_service.web.identity import key_of, readable_by
from inventory_service.web.models import Document
from inventory_service.web.negotiating import JSON
from inventory_service.web.parts import KEY, READABLE_BY, SERVICE
from inventory_service.web.presenter import Disclosure, told_to
from inventory_service.web.queries import Query
from inventory_service.web.reading import read_query
from inventory_service.web.staff_bodies import Body, read_body

Q = TypeVar("Q", bound=Query)
B = TypeVar("B", bound=Body)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_NAME = 255
HEADERS = {"Content-Type": JSON, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class StaffAsk(Generic[Q, B]):
    """A checked request and whom to put it to; `request` where it came with an Idempotency-Key."""

    query: Q
    body: B
    staff: Staff
    service: StaffService
    request: Request | None

    @property
    def told(self) -> Disclosure:
        """How much of a count this key may see."""
        return told_to(self.staff.key)


@dataclass(frozen=True, slots=True)
class StaffEndpoint:
    """An address for staff, with what it takes and the function that makes the body of its reply."""

    method: str
    path: str
    summary: str
    query: type[Query]
    document: type[Document]
    answer: Callable[[StaffAsk[Any, Any]], Awaitable[bytes]]
    body: type[Body] = Body
    """`Body` itself: none is read."""
    status: int = 200
    statuses: tuple[int, ...] = ()
    """Problems beside 400, 401, 403, 429 and 503, which every endpoint may answer."""


def answering_staff(endpoint: StaffEndpoint) -> Handler:
    """Reads and checks the request, asks, and writes the answer; errors go up as they are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        service = request.app[SERVICE]
        asked = read_query_string(request.raw_path)
        key = key_of(asked, request.headers, service)
        request[READABLE_BY] = readable_by(key, request.headers.get("Origin"))
        staff = service.staff.of(key)
        request[KEY] = key
        query = read_query(endpoint.query, asked, request.match_info)
        body, named = Body(), None
        if endpoint.body is not Body:
            raw = await request.read()
            named = _named(request, staff, raw)
            body = read_body(endpoint.body, raw)
        await charge(request, key, 1)
        reply = await endpoint.answer(StaffAsk(query, body, staff, service.staff, named))
        return web.Response(status=endpoint.status, body=reply, headers=HEADERS)

    return handle


def _named(request: web.Request, staff: Staff, raw: bytes) -> Request | None:
    """Raises InputError."""
    names = request.headers.getall(IDEMPOTENCY_KEY, [])
    if not names:
        return None
    (name, *more) = names
    if more or not (name.isascii() and name.isprintable() and 0 < len(name) <= LONGEST_NAME):
        fault = f"must be one value of 1 to {LONGEST_NAME} printable ASCII characters"
        raise InputError(FieldFault(IDEMPOTENCY_KEY, fault))
    asked = f"{request.method} {request.path}\n".encode() + raw
    return Request(staff.key.key_id, name, hashlib.sha256(asked).digest())

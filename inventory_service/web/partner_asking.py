"""How a request about a partner's own things is read, put to the service and answered: whose it is comes first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web

from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.web.charging import charge
from inventory_service.web.identity import key_of, readable_by
from inventory_service.web.models import Document
from inventory_service.web.negotiating import JSON
from inventory_service.web.parts import KEY, READABLE_BY, SERVICE
from inventory_service.web.queries import Query
from inventory_service.web.reading import read_query
from inventory_service.web.staff_bodies import Body, read_body
from inventory_service.webhooks.service import require_partner

Q = TypeVar("Q", bound=Query)
B = TypeVar("B", bound=Body)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {"Content-Type": JSON, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class PartnerAsk(Generic[Q, B]):
    """A checked request and whom to put it to."""

    query: Q
    body: B
    key: Key
    service: Service


@dataclass(frozen=True, slots=True)
class PartnerEndpoint:
    """An address for secret keys, with what it takes and the function that makes its reply."""

    method: str
    path: str
    summary: str
    query: type[Query]
    document: type[Document]
    answer: Callable[[PartnerAsk[Any, Any]], Awaitable[Document]]
    body: type[Body] = Body
    """`Body` itself: none is read."""
    status: int = 200
    statuses: tuple[int, ...] = ()
    """Problems beside 400, 401, 403 and 503, which every endpoint may answer."""


def answering_partner(endpoint: PartnerEndpoint) -> Handler:
    """Reads and checks the request, asks, and writes the answer; errors go up as they are."""

    async def handle(request: web.Request) -> web.StreamResponse:
        service = request.app[SERVICE]
        asked = read_query_string(request.raw_path)
        key = key_of(asked, request.headers, service)
        request[READABLE_BY] = readable_by(key, request.headers.get("Origin"))
        partner = request[KEY] = require_partner(key)
        query = read_query(endpoint.query, asked, request.match_info)
        await charge(request, partner, 1)
        body = Body() if endpoint.body is Body else read_body(endpoint.body, await request.read())
        document = await endpoint.answer(PartnerAsk(query, body, partner, service))
        return web.Response(status=endpoint.status, body=document.model_dump_json().encode(), headers=HEADERS)

    return handle

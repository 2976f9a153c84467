"""/v1/staff/…: what staff tell of their shelves, and what they ask about them."""

from functools import partial
from typing import Protocol

from inventory_service.domain.confirmation import Said, time_fault
from inventory_service.domain.errors import FieldFault, InputError, NotFoundError
from inventory_service.staff.confirming import Confirmed, Order
from inventory_service.staff.naming import NamedProduct
from inventory_service.staff.who import NamedStore
from inventory_service.web.presenter import Disclosure
from inventory_service.web.staff_asking import StaffAsk, StaffEndpoint
from inventory_service.web.staff_bodies import Body, ConfirmationBody
from inventory_service.web.staff_models import CheckList, Confirmation, ConfirmationList, HeldPosition, Me
from inventory_service.web.staff_presenting import (
    body_of,
    check_seen,
    confirmation_seen,
    own_store,
    position_seen,
    trace_seen,
)
from inventory_service.web.staff_queries import ChecksQuery, MeQuery, PositionQuery, TraceQuery, UndoQuery

CONFIRMATIONS = "/v1/staff/confirmations"


class StoreAsked(Protocol):
    """One store: `store_id` or `store_code`."""

    @property
    def store_id(self) -> int | None: ...
    @property
    def store_code(self) -> str | None: ...


class ProductAsked(Protocol):
    """One product: `gtin`, `scan`, `product` or `item_id`."""

    @property
    def gtin(self) -> str | None: ...
    @property
    def scan(self) -> str | None: ...
    @property
    def product(self) -> int | None: ...
    @property
    def item_id(self) -> str | None: ...


async def confirm(ask: StaffAsk[MeQuery, ConfirmationBody]) -> bytes:
    body, service = ask.body, ask.service
    if body.observed_at is not None and (fault := time_fault(body.observed_at, service.now())):
        raise InputError(FieldFault("/observed_at", fault))
    said: Said = "count" if body.shelf is None else body.shelf
    order = Order(_store(body), _product(body), said, body.quantity, body.observed_at)
    try:
        return await service.confirm(ask.staff, order, ask.request, partial(_written, ask.told))
    except NotFoundError as error:
        raise NotFoundError(str(error), *_in_body(error.faults)) from None


async def undo(ask: StaffAsk[UndoQuery, Body]) -> bytes:
    return _written(ask.told, await ask.service.take_back(ask.staff, ask.query.id))


async def confirmations(ask: StaffAsk[TraceQuery, Body]) -> bytes:
    query = ask.query
    page = await ask.service.trace(ask.staff, query.store_id, query.limit, query.cursor)
    results = [trace_seen(one, ask.told) for one in page.traces]
    return body_of(ConfirmationList(results=results, next=None if page.before is None else str(page.before)))


async def me(ask: StaffAsk[MeQuery, Body]) -> bytes:
    stores = await ask.service.stores(ask.staff)
    return body_of(Me(retailer=ask.staff.retailer, name=ask.staff.key.name, stores=[own_store(one) for one in stores]))


async def position(ask: StaffAsk[PositionQuery, Body]) -> bytes:
    named = _product(ask.query)
    return body_of(position_seen(await ask.service.position(ask.staff, _store(ask.query), named), named, ask.told))


async def checks(ask: StaffAsk[ChecksQuery, Body]) -> bytes:
    found = await ask.service.checks(ask.staff, _store(ask.query), ask.query.limit)
    return body_of(CheckList(results=[check_seen(stop, found.now, ask.told) for stop in found.stops], next=None))


def _written(told: Disclosure, of: Confirmed) -> bytes:
    return body_of(confirmation_seen(of, told))


def _store(asked: StoreAsked) -> NamedStore:
    return NamedStore(asked.store_id, asked.store_code)


def _product(asked: ProductAsked) -> NamedProduct:
    return NamedProduct(asked.gtin or asked.scan, asked.product, asked.item_id)


def _in_body(faults: tuple[FieldFault, ...]) -> list[FieldFault]:
    return [FieldFault(f"/{fault.pointer}", fault.detail) for fault in faults]


ENDPOINTS = (
    StaffEndpoint(
        method="POST",
        path=CONFIRMATIONS,
        summary="What somebody saw on a shelf; with an Idempotency-Key it has one effect however often it is sent.",
        query=MeQuery,
        document=Confirmation,
        answer=confirm,
        body=ConfirmationBody,
        status=201,
        statuses=(404, 413, 422),
    ),
    StaffEndpoint(
        method="GET",
        path=CONFIRMATIONS,
        summary="Who said what of which shelf, newest first, with what was answered before and after.",
        query=TraceQuery,
        document=ConfirmationList,
        answer=confirmations,
        statuses=(404,),
    ),
    StaffEndpoint(
        method="POST",
        path=CONFIRMATIONS + "/{id}/undo",
        summary="Takes a confirmation back: it stays in the trace, and the level is as if it had not been.",
        query=UndoQuery,
        document=Confirmation,
        answer=undo,
        statuses=(404, 409),
    ),
    StaffEndpoint(
        method="GET",
        path="/v1/staff/checks",
        summary="What to look at next in a store: the most useful few, in the order of one walk.",
        query=ChecksQuery,
        document=CheckList,
        answer=checks,
        statuses=(404,),
    ),
    StaffEndpoint(
        method="GET",
        path="/v1/staff/me",
        summary="Whose key it is, and which stores are open to it.",
        query=MeQuery,
        document=Me,
        answer=me,
    ),
    StaffEndpoint(
        method="GET",
        path="/v1/staff/position",
        summary="A product and what is held of it at a store, before somebody confirms it.",
        query=PositionQuery,
        document=HeldPosition,
        answer=position,
        statuses=(404,),
    ),
)

"""A confirmation taken in: report, level, change log, trace and reply in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.answered import Answered, answered
from inventory_service.domain.clock import Clock
from inventory_service.domain.confirmation import STAFF, Confirmation, Said, Sighting, reports_of
from inventory_service.domain.errors import OtherRequestError
from inventory_service.domain.history import History
from inventory_service.domain.product import Product
from inventory_service.domain.store import Store
from inventory_service.staff.naming import NamedProduct, known_product
from inventory_service.staff.who import NamedStore, Staff, store_of
from inventory_service.storage import confirmations, idempotency, positions, stores
from inventory_service.storage.apply import apply_reports, lock_retailer
from inventory_service.storage.idempotency import Request
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

CREATED = 201


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to tell; `observed_at` None: of now."""

    store: NamedStore
    product: NamedProduct
    said: Said
    quantity: int | None
    observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmation with what it is about."""

    confirmation: Confirmation
    store: Store
    product: Product


Write = Callable[[Confirmed], bytes]
"""Makes the body of the reply."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By whose clock and which horizon confirmations are judged, and how they are told."""

    clock: Clock
    horizon: timedelta
    write: Write


async def reply_kept(connection: Connection, request: Request) -> bytes | None:
    """What the first request of this name was told. Raises OtherRequestError where that one asked something else."""
    kept = await idempotency.find(connection, request)
    if kept is not None and kept.sha256 != request.sha256:
        raise OtherRequestError("This Idempotency-Key came with another request before: take a new one.")
    return None if kept is None else kept.reply


async def confirm(connection: Connection, staff: Staff, order: Order, request: Request | None, terms: Terms) -> bytes:
    """Within the caller's transaction; the reply is there for whoever asks again exactly if its effect is.

    Raises NotFoundError, OtherRequestError.
    """
    await lock_retailer(connection, staff.retailer_id)
    kept = None if request is None else await reply_kept(connection, request)
    if kept is not None:
        return kept
    now = terms.clock()
    confirmed = await _taken_in(connection, staff, order, now, terms)
    await confirmations.add(connection, staff.retailer_id, confirmed.confirmation)
    reply = terms.write(confirmed)
    if request is not None:
        await idempotency.keep(connection, request, CREATED, reply, now)
        if confirmed.confirmation.confirmation_id % idempotency.AT_ONCE == 0:
            await idempotency.let_go(connection, request.key_id)
    return reply


async def told_of(connection: Connection, key: Key, now: datetime, horizon: timedelta) -> tuple[Answered, History]:
    """What an answer tells of one piece now, and the reports behind it."""
    position = (await positions.held(connection, [key])).get(key)
    if position is None:
        return answered(None, None, now, horizon), History()
    covered = await positions.coverage(connection, [key[1]])
    covered_at = covered.get((key[1], position.level.source_id))
    return answered(position.level, covered_at, now, horizon), position.history


async def _taken_in(connection: Connection, staff: Staff, order: Order, now: datetime, terms: Terms) -> Confirmed:
    store = await store_of(connection, staff, order.store)
    product = await known_product(connection, staff.retailer_id, order.product, now)
    key = (product.product_id, store.store_id)
    before, history = await told_of(connection, key, now, terms.horizon)
    source_id = await stores.ensure_source(connection, staff.retailer_id, STAFF, now)
    confirmation_id = await confirmations.next_id(connection)
    sighting = Sighting(order.said, order.quantity, order.observed_at or now)
    reports = reports_of(sighting, confirmation_id, source_id, now, history)
    await apply_reports(connection, [(key, report) for report in reports], now)
    after, _ = await told_of(connection, key, now, terms.horizon)
    of = confirmation_id, store.store_id, product.product_id, staff.key.key_id
    return Confirmed(Confirmation(*of, sighting, now, before, after), store, product)

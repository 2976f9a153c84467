"""POST /v1/reports: a shopper found it, or not."""

from datetime import datetime, timedelta

from inventory_service.domain.clock import FUTURE_TOLERANCE
from inventory_service.domain.errors import FieldFault, InputError, MovedError, NotFoundError
from inventory_service.domain.product import Product
from inventory_service.domain.shoppers import Word
from inventory_service.domain.store import Store
from inventory_service.lookup.service import Service
from inventory_service.shoppers.hearing import Voice
from inventory_service.web.asking import PRODUCT_NAMES, naming_product
from inventory_service.web.bodies import ReportBody, pointer
from inventory_service.web.models import ReportTaken
from inventory_service.web.posting import Outcome, Posting, Told
from inventory_service.web.reach import tells_of
from inventory_service.web.wording import instant_text

OLDEST = timedelta(hours=24)


async def report(told: Told[ReportBody]) -> Outcome:
    body, service = told.body, told.service
    observed_at = _observed_at(body, service.now())
    store = await _store(body, service)
    if not tells_of(store.retailer, told.key):
        field = "store_code" if body.store_id is None else "store_id"
        raise NotFoundError("This key has no such store.", FieldFault(pointer(field), "is not known"))
    product = await _product(body, store, service)
    heard = await service.hear(product, store, Word(body.found, observed_at), Voice(body.device, told.address))
    taken = ReportTaken(
        id=str(heard.report_id), counted=heard.counted, found=body.found, observed_at=instant_text(observed_at)
    )
    return Outcome(201 if heard.news else 200, taken)


def _observed_at(body: ReportBody, now: datetime) -> datetime:
    observed_at = now if body.observed_at is None else body.observed_at
    if observed_at > now + FUTURE_TOLERANCE:
        raise InputError(FieldFault(pointer("observed_at"), "is more than 5 minutes ahead of our clock"))
    if observed_at < now - OLDEST:
        raise InputError(FieldFault(pointer("observed_at"), "is more than 24 hours ago"))
    return observed_at


async def _store(body: ReportBody, service: Service) -> Store:
    if body.store_id is None:
        return await service.store_by_code(body.retailer or "", body.store_code or "")
    try:
        return service.store(body.store_id)
    except NotFoundError as error:
        raise NotFoundError(str(error), FieldFault(pointer("store_id"), "is not known")) from error


async def _product(body: ReportBody, store: Store, service: Service) -> Product:
    """A retailer's own number means the product of the store's retailer."""
    with naming_product(pointer(next(name for name in PRODUCT_NAMES if getattr(body, name) is not None))):
        if body.product is None:
            return await service.product_by_gtin(body.gtin or body.scan or "", frozenset({store.retailer}))
        return await _by_id(body.product, service)


async def _by_id(product_id: int, service: Service) -> Product:
    try:
        return await service.product_by_id(product_id)
    except MovedError as moved:
        return await _by_id(moved.product_id, service)


POSTING = Posting(
    path="/v1/reports",
    summary="A shopper found a product on a store's shelf, or did not.",
    body=ReportBody,
    document=ReportTaken,
    take=report,
    successes={201: "Taken in.", 200: "This device had said so before, that day; nothing has changed."},
    statuses=(404,),
)

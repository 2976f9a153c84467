"""From what staff said, and what is held, to the bodies that they are answered."""

from datetime import datetime
from typing import Any

from inventory_service.domain.answered import Answered
from inventory_service.domain.checking import reason
from inventory_service.domain.product import Product
from inventory_service.domain.stock import NOTHING_KNOWN
from inventory_service.domain.store import Store
from inventory_service.staff.checks import Stop
from inventory_service.staff.confirming import Confirmed
from inventory_service.staff.naming import NamedProduct
from inventory_service.staff.service import Position
from inventory_service.staff.tracing import Trace
from inventory_service.web import models, staff_models
from inventory_service.web.presenter import Disclosure
from inventory_service.web.presenting import instant_or_none, product_seen
from inventory_service.web.wording import instant_text


def body_of(document: models.Document) -> bytes:
    return document.model_dump_json(exclude_unset=True).encode()


def confirmation_seen(of: Confirmed, told: Disclosure) -> staff_models.Confirmation:
    return staff_models.Confirmation(**_confirmation_fields(of, told))


def trace_seen(of: Trace, told: Disclosure) -> staff_models.TracedConfirmation:
    by = staff_models.Witness(key=of.hint, name=of.name)
    return staff_models.TracedConfirmation(**_confirmation_fields(of.confirmed, told), by=by)


def position_seen(of: Position, named: NamedProduct, told: Disclosure) -> staff_models.HeldPosition:
    as_of, covered_at = _times(of.told, told)
    return staff_models.HeldPosition(
        store=_store_seen(of.store),
        product=_product_named(of.product, named),
        **_told_fields(of.told, told),
        as_of=instant_or_none(as_of),
        covered_at=instant_or_none(covered_at),
    )


def check_seen(of: Stop, now: datetime, told: Disclosure) -> staff_models.Check:
    candidate = of.check.candidate
    as_of, covered_at = _times(candidate.told, told)
    return staff_models.Check(
        product=product_seen(of.product),
        aisle=of.aisle,
        **_told_fields(candidate.told, told),
        as_of=instant_or_none(as_of),
        asked_per_day=round(candidate.asked_per_day, 1),
        value=float(f"{of.check.value:.2g}"),
        why=reason(candidate, covered_at, now),
    )


def own_store(of: Store) -> staff_models.OwnStore:
    return staff_models.OwnStore(id=of.store_id, store_code=of.store_code, name=of.name, address=of.address)


def _confirmation_fields(of: Confirmed, told: Disclosure) -> dict[str, Any]:
    """Those of staff_models.Confirmation."""
    one = of.confirmation
    said = one.sighting
    return {
        "id": str(one.confirmation_id),
        "store": _store_seen(of.store),
        "product": product_seen(of.product),
        "shelf": None if said.said == "count" else said.said,
        "quantity": said.quantity,
        "observed_at": instant_text(said.observed_at),
        "received_at": instant_text(one.received_at),
        "before": staff_models.Told(**_told_fields(one.before, told)),
        "after": staff_models.Told(**_told_fields(one.after, told)),
        "undone_at": instant_or_none(one.undone_at),
    }


def _store_seen(of: Store) -> staff_models.StaffStore:
    return staff_models.StaffStore(id=of.store_id, store_code=of.store_code, name=of.name)


def _product_named(of: Product | None, named: NamedProduct) -> staff_models.NamedProduct:
    if of is None:
        return staff_models.NamedProduct(id=None, gtin=named.gtin, name=None, brand=None, image_url=None)
    return staff_models.NamedProduct(**product_seen(of).model_dump())


def _times(of: Answered, told: Disclosure) -> tuple[datetime | None, datetime | None]:
    """as_of and covered_at, as far as they may be told."""
    backing = told.backing(of)
    return (None, None) if backing is None else (backing.observed_at, backing.covered_at)


def _told_fields(of: Answered, told: Disclosure) -> dict[str, Any]:
    """Those of staff_models.Told that are set."""
    exact, stock = of.judgement.probability, of.stock or NOTHING_KNOWN
    return {
        "availability": of.judgement.availability,
        "probability": None if exact is None else told.probability(exact),
        "quantity_band": stock.band,
        **told.count(stock),
    }

"""An availability answer straight to JSON: byte for byte what its model would give, at a fraction of the cost."""

from datetime import datetime
from typing import Any

import orjson

from inventory_service.domain.availability import Answer, Found
from inventory_service.domain.offer import Details, Money, Pickup
from inventory_service.web.models import Origin
from inventory_service.web.presenter import Disclosure, age_s, evidence_fields
from inventory_service.web.presenting import product_fields, store_fields
from inventory_service.web.replying import Reply, entity_tag
from inventory_service.web.wording import instant_text, money_text


def rendered(answer: Answer, origin: Origin, told: Disclosure) -> Reply:
    """The reply of `answer_seen`; its ETag looks at neither `answered_at` nor any `age_s`."""
    results = [_result(found, answer.answered_at, told) for found in answer.results]
    beyond = answer.nearest_beyond
    nearest = None if beyond is None else _result(beyond, answer.answered_at, told)
    document: dict[str, Any] = {
        "product": product_fields(answer.product),
        "origin": {"lat": origin.lat, "lon": origin.lon, "label": origin.label},
        "answered_at": instant_text(answer.answered_at),
        "quantity": answer.quantity,
        "results": results,
        "nearest_beyond": nearest,
    }
    body = orjson.dumps(document)
    del document["answered_at"]
    for result in results if nearest is None else (*results, nearest):
        result.pop("age_s", None)
    return Reply(body, entity_tag(orjson.dumps(document)))


def _result(found: Found, answered_at: datetime, told: Disclosure) -> dict[str, Any]:
    backing = told.backing(found)
    fields: dict[str, Any] = {
        "store": store_fields(found.store, found.hours),
        "distance_m": found.distance_m,
        "availability": found.availability,
        "probability": None if found.probability is None else told.probability(found.probability),
        "quantity_band": found.stock.band,
        **price_fields(found.price, found.sale_price),
        **counter_fields(Details(pickup=found.pickup, aisle=found.aisle, order_in_store=found.order_in_store)),
        "as_of": instant_text(backing.as_of),
        "covered_at": None if backing.covered_at is None else instant_text(backing.covered_at),
        "age_s": age_s(backing, answered_at),
        "evidence": [evidence_fields(seen, told) for seen in backing.evidence],
        **told.count(found.stock),
    }
    return told.result(fields)


def price_fields(price: Money | None, sale_price: Money | None) -> dict[str, Any]:
    """Those of models.Result, in its order."""
    return {"price": _money(price), "sale_price": _money(sale_price)}


def counter_fields(of: Details) -> dict[str, Any]:
    """Those that follow: where and how to get it."""
    return {"pickup": _pickup(of.pickup), "aisle": of.aisle, "order_in_store": of.order_in_store}


def _money(of: Money | None) -> dict[str, str] | None:
    return None if of is None else {"amount": money_text(of.amount, of.currency), "currency": of.currency}


def _pickup(of: Pickup | None) -> dict[str, str | None] | None:
    return None if of is None else {"method": of.method, "sla": of.sla}

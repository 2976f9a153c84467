"""How an availability answer is told: with counts to keys of that scope, in bands to everyone else.

Without the scope nothing but the word, the band and the rounded probability may depend on a count: not even what a
result stands on, which is the evidence as it is shown.
"""

from datetime import datetime
from typing import Any, Protocol, TypeVar

from inventory_service.domain.availability import Answer, Backing, Evidence, Found
from inventory_service.domain.key import Key
from inventory_service.domain.stock import Stock
from inventory_service.web import models
from inventory_service.web.presenting import (
    instant_or_none,
    money_seen,
    pickup_seen,
    product_seen,
    source_fields,
    store_seen,
)
from inventory_service.web.wording import instant_text, public_probability

SIGHTINGS = frozenset({"confirmation", "shopper"})
UNTOLD = dict.fromkeys(models.Result.model_fields)
"""What stands for a field that is not told, and is left out of the body."""


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Backed(Protocol[T_co]):
    """What stands on evidence: its own, and what is shown without counts."""

    @property
    def exact(self) -> T_co: ...
    @property
    def shown(self) -> T_co: ...


class Disclosure(Protocol):
    """How much of a result, and of a count in it, is told."""

    def probability(self, exact: float) -> float: ...

    def count(self, stock: Stock) -> dict[str, int | None]:
        """The fields that tell it: none at all where it is not to be told."""

    def backing(self, of: Backed[T]) -> T:
        """What something is said to stand on."""

    def result(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Those of a result that are told, in their order."""


class InBands:
    """For everyone."""

    def probability(self, exact: float) -> float:
        return public_probability(exact)

    def count(self, _stock: Stock) -> dict[str, int | None]:
        return {}

    def backing(self, of: Backed[T]) -> T:
        return of.shown

    def result(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields


class InCounts:
    """For keys with scope counts."""

    def probability(self, exact: float) -> float:
        return exact

    def count(self, stock: Stock) -> dict[str, int | None]:
        return {"quantity": stock.quantity}

    def backing(self, of: Backed[T]) -> T:
        return of.exact

    def result(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields


class InFields:
    """For keys that are told some fields of a result alone."""

    def __init__(self, told: Disclosure, fields: frozenset[str]) -> None:
        self._told, self._fields = told, fields
        self.probability, self.count, self.backing = told.probability, told.count, told.backing

    def result(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in self._told.result(fields).items() if name in self._fields}


def told_to(key: Key | None) -> Disclosure:
    """What `key` is told of a result, wherever an answer holds one: counts with their scope, and its own fields."""
    told = InCounts() if key is not None and key.sees_counts else InBands()
    return told if key is None or not key.fields else InFields(told, key.fields)


def answer_seen(answer: Answer, origin: models.Origin, told: Disclosure) -> models.AvailabilityAnswer:
    beyond = answer.nearest_beyond
    return models.AvailabilityAnswer(
        product=product_seen(answer.product),
        origin=origin,
        answered_at=instant_text(answer.answered_at),
        quantity=answer.quantity,
        results=[result_seen(found, answer.answered_at, told) for found in answer.results],
        nearest_beyond=None if beyond is None else result_seen(beyond, answer.answered_at, told),
    )


def result_seen(found: Found, answered_at: datetime, told: Disclosure) -> models.Result:
    """One store's answer."""
    backing = told.backing(found)
    fields: dict[str, Any] = {
        "store": store_seen(found.store, found.hours),
        "distance_m": found.distance_m,
        "availability": found.availability,
        "probability": None if found.probability is None else told.probability(found.probability),
        "quantity_band": found.stock.band,
        "price": money_seen(found.price),
        "sale_price": money_seen(found.sale_price),
        "pickup": pickup_seen(found.pickup),
        "aisle": found.aisle,
        "order_in_store": found.order_in_store,
        "as_of": instant_text(backing.as_of),
        "covered_at": instant_or_none(backing.covered_at),
        "age_s": age_s(backing, answered_at),
        "evidence": [models.Evidence(**evidence_fields(seen, told)) for seen in backing.evidence],
    }
    seen = told.result({**fields, **told.count(found.stock)})
    return models.Result.model_construct(set(seen), **{**UNTOLD, **seen})


def evidence_fields(seen: Evidence, told: Disclosure) -> dict[str, Any]:
    """Those that are set, in the model's order."""
    fields: dict[str, Any] = {
        **source_fields(seen.kind, seen.source),
        "observed_at": instant_text(seen.observed_at),
    }
    if seen.kind in SIGHTINGS:
        fields["seen"] = seen.stock.high != 0
    elif seen.kind == "record":
        fields["quantity_band"] = seen.stock.band
    return {**fields, **told.count(seen.stock)}


def age_s(backing: Backing, answered_at: datetime) -> int:
    """From the newer of `as_of` and `covered_at`; whole seconds."""
    newest = backing.as_of if backing.covered_at is None else max(backing.as_of, backing.covered_at)
    return max(0, int((answered_at - newest).total_seconds()))

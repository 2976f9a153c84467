"""Webhook events as they go out: the words and formats of GET /v1/availability, for one product at one store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import CHANGED, TEST
from inventory_service.web.presenter import Disclosure, InBands, InCounts, result_seen
from inventory_service.web.presenting import product_fields
from inventory_service.web.wording import instant_text
from inventory_service.webhooks.looking import Sight

OF_A_QUESTION = {"distance_m", "age_s"}
"""Fields of a result that only somebody who asks from somewhere, at some time, has."""
ALWAYS = frozenset({"store"})
"""Without it an event would be of nowhere."""


class EventWording:
    """Says of a position what its key may see."""

    def seen(self, sight: Sight, key: Key) -> dict[str, Any]:
        found, told = sight.found, disclosure(key)
        fields = {
            "availability": found.availability,
            "probability": None if found.probability is None else told.probability(found.probability),
            "quantity_band": found.stock.band,
            "as_of": instant_text(found.as_of),
            **told.count(found.stock),
        }
        return trimmed(fields, key)

    def event(self, sight: Sight, key: Key, previous: Mapping[str, Any], now: datetime) -> bytes:
        result = result_seen(sight.found, now, disclosure(key))
        shown = trimmed(result.model_dump(exclude_unset=True, exclude=OF_A_QUESTION), key)
        data = {"product": product_fields(sight.product), **shown, "previous": previous}
        return orjson.dumps({"type": CHANGED, "timestamp": instant_text(now), "data": data})


def test_event(webhook_id: int, now: datetime) -> bytes:
    """The body of `webhook.test`."""
    return orjson.dumps({"type": TEST, "timestamp": instant_text(now), "data": {"webhook": {"id": webhook_id}}})


def disclosure(key: Key) -> Disclosure:
    """How much of a count the key is told."""
    return InCounts() if key.sees_counts else InBands()


def trimmed(fields: dict[str, Any], key: Key) -> dict[str, Any]:
    """The fields of a result that the key was made for."""
    if not key.fields:
        return fields
    return {name: value for name, value in fields.items() if name in key.fields or name in ALWAYS}

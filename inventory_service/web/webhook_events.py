"""Webhook events as they go out: the words and formats of GET /v1/availability, for one product at one store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import CHANGED, TEST
from inventory_service.web.presenter import result_seen, told_to
from inventory_service.web.presenting import product_fields, store_seen
from inventory_service.web.wording import instant_text
from inventory_service.webhooks.looking import Sight

OF_A_QUESTION = {"distance_m", "age_s"}
"""Fields of a result that only somebody who asks from somewhere, at some time, has."""


class EventWording:
    """Says of a position what its key may see."""

    def seen(self, sight: Sight, key: Key) -> dict[str, Any]:
        found, told = sight.found, told_to(key)
        fields = {
            "availability": found.availability,
            "probability": None if found.probability is None else told.probability(found.probability),
            "quantity_band": found.stock.band,
            "as_of": instant_text(told.backing(found).as_of),
            **told.count(found.stock),
        }
        return told.result(fields)

    def event(self, sight: Sight, key: Key, previous: Mapping[str, Any], now: datetime) -> bytes:
        """Its store is told to every key: else it would be of nowhere."""
        result = result_seen(sight.found, now, told_to(key)).model_dump(exclude_unset=True, exclude=OF_A_QUESTION)
        store = store_seen(sight.found.store, sight.found.hours).model_dump(exclude_unset=True)
        data = {"product": product_fields(sight.product), **result, "store": store, "previous": previous}
        return orjson.dumps({"type": CHANGED, "timestamp": instant_text(now), "data": data})


def test_event(webhook_id: int, now: datetime) -> bytes:
    """The body of `webhook.test`."""
    return orjson.dumps({"type": TEST, "timestamp": instant_text(now), "data": {"webhook": {"id": webhook_id}}})

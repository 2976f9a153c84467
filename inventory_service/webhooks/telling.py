"""What is to be told, and to whom: each webhook's news of some positions, written together."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import CHANGED, NOTHING_TOLD, is_news
from inventory_service.storage import outbox, webhook_log
from inventory_service.storage.outbox import Event
from inventory_service.storage.positions import Key as Position
from inventory_service.storage.postgres import Connection
from inventory_service.webhooks.looking import Sight


class Wording(Protocol):
    """How a key is told: of no more than it may see."""

    def seen(self, sight: Sight, key: Key) -> dict[str, Any]:
        """The part that decides whether there is news, and is told as `previous` later."""

    def event(self, sight: Sight, key: Key, previous: Mapping[str, Any], now: datetime) -> bytes:
        """The body of `availability.changed`."""


def new_event_id() -> str:
    """A `webhook-id`."""
    return f"msg_{secrets.token_urlsafe(18)}"


def may_hear(key: Key, sight: Sight) -> bool:
    """Whether the key is told of the store at all."""
    return not key.retailers or sight.found.store.retailer in key.retailers


class News:
    """What comes together of some positions, until it is written in the transaction under way."""

    def __init__(self, wording: Wording, now: datetime) -> None:
        self._wording, self._now = wording, now
        self._noted: list[tuple[int, Position, Mapping[str, Any]]] = []
        self._events: list[Event] = []

    def first(self, webhook_id: int, key: Key, position: Position, sight: Sight) -> None:
        """It stood there when the webhook was made: noted, and told to nobody."""
        if may_hear(key, sight):
            self._noted.append((webhook_id, position, self._wording.seen(sight, key)))

    def consider(
        self, webhook_id: int, key: Key, position: Position, sight: Sight, before: Mapping[str, Any] | None
    ) -> None:
        """Told, if it differs from what was told `before`; None: nothing was held of it."""
        if not may_hear(key, sight):
            return
        now = self._wording.seen(sight, key)
        previous = {name: (NOTHING_TOLD if before is None else before).get(name) for name in now}
        if is_news(previous, now):
            body = self._wording.event(sight, key, previous, self._now)
            self._events.append(Event(webhook_id, position, new_event_id(), CHANGED, body))
            self._noted.append((webhook_id, position, now))

    async def write(self, connection: Connection) -> int:
        """How many events there are."""
        await outbox.add(connection, self._events)
        await webhook_log.note(connection, self._noted)
        return len(self._events)

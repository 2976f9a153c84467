"""The one door to webhooks for whoever subscribes, over HTTP or by hand."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import FieldFault, ForbiddenError, KeyRequiredError, NotFoundError, OvertakenError
from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import ENDINGS, Delivery, Webhook
from inventory_service.storage import outbox, webhooks
from inventory_service.storage.postgres import Connection, Pool, connected, transaction
from inventory_service.storage.webhooks import NewWebhook
from inventory_service.webhooks.addresses import require_url
from inventory_service.webhooks.subscribing import Order, ground_of
from inventory_service.webhooks.telling import new_event_id

MOST_OF_A_KEY = 20
SECRET_BYTES = 32
READING = frozenset({"read", "counts"})

TestBody = Callable[[int, datetime], bytes]
"""Makes the body of a test event from the webhook's id and the time."""


@dataclass(frozen=True, slots=True)
class Created:
    """The secret is told here and never again."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new secret; the old one signs as well until then."""

    secret: str
    old_until: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some deliveries, and before which id they go on; None: that was all."""

    deliveries: tuple[Delivery, ...]
    before: int | None


def new_secret() -> str:
    """As Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def require_partner(key: Key | None) -> Key:
    """Raises KeyRequiredError, ForbiddenError unless it is a secret key that reads."""
    if key is None:
        raise KeyRequiredError("Webhooks belong to a key: send a secret one (sk_) as Authorization: Bearer KEY.")
    if key.kind != "sk" or not key.scopes & READING:
        raise ForbiddenError("Webhooks are for secret keys (sk_) with scope read.")
    return key


class Webhooks:
    """`key_id` None: anybody's, for whoever runs the service. All raise StorageError, and NotFoundError for others'."""

    def __init__(self, pool: Pool, clock: Clock, deadline_s: float, *, private: bool) -> None:
        self._pool, self._clock, self._deadline_s, self._private = pool, clock, deadline_s, private

    async def create(self, key: Key, order: Order) -> Created:
        """Raises InputError, ForbiddenError."""
        url, secret = require_url(order.url, private=self._private), new_secret()
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            ground = await ground_of(connection, order, key)
            await _require_room(connection, key.key_id)
            about = ground.product_ids, ground.store_ids, ground.retailer_ids
            new = NewWebhook(key.key_id, url, order.description, *about, secret)
            webhook_id = await webhooks.add(connection, new, self._clock())
            return Created(await _of(connection, webhook_id, None), secret)

    async def listed(self, key_id: int | None) -> list[Webhook]:
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            return await webhooks.listed(connection, key_id)

    async def find(self, webhook_id: int, key_id: int | None) -> Webhook:
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            return await _of(connection, webhook_id, key_id)

    async def pause(self, webhook_id: int, key_id: int | None) -> Webhook:
        """What changes from now on is told when it goes on."""
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            await _of(connection, webhook_id, key_id)
            await webhooks.pause(connection, webhook_id, self._clock())
            return await _of(connection, webhook_id, None)

    async def resume(self, webhook_id: int, key_id: int | None) -> Webhook:
        """After a pause, or an end. Raises ForbiddenError where an ended one would be more than a key may have."""
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            webhook = await _of(connection, webhook_id, key_id)
            if webhook.state == "ended":
                await _require_room(connection, webhook.key_id)
            await webhooks.resume(connection, webhook_id)
            return await _of(connection, webhook_id, None)

    async def delete(self, webhook_id: int, key_id: int | None) -> Webhook:
        """As it is from now on: ended."""
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            webhook = await _of(connection, webhook_id, key_id)
            await webhooks.delete(connection, webhook_id, key_id, self._clock())
            return replace(webhook, state="ended")

    async def rotate(self, webhook_id: int, key_id: int | None) -> Rotated:
        """Raises OvertakenError where it has ended."""
        secret = new_secret()
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            await _in_force(connection, webhook_id, key_id)
            until = await webhooks.rotate(connection, webhook_id, key_id, secret)
            if until is None:
                raise _unknown(webhook_id)
            return Rotated(secret, until)

    async def test(self, webhook_id: int, key_id: int | None, body_of: TestBody) -> Delivery:
        """A `webhook.test`, delivered like any other event. Raises OvertakenError where it has ended."""
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            await _in_force(connection, webhook_id, key_id)
            body = body_of(webhook_id, self._clock())
            return await _delivery(connection, await outbox.add_test(connection, webhook_id, new_event_id(), body))

    async def deliveries(
        self, webhook_id: int, key_id: int | None, before: int | None, state: str | None, limit: int
    ) -> Page:
        """The newest first."""
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            await _of(connection, webhook_id, key_id)
            found = await outbox.newest(connection, webhook_id, before, state, limit + 1)
        shown = found[:limit]
        return Page(tuple(shown), shown[-1].delivery_id if len(found) > limit else None)

    async def retry(self, webhook_id: int, delivery_id: int, key_id: int | None) -> Delivery:
        """It is due at once. Raises OvertakenError unless it waits, or is dead and still the newest of its position."""
        async with transaction(self._pool, deadline_s=self._deadline_s) as connection:
            await _in_force(connection, webhook_id, key_id)
            standing = await outbox.standing(connection, webhook_id, delivery_id)
            if standing is None:
                raise NotFoundError(f"No delivery {delivery_id} is known.", FieldFault("delivery", "is not known"))
            if standing.state == "delivered":
                raise OvertakenError("It has been delivered.")
            if standing.state == "replaced" or standing.overtaken:
                raise OvertakenError("Something newer has been told of the same product and store since.")
            await outbox.retry(connection, webhook_id, delivery_id)
            return await _delivery(connection, delivery_id)


async def _of(connection: Connection, webhook_id: int, key_id: int | None) -> Webhook:
    """Raises NotFoundError: in the same words for what is another key's."""
    webhook = await webhooks.find(connection, webhook_id, key_id)
    if webhook is None:
        raise _unknown(webhook_id)
    return webhook


async def _in_force(connection: Connection, webhook_id: int, key_id: int | None) -> None:
    """Raises NotFoundError, OvertakenError."""
    webhook = await _of(connection, webhook_id, key_id)
    if webhook.ended_why is not None:
        raise OvertakenError(f"The webhook has ended: {ENDINGS[webhook.ended_why]}. Resume it first.")


async def _require_room(connection: Connection, key_id: int) -> None:
    """Raises ForbiddenError."""
    if await webhooks.count_of_key(connection, key_id) >= MOST_OF_A_KEY:
        raise ForbiddenError(f"This key has {MOST_OF_A_KEY} webhooks, and that is the most: delete one first.")


async def _delivery(connection: Connection, delivery_id: int) -> Delivery:
    found = await outbox.find(connection, delivery_id)
    assert found is not None
    return found


def _unknown(webhook_id: int) -> NotFoundError:
    return NotFoundError(f"No webhook {webhook_id} is known.", FieldFault("id", "is not known"))

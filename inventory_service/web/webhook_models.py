"""What is answered about webhooks."""

from typing import Any, Literal

from pydantic import Field

from inventory_service.domain.webhooks import DeliveryState, EndReason, State
from inventory_service.web.models import Document, Instant, Listing


class Webhook(Document):
    """A subscription; its secret is told once, when it is made."""

    id: int
    url: str
    description: str
    products: list[int] = Field(description="Our ids.")
    store_ids: list[int] = Field(description="Our ids of single stores.")
    retailers: list[str] = Field(description="All stores of these.")
    state: State = Field(
        description="ended: nothing is told any more: it was deleted, or it waits for being resumed; see ended_why."
    )
    ended_why: EndReason | None = Field(
        description="gone: the receiver answered 410; failing: nothing could be delivered for five days; null: neither."
    )
    ended_at: Instant | None
    watching: bool = Field(description="Whether all that stood there at first has been noted: then changes are told.")
    created_at: Instant
    failures: int = Field(ge=0, description="Attempts that failed since the last that did not.")
    failing_since: Instant | None = Field(description="The first of these; null where there is none.")
    waiting: int = Field(ge=0, description="Deliveries that wait; 10,000 may be more.")
    dead: int = Field(ge=0, description="Deliveries that were given up and can be retried by hand; 10,000 may be more.")


class NewWebhook(Webhook):
    """A subscription that was just made."""

    secret: str = Field(description="whsec_…: verifies the signatures. It is told here and never again.")


class WebhookList(Listing[Webhook]):
    """All of the key's, the oldest first."""


class RotatedSecret(Document):
    """A new secret."""

    secret: str = Field(description="whsec_…: it is told here and never again.")
    old_until: Instant = Field(description="Until then the old one signs as well.")


class Delivery(Document):
    """One event and what became of it."""

    id: str
    webhook_id: str = Field(description="The header webhook-id, the same at every attempt.")
    type: Literal["availability.changed", "webhook.test"]
    state: DeliveryState = Field(
        description="waiting; delivered: answered 2xx; dead: given up; replaced: something newer of the same product "
        "and store came first."
    )
    created_at: Instant
    attempts: int = Field(ge=0)
    last_attempt_at: Instant | None
    next_attempt_at: Instant | None = Field(description="Null where it does not wait.")
    status: int | None = Field(description="HTTP status of the last attempt; null: none came.")
    failure: str | None = Field(description="Why the last attempt failed.")
    payload: dict[str, Any] = Field(description="What was sent, or is to be.")


class DeliveryList(Listing[Delivery]):
    """Deliveries, the newest first."""

"""What may be asked of webhooks at each address, beside bodies."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from inventory_service.web.queries import Query
from inventory_service.web.staff_queries import Limit
from inventory_service.web.values import BigId, RowId

WebhookId = Annotated[RowId, Field(description="The webhook's id.", examples=[1])]


class AllQuery(Query):
    """All of the key's."""


class WebhookQuery(Query):
    """One webhook."""

    in_path: ClassVar[frozenset[str]] = frozenset({"id"})
    id: WebhookId


class DeliveriesQuery(WebhookQuery):
    """The newest first."""

    state: Annotated[
        Literal["waiting", "delivered", "dead", "replaced"] | None, Field(description="Only those that stand so.")
    ] = None
    limit: Limit = 20
    cursor: Annotated[BigId | None, Field(description="`next` of the page before.")] = None


class DeliveryQuery(WebhookQuery):
    """One delivery of one webhook."""

    in_path: ClassVar[frozenset[str]] = frozenset({"id", "delivery"})
    delivery: Annotated[BigId, Field(description="The delivery's id.", examples=["1"])]

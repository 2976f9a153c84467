"""What is sent to subscribe."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from inventory_service.web.staff_bodies import Body, Id
from inventory_service.web.values import Code, Gtin, Slug, without_controls
from inventory_service.webhooks.addresses import LONGEST_URL
from inventory_service.webhooks.subscribing import MOST_PRODUCTS, MOST_RETAILERS, MOST_STORES

Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_URL),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": LONGEST_URL}),
]
Description = Annotated[str, StringConstraints(max_length=200), AfterValidator(without_controls)]


class NamedStore(BaseModel):
    """A store by its retailer's own code."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    retailer: Annotated[Slug, Field(description="The retailer's slug.")]
    store_code: Annotated[Code, Field(description="The retailer's own code.")]


class WebhookBody(Body):
    """Products by `gtins` and `products`, and stores by `store_ids`, `stores` and `retailers`: some of either."""

    url: Annotated[Url, Field(description="Where to deliver to: https, a public server.")]
    description: Annotated[Description, Field(description="Your own words.")] = ""
    gtins: Annotated[list[Gtin], Field(max_length=MOST_PRODUCTS, description="GTINs of 8, 12, 13 or 14 digits.")] = (
        Field(default_factory=list)
    )
    products: Annotated[list[Id], Field(max_length=MOST_PRODUCTS, description="Our ids of products.")] = Field(
        default_factory=list
    )
    store_ids: Annotated[list[Id], Field(max_length=MOST_STORES, description="Our ids of stores.")] = Field(
        default_factory=list
    )
    stores: Annotated[
        list[NamedStore], Field(max_length=MOST_STORES, description="Stores by their retailers' own codes.")
    ] = Field(default_factory=list)
    retailers: Annotated[list[Slug], Field(max_length=MOST_RETAILERS, description="All stores of these.")] = Field(
        default_factory=list
    )

"""What is answered at each address: these models are serialised, and the OpenAPI document is made from them.

Fields that are "only with scope counts" are left unset, and so left out, for everyone else.
"""

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from inventory_service.domain.stock import Availability, Band

Instant = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T03:40:12Z"]})
]
Count = Annotated[int | None, Field(ge=0, description="Exact count; only with scope counts, null where not known.")]

AvailabilityWord = TypeAliasType("AvailabilityWord", Availability)
QuantityBand = TypeAliasType("QuantityBand", Band)
"""Under names of their own in the OpenAPI document, so that a generated client has one type of each."""


class Document(BaseModel):
    """Base of all bodies. `fleeting` names what an ETag does not look at, in pydantic's `exclude` form."""

    model_config = ConfigDict(frozen=True)
    fleeting: ClassVar[Any] = None


class Product(Document):
    """What is sold."""

    id: int
    gtin: str | None = Field(description="14 digits, zero-padded.")
    name: str | None
    brand: str | None
    image_url: str | None


class ProductDetail(Product):
    """A product with all we know of it."""

    category: str | None


class Store(Document):
    """A place with shelves."""

    id: int
    retailer: str = Field(description="The retailer's slug.")
    store_code: str = Field(description="The retailer's own code.")
    name: str
    address: str = Field(description="One line for people.")
    lat: float
    lon: float
    phone: str | None = Field(description="E.164.")
    timezone: str = Field(description="IANA name.")
    open_now: bool | None = Field(description="Null where the hours are not known.")
    closes_at: Instant | None
    opens_at: Instant | None
    demo: bool = Field(False, description="True for a simulated store; left out otherwise.")


class NearbyStore(Store):
    """A store and how far it is."""

    distance_m: int = Field(ge=0, description="Geodesic on WGS84.")


class StoreDetail(Store):
    """A store with all we know of it."""

    retailer_name: str
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None = Field(description="ISO 3166-1 alpha-2.")
    opening_hours: str | None = Field(description="OSM opening_hours syntax.")


class Place(Document):
    """A postcode or a city."""

    label: str
    lat: float
    lon: float
    country: str = Field(description="ISO 3166-1 alpha-2.")
    kind: str = Field(description="postcode, city or point.")
    population: int = Field(description="0: not known.")


class Origin(Document):
    """Where was asked from."""

    lat: float
    lon: float
    label: str


class Money(Document):
    """An amount in major units."""

    amount: str = Field(description="Decimal.", examples=["29.99"])
    currency: str = Field(description="ISO 4217.", examples=["USD"])


class Pickup(Document):
    """How the store hands it over."""

    method: str = Field(description="buy, reserve, ship_to_store or not_supported.")
    sla: str | None = Field(description="same_day, next_day, 2_day … multi_week.")


class Evidence(Document):
    """One thing that was seen, by whom and when."""

    kind: str = Field(description="record, sale, delivery, confirmation or shopper.")
    source: str
    observed_at: Instant
    quantity_band: QuantityBand | None = Field(
        None, description="Of a record; null where its range spans several bands."
    )
    seen: bool | None = Field(None, description="Of a confirmation or a shopper's word.")
    quantity: Count = None


class Result(Document):
    """One store's answer."""

    store: Store
    distance_m: int = Field(ge=0, description="Geodesic on WGS84.")
    availability: AvailabilityWord
    probability: float | None = Field(
        ge=0, le=1, description="That the shelf has it; in steps of 0.05, exact with scope counts; null for unknown."
    )
    quantity_band: QuantityBand | None
    price: Money | None
    sale_price: Money | None
    pickup: Pickup | None
    aisle: str | None
    order_in_store: bool
    as_of: Instant = Field(description="The newest evidence.")
    covered_at: Instant | None = Field(description="When the source last stood by what it holds.")
    age_s: int = Field(ge=0, description="From the newer of as_of and covered_at to answered_at.")
    evidence: list[Evidence]
    quantity: Count = None


class AvailabilityAnswer(Document):
    """Stores likely to have it by distance, then unknown, then out of stock."""

    fleeting: ClassVar[Any] = {"answered_at": True, "results": {"__all__": {"age_s"}}, "nearest_beyond": {"age_s"}}
    product: Product
    origin: Origin
    answered_at: Instant
    quantity: int
    results: list[Result]
    nearest_beyond: Result | None = Field(
        description="Where nothing likely is inside the radius: the nearest likely one."
    )


D = TypeVar("D", bound=Document)


class Listing(Document, Generic[D]):
    """Some results; `next` is the cursor of the following page, null on the last."""

    results: list[D]
    next: str | None


class ProductList(Listing[Product]):
    """Products, best match first."""


class StoreList(Listing[NearbyStore]):
    """Stores, nearest first."""


class PlaceList(Listing[Place]):
    """Places, best match first."""


class ReportTaken(Document):
    """A shopper's word as it was taken in."""

    id: str
    counted: bool = Field(description="Whether it weighs: nothing newer is known of the shelf.")
    found: bool
    observed_at: Instant


class Readiness(Document):
    """Ready: Postgres or Redis answers, and the store directory is loaded."""

    status: Literal["ready"]
    parts: dict[str, str] = Field(description="ok or a short reason, by part.")


class Liveness(Document):
    """The process answers."""

    status: Literal["alive"]

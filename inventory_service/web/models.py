"""What is answered at each address: these models are serialised, and the OpenAPI document is made from them.

Fields that are "only with scope counts" are left unset, and so left out, for everyone else.
"""

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from inventory_service.domain.stock import Availability, Band
from inventory_service.runtime.http.problems import Problem

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
    open_now: bool | None = Field(
        description="At `answered_at`, whatever `arrive_in_s`; null where the hours are not known."
    )
    closes_at: Instant | None = Field(description="When it next closes; null while it is closed, or does not close.")
    opens_at: Instant | None = Field(description="When it next opens; null while it is open.")
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
    quantity_band: QuantityBand | None = Field(description="Null where what is known spans several bands.")
    price: Money | None = Field(description="Of one piece.")
    sale_price: Money | None = Field(description="Of one piece, while the sale lasts.")
    pickup: Pickup | None = Field(description="How what was ordered is handed over; null where it was not told.")
    aisle: str | None = Field(description="Where it lies, in the store's own words.")
    order_in_store: bool = Field(description="Not taken off a shelf there, but it can be ordered in the store.")
    as_of: Instant = Field(
        description="The newest evidence; without scope counts a count that changes within its band is none."
    )
    covered_at: Instant | None = Field(description="When the source last stood by what it holds.")
    age_s: int = Field(ge=0, description="From the newer of as_of and covered_at to answered_at.")
    evidence: list[Evidence]
    quantity: Count = None


class AvailabilityAnswer(Document):
    """Stores likely to have it, then unknown, then out of stock: each by distance, equal distances by store id."""

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
    """Stores, nearest first, equal distances by id."""


class PlaceList(Listing[Place]):
    """Places, best match first: suggestions without pages, so `next` is always null."""


class PairAnswer(Document):
    """One pair's status, and what GET /v1/availability would have answered with it."""

    status: int = Field(description="200, or that of the problem.")
    answer: AvailabilityAnswer | None = Field(None, description="With status 200.")
    problem: Problem | None = Field(None, description="With any other status; its pointers are into the body asked.")


class BatchAnswer(Listing[PairAnswer]):
    """Each pair's own status, in the order asked."""


class BasketItem(Document):
    """One product of the list, or why it cannot be looked for."""

    status: int = Field(description="200, or that of the problem.")
    quantity: int
    product: Product | None = Field(None, description="With status 200.")
    problem: Problem | None = Field(None, description="With any other status; its pointers are into the body asked.")


class ShelfItem(Document):
    """One product of the list that the store is likely to have."""

    item: int = Field(ge=0, description="Its place in the list asked, from 0.")
    availability: Availability
    probability: float | None = Field(ge=0, le=1)
    quantity_band: Band | None
    price: Money | None = Field(description="Of one piece.")
    sale_price: Money | None = Field(description="Of one piece, while it lasts.")
    quantity: Count = None


class BasketStore(Document):
    """What one store has of the list."""

    store: Store
    distance_m: int = Field(ge=0, description="Geodesic on WGS84.")
    likely: int = Field(ge=0, description="How many products of the list it is likely to have.")
    expected: float = Field(ge=0, description="How many to expect: all its probabilities, added up.")
    items: list[ShelfItem] = Field(description="Those that it is likely to have.")
    missing: list[int] = Field(description="Places in the list of the others.")
    totals: list[Money] = Field(description="Known prices × pieces of `items`, one total a currency.")
    unpriced: list[int] = Field(description="Places in the list of those `items` whose price is not known.")


class BasketPlan(Document):
    """Where to get a product, of the two stores of a pair."""

    item: int = Field(ge=0, description="Its place in the list asked, from 0.")
    store: int = Field(description="Id of the store that is more likely to have it; of equal ones the nearer.")


class BasketPair(Document):
    """What two stores have of the list together."""

    stores: list[BasketStore] = Field(description="Two, the nearer first.")
    likely: int = Field(ge=0, description="How many products of the list one or the other is likely to have.")
    expected: float = Field(ge=0, description="How many to expect, each from where it is more likely.")
    plan: list[BasketPlan]
    missing: list[int] = Field(description="Places in the list of what neither is likely to have.")
    totals: list[Money] = Field(description="Known prices × pieces of `plan`, one total a currency.")
    unpriced: list[int] = Field(description="Places in the list of what in `plan` has no known price.")


class BasketAnswer(Document):
    """Which single stores have most of a list, and which pairs have more of it than any single one."""

    items: list[BasketItem] = Field(description="In the order asked.")
    origin: Origin
    answered_at: Instant
    stores_looked_at: int = Field(ge=0, description="Stores within the radius of which anything on the list is known.")
    best: list[BasketStore] = Field(description="Most likely items first, then most to expect, then the nearest.")
    pairs: list[BasketPair] = Field(description="In the same order, distances added up; none if they give no more.")


class ReportTaken(Document):
    """A shopper's word as it was taken in."""

    id: str
    counted: bool = Field(description="Whether it weighs: nothing newer is told of the shelf.")
    found: bool
    observed_at: Instant


class Readiness(Document):
    """Ready: Postgres or Redis answers, and the store directory is loaded."""

    status: Literal["ready"]
    parts: dict[str, str] = Field(description="ok or a short reason, by part.")


class Liveness(Document):
    """The process answers."""

    status: Literal["alive"]

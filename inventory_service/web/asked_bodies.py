"""What may be asked by POST: many pairs of a product and a place, or a whole list at one place."""

from collections.abc import Set
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, JsonValue, StrictBool, StringConstraints

from inventory_service.domain.errors import FieldFault
from inventory_service.domain.scan import MAX_LENGTH
from inventory_service.web.bodies import Body, OurId, one_of, pointer
from inventory_service.web.queries import PlaceQuery
from inventory_service.web.values import Slug, Words

LONGEST_QUESTION_BYTES = 64 * 1024
MOST_PAIRS, MOST_ITEMS, MOST_STORES = 100, 50, 20
FARTHEST_M = 100_000
"""A basket looks at every store within this distance."""

BASKET: dict[str, JsonValue] = {
    "items": [{"gtin": "09520000000417"}, {"gtin": "09520000001230", "quantity": 2}],
    "near": "94103",
}
Lat = Annotated[float, Field(strict=True, ge=-90, le=90, description="Degrees north, WGS84.", examples=[33.75])]
Lon = Annotated[float, Field(strict=True, ge=-180, le=180, description="Degrees east, WGS84.", examples=[-84.39])]
Near = Annotated[Words, Field(description='Instead of both: a postcode, "city, region" or "lat,lon".')]
Gtin = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(description="GTIN of 8, 12, 13 or 14 digits, an ISBN-10 or an UPC-E.", examples=["09520000000417"]),
]
Scan = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_LENGTH), Field(description="Instead: what a scanner read.")
]
Pieces = Annotated[
    int, Field(strict=True, ge=1, le=1_000_000, description="Pieces wanted; above 3 needs a key with scope counts.")
]
Arrival = Annotated[int, Field(strict=True, ge=0, le=604_800, description="Seconds until the shopper is there.")]
Retailers = Annotated[list[Slug], Field(max_length=50, description="Only these retailers.", examples=[["demo-grocer"]])]
OpenNow = Annotated[
    StrictBool, Field(description="Only stores that are open when the shopper is there: now, or after `arrive_in_s`.")
]


def place_faults(given: Set[str]) -> list[FieldFault]:
    """Exactly one place."""
    return [FieldFault(pointer(fault.pointer), fault.detail) for fault in PlaceQuery.choice_faults(given)]


class Wanted(Body):
    """Exactly one product. A text that names none is this entry's own problem; the others are answered."""

    gtin: Gtin | None = None
    scan: Scan | None = None
    product: Annotated[OurId | None, Field(description="Instead: our id of the product.", examples=[17])] = None
    quantity: Pieces = 1

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        return one_of(given, "gtin", "scan", "product")


class Pair(Wanted):
    """Exactly one product and exactly one place, in the words of GET /v1/availability."""

    lat: Lat | None = None
    lon: Lon | None = None
    near: Near | None = None
    radius_m: Annotated[float, Field(strict=True, ge=1, le=500_000, description="How far to look, in metres.")] = (
        50_000.0
    )
    limit: Annotated[int, Field(strict=True, ge=1, le=50, description="How many results at most.")] = 10
    arrive_in_s: Arrival = 0
    retailer: Retailers = Field([])
    open_now: OpenNow = False

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        return [*super().choice_faults(given), *place_faults(given)]


class BatchBody(Body):
    """Many pairs of a product and a place, each answered as GET /v1/availability answers it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"queries": [{"gtin": "09520000000417", "near": "94103", "limit": 3}]}]}
    )
    longest_bytes: ClassVar[int] = LONGEST_QUESTION_BYTES
    queries: Annotated[list[Pair], Field(min_length=1, max_length=MOST_PAIRS, description="1 to 100 pairs.")]


class BasketBody(Body):
    """A shopping list, and exactly one place."""

    model_config = ConfigDict(json_schema_extra={"examples": [BASKET]})
    longest_bytes: ClassVar[int] = LONGEST_QUESTION_BYTES
    items: Annotated[
        list[Wanted], Field(min_length=1, max_length=MOST_ITEMS, description="1 to 50 products, each once.")
    ]
    lat: Lat | None = None
    lon: Lon | None = None
    near: Near | None = None
    radius_m: Annotated[float, Field(strict=True, ge=1, le=FARTHEST_M, description="How far to look, in metres.")] = (
        25_000.0
    )
    limit: Annotated[
        int, Field(strict=True, ge=1, le=MOST_STORES, description="How many stores, and how many pairs, at most.")
    ] = 5
    arrive_in_s: Arrival = 0
    retailer: Retailers = Field([])

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        return place_faults(given)

"""What may be asked at each address. These models validate, and the OpenAPI document is made from them."""

from collections.abc import Set
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from inventory_service.domain.errors import FieldFault
from inventory_service.web.store_cursors import StoreCursor
from inventory_service.web.values import (
    NUMBER,
    WHOLE_NUMBER,
    Cursor,
    Days,
    Gtin,
    Lat,
    Lon,
    RowId,
    Scan,
    Slug,
    Words,
    YesNo,
)

Limit = Annotated[int, Field(ge=1, le=50, description="How many results at most."), WHOLE_NUMBER]
Radius = Annotated[float, Field(ge=1, le=500_000, description="How far to look, in metres."), NUMBER]
Near = Annotated[
    Words, Field(description='Postcode, "city, region" or "lat,lon"; or give `lat` and `lon`.', examples=["94103"])
]
Retailers = Annotated[
    list[Slug], Field(max_length=50, description="Only these retailers, by their slugs; repeat it for several.")
]


class Query(BaseModel):
    """Base of all queries: unknown parameters are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    in_path: ClassVar[frozenset[str]] = frozenset()
    repeatable: ClassVar[frozenset[str]] = frozenset({"retailer"})

    @classmethod
    def choice_faults(cls, _given: Set[str], /) -> list[FieldFault]:
        """What is wrong with the set of parameter names that were given, whatever their values."""
        return []


class PlaceQuery(Query):
    """Exactly one place."""

    lat: Lat | None = None
    lon: Lon | None = None
    near: Near | None = None

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        coordinates = given & {"lat", "lon"}
        if "near" in given and coordinates:
            return [FieldFault(name, "give either near or lat and lon") for name in sorted(coordinates | {"near"})]
        if "near" not in given and not coordinates:
            return [FieldFault("near", "is required: a place, or lat and lon instead")]
        if len(coordinates) == 1:
            return [FieldFault(name, "is required: lat and lon go together") for name in {"lat", "lon"} - coordinates]
        return []


class AvailabilityQuery(PlaceQuery):
    """Exactly one product and exactly one place."""

    gtin: Annotated[
        Gtin | None,
        Field(description="GTIN of 8, 12, 13 or 14 digits, an ISBN-10 or an UPC-E.", examples=["09520000000417"]),
    ] = None
    scan: Annotated[
        Scan | None, Field(description="What a scanner read: GTIN, GS1 element string or GS1 Digital Link.")
    ] = None
    product: Annotated[RowId | None, Field(description="Our id of the product, instead of `gtin`.")] = None
    radius_m: Radius = 50_000.0
    limit: Limit = 10
    quantity: Annotated[
        int,
        Field(ge=1, le=1_000_000, description="Pieces wanted; above 3 needs a key with scope counts."),
        WHOLE_NUMBER,
    ] = 1
    arrive_in_s: Annotated[
        int, Field(ge=0, le=604_800, description="Seconds until the shopper is there."), WHOLE_NUMBER
    ] = 0
    retailer: Retailers = []
    open_now: Annotated[
        YesNo, Field(description="Only stores that are open when the shopper is there: now, or after `arrive_in_s`.")
    ] = False

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        products = given & {"gtin", "scan", "product"}
        faults = super().choice_faults(given)
        if not products:
            faults.append(FieldFault("gtin", "is required: gtin, or scan or product instead"))
        if len(products) > 1:
            faults.extend(FieldFault(name, "give only one of gtin, scan and product") for name in sorted(products))
        return faults


class StoresQuery(PlaceQuery):
    """Stores around exactly one place."""

    radius_m: Radius = 50_000.0
    limit: Limit = 10
    retailer: Retailers = []
    cursor: Annotated[
        StoreCursor | None, Field(description="`next` of the page before; all else stays as it was asked.")
    ] = None


class StoreQuery(Query):
    """One store."""

    in_path: ClassVar[frozenset[str]] = frozenset({"id"})
    id: Annotated[RowId, Field(description="Our id of the store.", examples=[9])]


class ProductsQuery(Query):
    """Products by words of their name and brand; without `q` all of them."""

    q: Annotated[Words | None, Field(description="Words of name or brand.", examples=["milk"])] = None
    limit: Limit = 10
    cursor: Annotated[Cursor | None, Field(description="`next` of the page before.")] = None


class ProductQuery(Query):
    """One product."""

    in_path: ClassVar[frozenset[str]] = frozenset({"gtin"})
    gtin: Annotated[
        Gtin, Field(description="GTIN of 8, 12, 13 or 14 digits, an ISBN-10 or an UPC-E.", examples=["09520000000417"])
    ]
    retailer: Retailers = []


class PlacesQuery(Query):
    """Places by the beginning of a postcode or name: the best `limit` as suggestions, without further pages."""

    q: Annotated[Words, Field(description="Postcode or city, or its beginning.", examples=["San Fr"])]
    limit: Limit = 10


class AccuracyQuery(Query):
    """How many days to look back."""

    days: Days = 30

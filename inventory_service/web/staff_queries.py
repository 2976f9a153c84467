"""What staff may ask at each address, beside bodies."""

from collections.abc import Set
from typing import Annotated, ClassVar

from pydantic import Field

from inventory_service.domain.errors import FieldFault
from inventory_service.web.choosing_one import one_of
from inventory_service.web.queries import Query
from inventory_service.web.values import WHOLE_NUMBER, BigId, Code, Gtin, RowId, Scan

StoreId = Annotated[RowId | None, Field(description="Our id of the store.", examples=[9])]
StoreCode = Annotated[Code | None, Field(description="The retailer's own code of it.", examples=["0009"])]
Limit = Annotated[int, Field(ge=1, le=100, description="How many results at most."), WHOLE_NUMBER]


class MeQuery(Query):
    """Whose key it is."""


class OneStoreQuery(Query):
    """Exactly one store."""

    store_id: StoreId = None
    store_code: StoreCode = None

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        return one_of(("store_id", "store_code"), given)


class ChecksQuery(OneStoreQuery):
    """What to look at next in exactly one store."""

    limit: Limit = 20


class PositionQuery(OneStoreQuery):
    """Exactly one store and exactly one product."""

    gtin: Annotated[
        Gtin | None,
        Field(description="GTIN of 8, 12, 13 or 14 digits, an ISBN-10 or an UPC-E.", examples=["09520000000417"]),
    ] = None
    scan: Annotated[
        Scan | None, Field(description="What a scanner read: GTIN, GS1 element string or GS1 Digital Link.")
    ] = None
    product: Annotated[RowId | None, Field(description="Our id of the product.", examples=[17])] = None
    item_id: Annotated[Code | None, Field(description="The retailer's own id of the item.")] = None

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        return super().choice_faults(given) + one_of(("gtin", "scan", "product", "item_id"), given)


class TraceQuery(Query):
    """The newest first; of all the key's stores, or of one."""

    store_id: StoreId = None
    limit: Limit = 20
    cursor: Annotated[BigId | None, Field(description="`next` of the page before.")] = None


class UndoQuery(Query):
    """One confirmation."""

    in_path: ClassVar[frozenset[str]] = frozenset({"id"})
    id: Annotated[BigId, Field(description="The confirmation's id.", examples=["1"])]

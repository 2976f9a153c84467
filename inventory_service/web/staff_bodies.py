"""What staff send: JSON that validates, every faulty field named by its JSON pointer."""

from collections.abc import Set
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from typing_extensions import TypeAliasType

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.domain.stock import MAX_QUANTITY
from inventory_service.runtime.http.query_string import shown_name
from inventory_service.web.bodies import json_object
from inventory_service.web.choosing_one import one_of
from inventory_service.web.reading import sentence
from inventory_service.web.values import LARGEST_ID, Code, Gtin, Scan

B = TypeVar("B", bound="Body")


def instant(told: object) -> datetime:
    try:
        moment = datetime.fromisoformat(told if isinstance(told, str) else "")
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be an ISO 8601 time, such as 2026-11-22T03:40:12Z") from None
    if moment.tzinfo is None:
        raise ValueError("must tell its offset from UTC: end it with Z, or with one such as +01:00")
    return utc


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Moment = Annotated[datetime, BeforeValidator(instant), WithJsonSchema({"type": "string", "format": "date-time"})]


SeenOnShelf = TypeAliasType("SeenOnShelf", Literal["seen", "low", "none"])


class Body(BaseModel):
    """Base of all bodies: unknown fields are refused, and null is as good as nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    choices: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Of each of these exactly one field is given."""


class ConfirmationBody(Body):
    """What somebody saw on a shelf: exactly one store, one product, and one of `shelf` and `quantity`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"store_id": 9, "gtin": "09520000000417", "shelf": "low"}]}
    )
    choices: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("store_id", "store_code"),
        ("gtin", "scan", "product", "item_id"),
        ("shelf", "quantity"),
    )
    store_id: Annotated[Id | None, Field(description="Our id of the store.")] = None
    store_code: Annotated[Code | None, Field(description="The retailer's own code of it.")] = None
    gtin: Annotated[Gtin | None, Field(description="GTIN of 8, 12, 13 or 14 digits, an ISBN-10 or an UPC-E.")] = None
    scan: Annotated[
        Scan | None, Field(description="What a scanner read: GTIN, GS1 element string or GS1 Digital Link.")
    ] = None
    product: Annotated[Id | None, Field(description="Our id of the product.")] = None
    item_id: Annotated[Code | None, Field(description="The retailer's own id of the item.")] = None
    shelf: Annotated[SeenOnShelf | None, Field(description="seen: at least one; low: one or two; none.")] = None
    quantity: Annotated[int | None, Field(ge=0, le=MAX_QUANTITY, description="Pieces counted.")] = None
    observed_at: Annotated[
        Moment | None,
        Field(description="When the shelf was looked at; up to 7 days ago. Our clock where it is left out."),
    ] = None


def read_body(model: type[B], raw: bytes) -> B:
    """Raises InputError with a fault for each field that is wrong."""
    told = json_object(raw)
    given = {name: value for name, value in told.items() if value is not None or name not in model.model_fields}
    faults = _choice_faults(model, given.keys())
    try:
        body = model.model_validate(given)
    except ValidationError as error:
        faults += [
            FieldFault("".join(_pointer(str(part)) for part in one["loc"]), sentence(one)) for one in error.errors()
        ]
        raise InputError(*faults) from None
    if faults:
        raise InputError(*faults)
    return body


def _choice_faults(model: type[Body], given: Set[str]) -> list[FieldFault]:
    found = [fault for names in model.choices for fault in one_of(names, given)]
    return [FieldFault(_pointer(fault.pointer), fault.detail) for fault in found]


def _pointer(name: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "/" + shown_name(name).replace("~", "~0").replace("/", "~1")

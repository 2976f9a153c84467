"""What may be said at each address: JSON bodies, checked field by field, and the OpenAPI document's schemas of them."""

import re
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, TypeVar, get_args

import orjson
from aiohttp import web
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.runtime.http.errors import TooLargeError
from inventory_service.runtime.http.query_string import shown_name
from inventory_service.web.reading import sentence
from inventory_service.web.values import LARGEST_ID, Gtin, Scan, Slug

LONGEST_BYTES = 4_096

OurId = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]
DEVICE = r"^[A-Za-z0-9_-]{16,64}$"


def device_token(text: str) -> str:
    if not re.fullmatch(DEVICE[1:-1], text):
        raise ValueError("must be 16 to 64 letters, digits, hyphens and underscores")
    return text


Token = Annotated[str, AfterValidator(device_token), WithJsonSchema({"type": "string", "pattern": DEVICE})]


class Body(BaseModel):
    """Base of all bodies and of what stands in their lists: unknown fields are refused, and null is nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    longest_bytes: ClassVar[int] = LONGEST_BYTES

    @classmethod
    def choice_faults(cls, _given: Set[str], /) -> list[FieldFault]:
        """What is wrong with the set of fields that were given, whatever their values."""
        return []


class ReportBody(Body):
    """What a shopper says of one product at one store."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"store_id": 9, "gtin": "09520000000417", "found": True, "device": "drawn-by-the-device-01"},
            ]
        }
    )
    store_id: Annotated[OurId | None, Field(description="Our id of the store.", examples=[9])] = None
    store_code: Annotated[Code | None, Field(description="Instead: the retailer's own code, with `retailer`.")] = None
    retailer: Annotated[Slug | None, Field(description="Whose code that is.")] = None
    gtin: Annotated[Gtin | None, Field(description="GTIN of 8, 12, 13 or 14 digits, an ISBN-10 or an UPC-E.")] = None
    scan: Annotated[Scan | None, Field(description="Instead: what a scanner read.")] = None
    product: Annotated[OurId | None, Field(description="Instead: our id of the product.", examples=[17])] = None
    found: Annotated[StrictBool, Field(description="Whether the shopper found it on the shelf.")]
    device: Annotated[Token, Field(description="16 to 64 url-safe characters that the device drew at random.")]
    observed_at: Annotated[
        AwareDatetime | None, Field(description="When; now if left out. At most 24 hours ago, 5 minutes ahead.")
    ] = None

    @classmethod
    def choice_faults(cls, given: Set[str], /) -> list[FieldFault]:
        return [*one_of(given, "gtin", "scan", "product"), *_store_faults(given)]


B = TypeVar("B", bound=Body)


def one_of(given: Set[str], *names: str) -> list[FieldFault]:
    """Faults unless exactly one of the fields is there."""
    there = [name for name in names if name in given]
    if not there:
        return [FieldFault(pointer(names[0]), f"is required: exactly one of {', '.join(names)}")]
    return [FieldFault(pointer(name), f"give only one of {', '.join(names)}") for name in there] if there[1:] else []


@contextmanager
def naming_fields() -> Iterator[None]:
    """Errors about what a body asks for point at its fields."""
    try:
        yield
    except InputError as error:
        raise InputError(*(FieldFault(pointer(one.pointer), one.detail) for one in error.faults)) from error


def pointer(*path: str | int) -> str:
    """The JSON pointer of a field of the body, whose list's entries are numbers."""
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in path)


async def read_body(model: type[B], request: web.Request) -> B:
    """Raises InputError with a fault for each field that is wrong, TooLargeError."""
    longest = model.longest_bytes
    if (request.content_length or 0) > longest or len(sent := await request.read()) > longest:
        raise TooLargeError(f"The body is larger than {longest:,} bytes.")
    return _checked(model, json_object(sent))


def json_object(sent: bytes) -> dict[str, Any]:
    """Raises InputError."""
    try:
        said = orjson.loads(sent)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(FieldFault("", f"the body is not JSON: {error.msg} ({where})")) from None
    if not isinstance(said, dict):
        raise InputError(FieldFault("", "the body must be a JSON object"))
    return said


def _checked(model: type[B], said: dict[str, Any]) -> B:
    faults = list(_shape_faults(model, said, ()))
    try:
        body = model.model_validate(_known(model, said))
    except ValidationError as error:
        faults += [FieldFault(pointer(*detail["loc"]), sentence(detail)) for detail in error.errors()]
        raise InputError(*faults) from None
    if faults:
        raise InputError(*faults)
    return body


def _shape_faults(model: type[Body], said: dict[str, Any], path: Sequence[str | int]) -> Iterator[FieldFault]:
    """Fields that are not known, and those of which too few or too many are there."""
    strange = f"is not a field here; these are: {', '.join(model.model_fields)}"
    yield from (FieldFault(pointer(*path, shown_name(name)), strange) for name in said if not _is_of(model, name))
    for fault in model.choice_faults(_known(model, said).keys()):
        yield FieldFault(pointer(*path) + fault.pointer, fault.detail)
    for name, of in _lists(model):
        entries = said.get(name)
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield from _shape_faults(of, entry, (*path, name, place))


def _known(model: type[Body], said: dict[str, Any]) -> dict[str, Any]:
    """What is said of fields that there are, in lists too."""
    known = {name: value for name, value in said.items() if value is not None and _is_of(model, name)}
    for name, of in _lists(model):
        if isinstance(known.get(name), list):
            known[name] = [_known(of, entry) if isinstance(entry, dict) else entry for entry in known[name]]
    return known


def _lists(model: type[Body]) -> Iterator[tuple[str, type[Body]]]:
    """The fields that are lists of bodies."""
    for name, field in model.model_fields.items():
        for of in get_args(field.annotation):
            if isinstance(of, type) and issubclass(of, Body):
                yield name, of


def _is_of(model: type[Body], name: str) -> bool:
    return name in model.model_fields


def _store_faults(given: Set[str]) -> list[FieldFault]:
    if faults := one_of(given, "store_id", "store_code"):
        return faults
    if "store_code" in given and "retailer" not in given:
        return [FieldFault(pointer("retailer"), "is required with store_code")]
    return [FieldFault(pointer("retailer"), "goes with store_code alone")] if given >= {"store_id", "retailer"} else []

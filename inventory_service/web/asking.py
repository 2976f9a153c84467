"""One question at one address: what a handler is given, and what all handlers need."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson

from geo.point import Point
from inventory_service.domain.errors import FieldFault, InputError, NotFoundError
from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.web.metrics import Metrics
from inventory_service.web.models import Document, Origin
from inventory_service.web.queries import Query
from inventory_service.web.replying import Reply
from inventory_service.web.wording import point_label
from inventory_service.web.written import Writer

Q = TypeVar("Q", bound=Query)
PRODUCT_NAMES = ("gtin", "scan", "product")
"""Parameters that name a product; exactly one is given."""


def one(_asked: object) -> int:
    """What most requests cost."""
    return 1


@dataclass(frozen=True, slots=True)
class Ask(Generic[Q]):
    """A checked query, who asks it, and whom to put it to."""

    query: Q
    key: Key | None
    accept: str
    service: Service
    metrics: Metrics
    writer: Writer


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address, its query, its body, and the function that answers."""

    path: str
    summary: str
    query: type[Query]
    document: type[Document]
    answer: Callable[[Ask[Any]], Awaitable[Reply]]
    other_media: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    """Problems beside 400, 401, 403, 429 and 503, which every endpoint may answer."""
    cost: Callable[[Any], int] = one
    """What a checked query counts as where requests are limited."""


class PlaceAsked(Protocol):
    """One place: `near`, or `lat` and `lon`."""

    @property
    def lat(self) -> float | None: ...
    @property
    def lon(self) -> float | None: ...
    @property
    def near(self) -> str | None: ...


def origin_of(query: PlaceAsked, service: Service) -> Origin:
    """Raises InputError whose pointer is `near`."""
    if query.lat is not None and query.lon is not None:
        return Origin(lat=query.lat, lon=query.lon, label=point_label(query.lat, query.lon))
    place = service.resolve_place(query.near or "")
    return Origin(lat=place.point.lat, lon=place.point.lon, label=place.label)


def place_text(origin: Origin) -> bytes:
    """The origin as JSON."""
    return orjson.dumps({"lat": origin.lat, "lon": origin.lon, "label": origin.label})


def point_of(origin: Origin) -> Point:
    return Point(origin.lat, origin.lon)


def retailers_of(slugs: list[str], service: Service) -> frozenset[str]:
    """Raises InputError for retailers that nobody has heard of."""
    unknown = [slug for slug in slugs if not service.retailer_known(slug)]
    if unknown:
        raise InputError(*(FieldFault("retailer", f"no retailer is called {slug}") for slug in unknown))
    return frozenset(slugs)


@contextmanager
def naming_product(field: str) -> Iterator[None]:
    """Errors about the product looked up in here point at the parameter that named it."""
    try:
        yield
    except NotFoundError as error:
        raise NotFoundError(str(error), *_renamed(error.faults, field)) from error
    except InputError as error:
        raise InputError(*_renamed(error.faults, field)) from error


def _renamed(faults: tuple[FieldFault, ...], field: str) -> list[FieldFault]:
    return [FieldFault(field if fault.pointer in PRODUCT_NAMES else fault.pointer, fault.detail) for fault in faults]

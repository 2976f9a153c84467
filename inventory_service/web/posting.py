"""One statement at one address: what a handler of a POST is given, and what it gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.web.asking import one
from inventory_service.web.bodies import Body
from inventory_service.web.models import Document

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Told(Generic[B]):
    """A checked body, who says it and from which address, and whom to tell."""

    body: B
    key: Key | None
    address: str
    service: Service


class Outcome(NamedTuple):
    """What became of it."""

    status: int
    document: Document


@dataclass(frozen=True, slots=True)
class Posting:
    """An address, its body, what is answered, and the function that does the work."""

    path: str
    summary: str
    body: type[Body]
    document: type[Document]
    take: Callable[[Told[Any]], Awaitable[Outcome]]
    successes: dict[int, str]
    statuses: tuple[int, ...] = ()
    """Problems beside 400, 401, 403, 413, 429 and 503, which every such address may answer."""
    cost: Callable[[Any], int] = one
    """What a checked body counts as where requests are limited."""

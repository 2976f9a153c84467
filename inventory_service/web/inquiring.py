"""A question too long for an address, asked by POST: what its handler is given. Nothing is changed by it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.web.asking import one
from inventory_service.web.bodies import Body
from inventory_service.web.metrics import Metrics
from inventory_service.web.models import Document
from inventory_service.web.written import Writer

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Inquirer(Generic[B]):
    """A checked body, who asks it, and whom to put it to; `until_s`: when, by the event loop's clock, to have done."""

    body: B
    key: Key | None
    service: Service
    metrics: Metrics
    writer: Writer
    until_s: float

    @property
    def sees_counts(self) -> bool:
        return self.key is not None and self.key.sees_counts


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An address, its body, what is answered, and the function that answers, in JSON."""

    path: str
    summary: str
    body: type[Body]
    document: type[Document]
    answer: Callable[[Inquirer[Any]], Awaitable[bytes]]
    successes: Mapping[int, str] = field(default_factory=lambda: {200: "The answer."})
    statuses: tuple[int, ...] = ()
    """Problems beside 400, 401, 403, 413 and 503, which every such address may answer."""
    cost: Callable[[Any], int] = one
    """What a checked body counts as where requests are limited."""

"""What a request asks for: its parameters, and whose source it speaks for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError
from inventory_service.domain.feed import Refusal, Row, StockColumns
from inventory_service.domain.key import Key
from inventory_service.runtime.http.query_string import read_query_string, shown_name
from store_sync.sources.table import RESERVED, SLUG

Parameters = Mapping[str, str]
L = TypeVar("L", Row, Refusal, StockColumns)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose source the request speaks for; `confined`: its key is for this retailer alone."""

    retailer: str
    source: str
    confined: bool


def parameters(request: web.Request, *known: str) -> Parameters:
    """The query, each of `known` at most once. Raises InputError that names what is wrong."""
    asked = read_query_string(request.raw_path)
    faults = list(asked.faults)
    found: dict[str, str] = {}
    for name, value in asked.pairs:
        if name not in known:
            faults.append(FieldFault(shown_name(name), f"is not a parameter here; there are {', '.join(known)}"))
        elif name in found:
            faults.append(FieldFault(name, "must be given only once"))
        found[name] = value
    if faults:
        raise InputError(*faults)
    return found


def sender(request: web.Request, key: Key, asked: Parameters) -> Sender:
    """Raises InputError, ForbiddenError."""
    retailer, source = retailer_of(key, asked), request.match_info["source"]
    if retailer is None:
        raise InputError(FieldFault("retailer", "is required: this key is not bound to one"))
    if source == STAFF:
        raise InputError(FieldFault("source", RESERVED))
    return Sender(retailer, slug("source", source), key.retailer is not None)


def retailer_of(key: Key, asked: Parameters) -> str | None:
    """None: any. Raises InputError, ForbiddenError."""
    named = asked.get("retailer")
    if named is not None and key.retailer not in (None, named):
        raise ForbiddenError(f"This key is for {key.retailer} alone.")
    return key.retailer if named is None else slug("retailer", named)


def slug(name: str, value: str) -> str:
    """Raises InputError."""
    if not SLUG.fullmatch(value):
        raise InputError(FieldFault(name, "use 1 to 64 letters, digits, dots, hyphens and underscores"))
    return value


def confined(lines: Iterable[Row | Refusal | StockColumns], sender: Sender) -> Iterator[Row | Refusal | StockColumns]:
    """The same lines; those that speak for another retailer are refused, unless the key may speak for any."""
    return (_confined(line, sender) for line in lines)


def _confined(line: Row | Refusal | StockColumns, sender: Sender) -> Row | Refusal | StockColumns:
    if not (sender.confined and isinstance(line, Row)):
        return line
    named = {part.retailer for part in (line.store, line.stock, line.movement) if part is not None}
    if named <= {None, sender.retailer}:
        return line
    detail = f"The key is for {sender.retailer} alone, and the line speaks for another retailer."
    return Refusal(line.line, "retailer", "invalid_value", detail, line.raw)

"""The query of a request as it stands on the wire, decoded strictly: nothing is mended in silence."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from inventory_service.domain.errors import FieldFault

SHOWN_NAME_LENGTH = 60
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class QueryString:
    """Decoded pairs in their order, and what could not be decoded."""

    pairs: tuple[tuple[str, str], ...]
    faults: tuple[FieldFault, ...]

    def values(self, name: str) -> list[str]:
        return [value for given, value in self.pairs if given == name]


def read_query_string(target: str) -> QueryString:
    """`target` is the request target, such as /v1/stores?near=98101."""
    _, _, query = target.partition("#")[0].partition("?")
    pairs: list[tuple[str, str]] = []
    faults: list[FieldFault] = []
    for piece in filter(None, query.split("&")):
        raw_name, _, raw_value = piece.partition("=")
        name, value = _decoded(raw_name), _decoded(raw_value)
        if name is None or value is None:
            faults.append(FieldFault(shown_name(raw_name if name is None else name), "is not percent-encoded UTF-8"))
        else:
            pairs.append((name, value))
    return QueryString(tuple(pairs), tuple(faults))


def shown_name(name: str) -> str:
    """A name from outside, short and printable, to point at it."""
    return name[:SHOWN_NAME_LENGTH].encode("utf-8", "replace").decode("utf-8")


def _decoded(text: str) -> str | None:
    if BROKEN_ESCAPE.search(text):
        return None
    try:
        return unquote_to_bytes(text.replace("+", " ").encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeError:
        return None

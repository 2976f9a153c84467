"""What a client accepts (RFC 9110, section 12.5): weights are honoured, and nobody is refused."""

from collections.abc import Sequence
from functools import lru_cache

from inventory_service.web.jsonld import MEDIA_TYPE as LINKED_DATA

JSON = "application/json"


def weight(header: str, names: Sequence[str]) -> float:
    """The q of the first of `names` (most specific first) that `header` lists; 0 for none."""
    weights = dict(_weighed(part) for part in header.lower().split(",") if part.strip())
    return next((weights[name] for name in names if name in weights), 0.0)


def prefers_linked_data(accept: str) -> bool:
    """Only where it is named, and not liked less than plain JSON."""
    linked = weight(accept, [LINKED_DATA])
    return linked > 0 and linked >= weight(accept, [JSON])


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    return weight(accept_encoding, ["gzip", "*"]) > 0


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return name, _number(value)
    return name, 1.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

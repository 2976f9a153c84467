"""What a key is told of at all: the retailers and the fields it was made for."""

from inventory_service.domain.errors import ForbiddenError
from inventory_service.domain.key import Key


def retailers_within(asked: frozenset[str], key: Key | None) -> frozenset[str]:
    """The retailers to answer with, where `asked` (none: all) was asked for by `key`.

    Raises ForbiddenError where one is asked for that the key is not told of.
    """
    if key is None or not key.retailers:
        return asked
    if not asked <= key.retailers:
        raise ForbiddenError("This key is for other retailers.")
    return asked or key.retailers


def sees_its_own(key: Key | None) -> bool:
    """Whether the key is told something else than everybody: then no shared cache may keep it."""
    return key is not None and bool(key.sees_counts or key.kind == "st" or key.retailers or key.fields)

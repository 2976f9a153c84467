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


def tells_of(retailer: str, key: Key | None) -> bool:
    """Whether `key` is told of a retailer's stores."""
    return key is None or not key.retailers or retailer in key.retailers


def require_stores(key: Key | None) -> None:
    """Raises ForbiddenError where the key is told results without their stores."""
    if key is not None and key.fields and "store" not in key.fields:
        raise ForbiddenError("This key is not told of stores.")


def require_all(key: Key | None) -> None:
    """Raises ForbiddenError where the key is not told of all retailers."""
    if key is not None and key.retailers:
        raise ForbiddenError("This is about all retailers, and this key is told of some alone.")


def sees_its_own(key: Key | None) -> bool:
    """Whether the key is told something else than everybody: then no shared cache may keep it."""
    return key is not None and bool(key.sees_counts or key.kind == "st" or key.retailers or key.fields)

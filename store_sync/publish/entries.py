"""What stands in Redis, told by its key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from inventory_service.storage.cache import keys
from inventory_service.storage.shelves import Address

NAME = re.compile(
    re.escape(keys.PREFIX)
    + r"\{(?:(?P<product>[1-9][0-9]{0,9})\}:(?:(?P<neighbourhood>[1-9][0-9]{0,9})|p|(?P<whole>l))"
    + r"|g(?P<gtin>[0-9]{14})\}:(?P<owner>[1-9][0-9]{0,9})?)(?P<lease>:l)?"
)
LARGEST_ID = 2**31 - 1

Product = tuple[str, int | None]
"""GTIN and owner."""


@dataclass(slots=True)
class Entries:
    """Some keys by kind. `strange`: their name is none of ours."""

    blocks: list[Address] = field(default_factory=list)
    products: list[int] = field(default_factory=list)
    gtins: list[Product] = field(default_factory=list)
    leases: list[str] = field(default_factory=list)
    strange: list[bytes] = field(default_factory=list)


def told_apart(names: Iterable[bytes]) -> Entries:
    """Each name once, however often it came."""
    found = Entries()
    for name in dict.fromkeys(names):
        match = NAME.fullmatch(name.decode(errors="replace"))
        numbers = (
            [int(one) for one in (match["product"], match["neighbourhood"], match["owner"]) if one] if match else []
        )
        if match is None or max(numbers, default=0) > LARGEST_ID:
            found.strange.append(name)
        elif match["lease"] or match["whole"]:
            found.leases.append(match[0])
        elif match["gtin"]:
            found.gtins.append((match["gtin"], int(match["owner"]) if match["owner"] else None))
        elif match["neighbourhood"]:
            found.blocks.append((int(match["product"]), int(match["neighbourhood"])))
        else:
            found.products.append(int(match["product"]))
    return found

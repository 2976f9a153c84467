"""What identities have spent, as Redis adds it up for all workers: the fixed windows of the library `limits`."""

from collections.abc import Sequence
from typing import NamedTuple

from limits import RateLimitItem

from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache


class Spent(NamedTuple):
    """An amount more in one window of one limit."""

    name: str
    window: int
    lasts_s: int
    amount: int

    @classmethod
    def of(cls, identity: str, item: RateLimitItem, window: int, amount: int) -> "Spent":
        name = keys.spent(item.key_for(identity, str(window)))
        return cls(name, window, item.get_expiry(), amount)


async def settled(cache: Cache, spent: Sequence[Spent]) -> list[int]:
    """Adds each, and tells what it comes to with everybody's; one round trip. Raises CacheError."""
    return await cache.add([(one.name, one.lasts_s, one.amount) for one in spent])

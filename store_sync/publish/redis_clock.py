"""Redis's clock, without asking for each look at it."""

from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.publishing import elapsed_s

ASK_EVERY_S = 0.05


class RedisClock:
    """What the clock said when it was last asked, by a clock of ours that runs on while we are stopped."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._told_ms, self._asked_s = 0, -ASK_EVERY_S

    async def at_least_ms(self) -> int:
        """Since 1970; behind by ASK_EVERY_S at most, never ahead. Raises CacheError."""
        if elapsed_s() - self._asked_s >= ASK_EVERY_S:
            asked_s = elapsed_s()
            self._told_ms = await self._cache.now_ms()
            self._asked_s = asked_s
        return self._told_ms

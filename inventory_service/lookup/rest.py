"""A cache that failed is left alone for a while; then one asks it, and the others once it has answered."""

import time

from inventory_service.domain.errors import CacheError
from inventory_service.runtime.outage import Outage

REST_S = 1.0


class Rest:
    """`until_s` is 0 while nothing is wrong, so that asking costs nothing then."""

    def __init__(self) -> None:
        self.until_s = 0.0
        self._outage = Outage("redis")

    def failed(self, error: CacheError) -> None:
        self._outage.met(error)
        self.until_s = time.monotonic() + REST_S

    def lasts(self) -> bool:
        """Whether the cache is to be left alone; whoever hears no has to ask it, and to say how that went."""
        now_s = time.monotonic()
        if now_s < self.until_s:
            return True
        self.until_s = now_s + REST_S
        return False

    def answered(self) -> None:
        self.until_s = 0.0
        self._outage.over()

"""Redis in front of Postgres: what is cached and believable is taken, the rest is read and stored under a lease."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from inventory_service.domain.errors import CacheError, StorageError
from inventory_service.runtime.outage import Outage
from inventory_service.storage.cache.cache import Cache, Read

Load = Callable[[Sequence[str]], Awaitable[Mapping[str, bytes]]]
"""Reads the values of some names from Postgres. Raises StorageError."""

REST_S = 1.0
"""How long the cache is left alone once it failed."""


@dataclass(frozen=True, slots=True)
class Values:
    """What was found; `from_cache` where nothing had to be read from Postgres.

    Names are missing only while Postgres is away: stale beats wrong.
    """

    by_name: Mapping[str, bytes]
    from_cache: bool


class ReadThrough:
    """Reads by name. A cache that is away, or whose publisher lags, is not believed while Postgres answers."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._rests_until = 0.0
        self._outage = Outage("redis")

    async def read(self, names: Sequence[str], load: Load, lifetime_ms: Callable[[bytes], int]) -> Values:
        """Raises StorageError where neither side can tell anything."""
        cached = await self._cached(names)
        if cached is None:
            return Values(await load(names), from_cache=False)
        hits = {name: value for name, value in zip(names, cached.values, strict=True) if value is not None}
        if cached.live and len(hits) == len(names):
            return Values(hits, from_cache=True)
        try:
            if not cached.live:
                return Values(await load(names), from_cache=False)
            missing = [name for name in names if name not in hits]
            return Values({**hits, **await self._filled(missing, load, lifetime_ms)}, from_cache=False)
        except StorageError:
            if not hits:
                raise
            return Values(hits, from_cache=True)

    async def _cached(self, names: Sequence[str]) -> Read | None:
        if time.monotonic() < self._rests_until:
            return None
        try:
            read = await self._cache.read(names)
        except CacheError as error:
            self._failed(error)
            return None
        self._outage.over()
        return read

    def _failed(self, error: CacheError) -> None:
        self._outage.met(error)
        self._rests_until = time.monotonic() + REST_S

    async def _filled(
        self, names: Sequence[str], load: Load, lifetime_ms: Callable[[bytes], int]
    ) -> Mapping[str, bytes]:
        try:
            leases = await self._cache.lease(names)
        except CacheError as error:
            self._failed(error)
            return await load(names)
        values = await load(names)
        try:
            by_lifetime: dict[int, dict[str, str]] = defaultdict(dict)
            for name, token in leases.items():
                by_lifetime[lifetime_ms(values[name])][name] = token
            for lifetime, some in by_lifetime.items():
                await self._cache.fill(some, values, lifetime)
        except CacheError as error:
            self._failed(error)
        return values

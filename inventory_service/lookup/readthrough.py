"""Redis in front of Postgres: what is cached and believable is taken, the rest is read and stored under a lease."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from inventory_service.domain.errors import CacheError, StorageError
from inventory_service.lookup.notes import Notes
from inventory_service.runtime.outage import Outage
from inventory_service.storage.cache.cache import Cache, Read
from inventory_service.storage.horizon import Horizon

REST_S = 1.0
"""How long the cache is left alone once it failed."""
PATIENCE_S = 0.6
"""How long Postgres is waited for where the cache, which may be behind, has everything."""
LEFT_ALONE_S = 2.0
"""How long Postgres is not asked again then."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Values out of Postgres, and what can be seen in a snapshot not older than theirs."""

    values: Mapping[str, bytes]
    horizon: Horizon


Load = Callable[[Sequence[str]], Awaitable[Loaded]]
"""Reads the values of some names from Postgres. Raises StorageError."""
Lifetime = Callable[[bytes], int]
"""How many ms a value is kept; 0: for good."""
Usable = Callable[[bytes], bool]
"""Whether a cached value can be read at all; another counts as absent."""


@dataclass(frozen=True, slots=True)
class Values:
    """What was found; `from_cache` where nothing had to be read from Postgres.

    Names are missing only while Postgres is away: stale beats wrong.
    """

    by_name: Mapping[str, bytes]
    from_cache: bool


class ReadThrough:
    """Reads by name. A cache that is away, or whose publisher lags, is not believed while Postgres answers.

    Nor is it believed, name by name, while it may be behind what this worker has read from Postgres itself.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._rests_until = 0.0
        self._postgres_rests_until = 0.0
        self._notes = Notes()
        self._outage = Outage("redis")

    async def read(self, names: Sequence[str], load: Load, lifetime_ms: Lifetime, usable: Usable) -> Values:
        """Raises StorageError where neither side can tell anything."""
        cached = await self._cached(names)
        if cached is None:
            return await self._past_the_cache(names, load, {})
        found = zip(names, cached.values, strict=True)
        hits = {name: value for name, value in found if value is not None and usable(value)}
        if cached.sign is None or not self._notes.allow(cached.sign, names):
            return await self._past_the_cache(names, load, hits)
        if len(hits) == len(names):
            return Values(hits, from_cache=True)
        try:
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

    async def _past_the_cache(self, names: Sequence[str], load: Load, hits: Mapping[str, bytes]) -> Values:
        """From Postgres; where that is away too, the newest that is known of `hits` and of earlier readings.

        Where everything is known already, a Postgres that hangs is not waited for long: stale beats nothing.
        """
        known = {**hits, **self._notes.known(names)}
        if len(known) < len(names):
            return await self._from_postgres(names, load, known)
        if time.monotonic() < self._postgres_rests_until:
            return Values(known, from_cache=True)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._from_postgres(names, load, known)
        except TimeoutError:
            self._postgres_rests_until = time.monotonic() + LEFT_ALONE_S
            return Values(known, from_cache=True)

    async def _from_postgres(self, names: Sequence[str], load: Load, known: Mapping[str, bytes]) -> Values:
        try:
            return Values(await self._noted(names, load), from_cache=False)
        except StorageError:
            if not known:
                raise
            return Values({**known, **self._notes.known(names)}, from_cache=True)

    async def _noted(self, names: Sequence[str], load: Load) -> Mapping[str, bytes]:
        loaded = await load(names)
        self._notes.add(loaded.values, loaded.horizon)
        return loaded.values

    async def _filled(self, names: Sequence[str], load: Load, lifetime_ms: Lifetime) -> Mapping[str, bytes]:
        try:
            leases = await self._cache.lease(names)
        except CacheError as error:
            self._failed(error)
            return await self._noted(names, load)
        loaded = await load(names)
        stored = await self._stored(leases, loaded.values, lifetime_ms)
        self._notes.add({name: value for name, value in loaded.values.items() if name not in stored}, loaded.horizon)
        return loaded.values

    async def _stored(self, leases: Mapping[str, str], values: Mapping[str, bytes], lifetime_ms: Lifetime) -> set[str]:
        """The names whose value the cache has taken: it holds that, or what was published since."""
        stored: set[str] = set()
        by_lifetime: dict[int, dict[str, str]] = defaultdict(dict)
        for name, token in leases.items():
            by_lifetime[lifetime_ms(values[name])][name] = token
        try:
            for lifetime, some in by_lifetime.items():
                stored |= await self._cache.fill(some, values, lifetime)
        except CacheError as error:
            self._failed(error)
        return stored

"""Reading from Postgres what the cache does not tell: never too much at once, and by one worker where that can be."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory_service.domain.errors import CacheError
from inventory_service.lookup.admission import Admission
from inventory_service.lookup.flights import Flight
from inventory_service.lookup.notes import Notes
from inventory_service.lookup.reading_metrics import ReadingMetrics
from inventory_service.lookup.rest import Rest
from inventory_service.lookup.seen import Seen
from inventory_service.storage.cache.cache import Cache, Claim
from inventory_service.storage.horizon import Horizon

LOOKS_AFTER_S = (0.005, 0.01, 0.02, 0.04, 0.075)
"""Pauses between looks for what another worker reads. After the last one Postgres is read here too."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Values out of Postgres, and what can be seen in a snapshot not older than theirs."""

    values: Mapping[str, bytes]
    horizon: Horizon


Load = Callable[[Sequence[str]], Awaitable[Loaded]]
"""Reads the values of some names from Postgres. Raises StorageError."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is common to the values of one kind."""

    usable: Callable[[bytes], bool]
    """Whether a cached value can be read at all; another counts as absent."""
    lifetime_ms: Callable[[bytes], int]
    """How many ms a value is kept; 0: for good."""
    nothing: bytes
    """Stands for a value that nobody can tell."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where values are read, and their form."""

    load: Load
    form: Form


@dataclass(frozen=True, slots=True)
class Side:
    """The cache, and what a worker knows beside it."""

    cache: Cache
    notes: Notes
    seen: Seen
    rest: Rest


@dataclass(frozen=True, slots=True)
class Shares:
    """Some names, by who has them: told by the cache, ours by lease, or another worker's. The rest is nobody's."""

    told: Mapping[str, bytes]
    leases: Mapping[str, str]
    others: Sequence[str]


NOBODYS = Shares({}, {}, ())


class Fills:
    """One worker's readings of Postgres. What the cache does not take is noted."""

    def __init__(self, side: Side, admission: Admission, metrics: ReadingMetrics) -> None:
        self._cache, self._notes, self._seen, self._rest = side.cache, side.notes, side.seen, side.rest
        self._admission, self._metrics = admission, metrics

    async def past_the_cache(self, source: Source, names: Sequence[str], flight: Flight) -> Mapping[str, bytes]:
        """Raises StorageError, CrowdedError."""
        async with self._admission.place():
            flight.begin()
            return await self._read(names, {}, flight, source)

    async def into_the_cache(self, source: Source, names: Sequence[str], flight: Flight) -> Mapping[str, bytes]:
        """What another worker reads already is waited for, shortly. Raises StorageError, CrowdedError."""
        async with self._admission.place():
            flight.begin()
            shares = await self._claimed(names, source)
            ours = [name for name in names if name not in shares.told and name not in shares.others]
            found = {**shares.told, **await self._read(ours, shares.leases, flight, source)}
        if shares.others:
            found |= await self._of_others(shares.others, source)
        left = [name for name in names if name not in found]
        return {**found, **await self._without_waiting(left, flight, source)} if left else found

    async def _without_waiting(self, names: Sequence[str], flight: Flight, source: Source) -> Mapping[str, bytes]:
        async with self._admission.place():
            shares = await self._claimed(names, source)
            left = [name for name in names if name not in shares.told]
            return {**shares.told, **await self._read(left, shares.leases, flight, source)}

    async def _claimed(self, names: Sequence[str], source: Source) -> Shares:
        try:
            claim = await self._cache.claim(names)
            if not self._believed(claim.sign, names):
                return NOBODYS
            return await self._shared_out(names, claim, source.form)
        except CacheError as error:
            self._rest.failed(error)
            return NOBODYS

    async def _shared_out(self, names: Sequence[str], claim: Claim, form: Form) -> Shares:
        cached = list(zip(names, claim.values, strict=True))
        told = self._told(cached, form)
        unusable = [name for name, value in cached if value is not None and name not in told]
        leases = {**claim.leases, **await self._cache.lease(unusable)} if unusable else claim.leases
        absent = [name for name, value in cached if value is None]
        return Shares(told, leases, [name for name in absent if name not in leases])

    def _told(self, cached: Iterable[tuple[str, bytes | None]], form: Form) -> dict[str, bytes]:
        """What can be read of values that are believed."""
        told = {name: value for name, value in cached if value is not None and form.usable(value)}
        self._seen.add(list(told), list(told.values()))
        return told

    async def _of_others(self, names: Sequence[str], source: Source) -> dict[str, bytes]:
        """What turns up in the cache of `names` within the time of a few looks."""
        self._metrics.awaited.inc()
        found: dict[str, bytes] = {}
        for pause_s in LOOKS_AFTER_S:
            await asyncio.sleep(pause_s)
            waiting = [name for name in names if name not in found]
            try:
                cached = await self._cache.read(waiting)
            except CacheError as error:
                self._rest.failed(error)
                break
            if not self._believed(cached.sign, waiting):
                break
            turned_up = zip(waiting, cached.values, strict=True)
            found |= self._told(turned_up, source.form)
            if len(found) == len(names):
                break
        return found

    def _believed(self, sign: bytes | None, names: Sequence[str]) -> bool:
        return sign is not None and self._notes.allow(sign, names)

    async def _read(
        self, names: Sequence[str], leases: Mapping[str, str], flight: Flight, source: Source
    ) -> Mapping[str, bytes]:
        if not names:
            return {}
        self._metrics.fills.inc()
        loaded = await source.load(names)
        stored = await self._stored(leases, loaded.values, source.form)
        newest = {name: None if name in flight.overtaken else loaded.values[name] for name in names}
        noted = {name: value for name, value in newest.items() if name not in stored or name in self._notes}
        self._notes.add(noted, loaded.horizon)
        self._seen.add(list(newest), list(newest.values()))
        return loaded.values

    async def _stored(self, leases: Mapping[str, str], values: Mapping[str, bytes], form: Form) -> set[str]:
        """The names whose value the cache has taken: it holds that, or what was published since."""
        stored: set[str] = set()
        by_lifetime: dict[int, dict[str, str]] = defaultdict(dict)
        for name, token in leases.items():
            by_lifetime[form.lifetime_ms(values[name])][name] = token
        try:
            for lifetime, some in by_lifetime.items():
                stored |= await self._cache.fill(some, values, lifetime)
        except CacheError as error:
            self._rest.failed(error)
        return stored

"""Redis in front of Postgres: what is cached and believable is taken, the rest is read once for all who ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, cast

from prometheus_client import CollectorRegistry

from inventory_service.domain.errors import CacheError, StorageError
from inventory_service.lookup.admission import Admission, Bounds
from inventory_service.lookup.fills import Fills, Form, Load, Side, Source
from inventory_service.lookup.flights import Flight, Flights
from inventory_service.lookup.notes import Notes
from inventory_service.lookup.reading_metrics import ReadingMetrics
from inventory_service.lookup.rest import Rest
from inventory_service.lookup.seen import Seen
from inventory_service.runtime.http.errors import CrowdedError
from inventory_service.storage.cache.cache import Cache

PATIENCE_S = 0.6
"""How long Postgres is waited for where everything is known from before."""
LEFT_ALONE_S = 2.0
"""How long Postgres is not asked then for what is known from before: no request waits for it twice."""


class Values(NamedTuple):
    """What was found, in the order asked; `from_cache` where nothing had to be read from Postgres.

    Some are nothing only while Postgres is away: stale beats wrong.
    """

    in_order: Sequence[bytes]
    from_cache: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """A read that the cache alone could not answer: what it told of `names`, and how the `missing` are fetched."""

    names: Sequence[str]
    hits: Mapping[str, bytes]
    missing: Sequence[str]
    fetch: Callable[[Source, Sequence[str], Flight], Awaitable[Mapping[str, bytes]]]
    source: Source


class ReadThrough:
    """Reads by name. A cache that is away, or whose publisher lags, is not believed while Postgres answers.

    Nor is it believed, name by name, while it may be behind what this worker has read from Postgres itself.
    """

    def __init__(self, cache: Cache, metrics: ReadingMetrics | None = None, bounds: Bounds | None = None) -> None:
        """Without `metrics` nobody sees what is counted."""
        self._cache = cache
        self._metrics = metrics or ReadingMetrics(CollectorRegistry())
        self._notes, self._rest, self._seen = Notes(), Rest(), Seen()
        self._flights = Flights(self._metrics)
        admission = Admission(bounds or Bounds())
        self._fills = Fills(Side(cache, self._notes, self._seen, self._rest), admission, self._metrics)
        self._postgres_rests_until_s = 0.0

    async def read(self, names: Sequence[str], load: Load, form: Form) -> Values:
        """Raises StorageError where neither side can tell anything, CrowdedError where too many ask for what is not
        cached. `names` stay as they are.
        """
        if self._rest.until_s and self._rest.lasts():
            return await self._past_the_cache(names, {}, Source(load, form))
        try:
            cached = await self._cache.read(names)
        except CacheError as error:
            self._rest.failed(error)
            return await self._past_the_cache(names, {}, Source(load, form))
        if self._rest.until_s:
            self._rest.answered()
        values, sign = cached.values, cached.sign
        believed = sign is not None and self._notes.allow(sign, names)
        if believed and None not in values:
            complete = cast(list[bytes], values)
            if all(map(form.usable, complete)):
                self._remember(names, complete)
                return Values(complete, True)
        found = zip(names, values, strict=True)
        hits = {name: value for name, value in found if value is not None and form.usable(value)}
        beyond = self._completed if believed else self._past_the_cache
        return await beyond(names, hits, Source(load, form))

    @property
    def in_doubt(self) -> bool:
        """Whether the cache has failed lately: then `read` decides who asks it again."""
        return self._rest.until_s > 0.0

    def failed(self, error: CacheError) -> None:
        """The cache did not answer somebody who read it himself."""
        self._rest.failed(error)

    def tells(self, sign: bytes | None, names: Sequence[str], values: Sequence[bytes]) -> bool:
        """Whether what somebody has read from the cache himself may be told; he has to tell it then."""
        if sign is None or not self._notes.allow(sign, names):
            return False
        self._remember(names, values)
        return True

    def _remember(self, names: Sequence[str], values: Sequence[bytes]) -> None:
        if self._flights:
            self._flights.overtaken(names)
        self._seen.add(names, values)

    async def _completed(self, names: Sequence[str], hits: Mapping[str, bytes], source: Source) -> Values:
        """`hits` can be believed."""
        self._flights.overtaken(hits)
        self._seen.add(list(hits), list(hits.values()))
        missing = [name for name in names if name not in hits]
        return await self._told(Lack(names, hits, missing, self._fills.into_the_cache, source))

    async def _past_the_cache(self, names: Sequence[str], hits: Mapping[str, bytes], source: Source) -> Values:
        """`hits` may be old: they are told only where Postgres tells nothing in time."""
        self._seen.forget(hits)
        newest = _without_gaps({**hits, **self._notes.known(names)})
        return await self._told(Lack(names, newest, names, self._fills.past_the_cache, source))

    async def _told(self, lack: Lack) -> Values:
        """From Postgres; where that is slow or overrun the newest known of all names, where it is away of some."""
        if not lack.missing:
            return Values([], from_cache=True)
        try:
            found = {**lack.hits, **await self._fetched(lack)}
        except (CrowdedError, StorageError) as error:
            return self._stale(lack, error)
        return Values([found[name] for name in lack.names], from_cache=False)

    async def _fetched(self, lack: Lack) -> Mapping[str, bytes]:
        """Where everything is known already, a Postgres that hangs is not waited for long."""
        if time.monotonic() < self._postgres_rests_until_s and self._known(lack) is not None:
            raise StorageError("Postgres is left alone for a while.")
        flights = self._flights.board(lack.missing, partial(lack.fetch, lack.source))
        _, late = await asyncio.wait({flight.task for flight in flights.values()}, timeout=PATIENCE_S)
        if late and self._known(lack) is not None:
            self._postgres_rests_until_s = time.monotonic() + LEFT_ALONE_S
            raise StorageError("Postgres did not answer in time.")
        if late:
            await asyncio.wait(late)
        return {name: flight.task.result()[name] for name, flight in flights.items()}

    def _known(self, lack: Lack) -> list[bytes] | None:
        """The newest that is known of all names without asking; None where that is not all."""
        known = {**lack.hits, **self._notes.known(lack.names)}
        if len(known) < len(lack.names):
            known = {**self._seen.known(lack.names), **known}
        told = _without_gaps(known)
        return [told[name] for name in lack.names] if len(told) == len(lack.names) else None

    def _stale(self, lack: Lack, error: CrowdedError | StorageError) -> Values:
        known = self._known(lack)
        if isinstance(error, CrowdedError):
            self._postgres_rests_until_s = time.monotonic() + LEFT_ALONE_S
            if known is None:
                self._metrics.shed.inc()
                raise error
        told = known or self._some(lack)
        if not told:
            raise error
        self._metrics.stale.inc()
        return Values(told, from_cache=True)

    def _some(self, lack: Lack) -> list[bytes]:
        """What is known of some names, nothing for the others; empty where none is known."""
        told = _without_gaps({**lack.hits, **self._notes.known(lack.names)})
        return [told.get(name, lack.source.form.nothing) for name in lack.names] if told else []


def _without_gaps(values: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {name: value for name, value in values.items() if value is not None}

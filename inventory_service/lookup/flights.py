"""Readings under way: who asks for a name that is being read waits for that reading instead of beginning another."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from inventory_service.lookup.reading_metrics import ReadingMetrics

JOINABLE_S = 0.5
"""How old a reading may be for a newcomer: an answer out of Postgres is never older by more."""


class Flight:
    """One reading of some names, in a task of its own: whoever stops waiting for it stops nobody else."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.overtaken: set[str] = set()
        """Those of which others may have heard something newer meanwhile."""
        self.task: asyncio.Task[Mapping[str, bytes]]
        self._begun_s: float | None = None

    def begin(self) -> None:
        """From now on, and not before, its values are read."""
        if self._begun_s is None:
            self._begun_s = time.monotonic()

    def joinable(self, now_s: float) -> bool:
        return self._begun_s is None or now_s - self._begun_s < JOINABLE_S


Depart = Callable[[Sequence[str], Flight], Awaitable[Mapping[str, bytes]]]
"""Reads all of the names."""


class Flights:
    """The readings of one worker, by name."""

    def __init__(self, metrics: ReadingMetrics) -> None:
        self._metrics = metrics
        self._by_name: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[Mapping[str, bytes]]] = set()

    def __len__(self) -> int:
        return len(self._by_name)

    def overtaken(self, names: Iterable[str]) -> None:
        """The cache has told these meanwhile: what is on its way may be older, so nobody joins it any more."""
        for name in names:
            flight = self._by_name.pop(name, None)
            if flight is not None:
                flight.overtaken.add(name)

    def board(self, names: Sequence[str], depart: Depart) -> dict[str, Flight]:
        """The reading that will bring each name: those under way, and one of all that nobody reads yet."""
        joined = self._joinable(names)
        rest = [name for name in names if name not in joined]
        self._metrics.shared.inc(len(set(joined.values())))
        return {**joined, **dict.fromkeys(rest, self._departed(rest, depart))} if rest else joined

    def _joinable(self, names: Sequence[str]) -> dict[str, Flight]:
        now_s = time.monotonic()
        under_way = ((name, self._by_name.get(name)) for name in names)
        return {name: flight for name, flight in under_way if flight is not None and flight.joinable(now_s)}

    def _departed(self, names: Sequence[str], depart: Depart) -> Flight:
        flight = Flight(names)
        self.overtaken(names)
        self._by_name.update(dict.fromkeys(names, flight))
        flight.task = asyncio.create_task(self._flown(flight, depart))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(self._landed)
        return flight

    async def _flown(self, flight: Flight, depart: Depart) -> Mapping[str, bytes]:
        try:
            return await depart(flight.names, flight)
        finally:
            self._ended(flight)

    def _ended(self, flight: Flight) -> None:
        """It may have read last what it waited for longest: nobody joins one that has begun meanwhile."""
        for name in flight.names:
            other = self._by_name.pop(name, None)
            if other is not None and other is not flight:
                other.overtaken.add(name)

    def _landed(self, task: "asyncio.Task[Mapping[str, bytes]]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

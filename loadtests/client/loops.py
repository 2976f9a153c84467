"""Two ways of asking. Closed loop: each connection asks as soon as it was answered, so a slow server is asked less.

Open loop: requests come at their own rate, and seconds count from the moment that a request should have been sent, so
that whatever waits in a queue is seen.
"""

import asyncio
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter

from loadtests.client.bounds import RefusedError, Run
from loadtests.client.connection import Connection
from loadtests.client.heard import Heard
from loadtests.client.ticks import ticking

CONNECT_WITHIN_S, DRAIN_S = 10.0, 5.0
MAX_BROKEN = 1_000
SHORTEST_TICK_S = 50e-6


class Lines:
    """The run's connections: opened, opened again where the server ends one, and closed."""

    def __init__(self, run: Run, heard: Heard) -> None:
        self._run, self._heard = run, heard
        self._opening: set[asyncio.Task[None]] = set()
        self.all: set[Connection] = set()
        self.over = asyncio.Event()

    async def open(self) -> None:
        """Raises RefusedError where nobody answers."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await asyncio.gather(*(self._open() for _ in range(self._run.connections)))
        except (OSError, TimeoutError) as error:
            raise RefusedError(f"Nobody answers at {self._run.url}.") from error

    def freed(self, connection: Connection, now_s: float) -> None:
        raise NotImplementedError

    def lost(self, connection: Connection) -> None:
        self.all.discard(connection)
        if self.over.is_set():
            return
        if connection.since_s is not None:
            self._heard.broken += 1
        if self._heard.broken >= MAX_BROKEN:
            self.over.set()
            return
        task = asyncio.create_task(self._open())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def ended(self) -> None:
        """When all is asked and answered, or has not been for too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._run.seconds + DRAIN_S):
                await self.over.wait()

    def unanswered(self) -> list[float]:
        """Seconds that each request without an answer has waited so far."""
        now_s = perf_counter()
        return [now_s - one.since_s for one in self.all if one.since_s is not None]

    def close(self) -> None:
        self.over.set()
        for one in list(self.all):
            one.close()

    async def _open(self) -> None:
        def made() -> Connection:
            return Connection(self._heard, self.freed, self.lost)

        _, connection = await asyncio.get_running_loop().create_connection(made, self._run.host, self._run.port)
        self.all.add(connection)


class Closed(Lines):
    """Asks until `seconds` are over or there is nothing left to ask."""

    def __init__(self, run: Run, requests: Iterator[bytes], heard: Heard) -> None:
        super().__init__(run, heard)
        self._requests = requests
        self._until_s = 0.0
        self._idle: list[Connection] = []

    def freed(self, connection: Connection, now_s: float) -> None:
        request = next(self._requests, None) if now_s < self._until_s else None
        if request is None:
            self._rest(connection)
        else:
            connection.ask(request, now_s)

    async def run(self) -> float:
        """Seconds from the first request to the last answer."""
        await self.open()
        began_s = perf_counter()
        self._until_s = began_s + self._run.seconds
        beginning, self._idle = self._idle, []
        for one in beginning:
            self.freed(one, perf_counter())
        await self.ended()
        return perf_counter() - began_s

    def _rest(self, connection: Connection) -> None:
        self._idle.append(connection)
        if self._until_s and len(self._idle) >= self._run.connections:
            self.over.set()


class Open(Lines):
    """Asks at a rate. `late`: seconds by which the client itself sent later than it should, a connection being free."""

    def __init__(self, run: Run, requests: Iterator[bytes], heard: Heard) -> None:
        super().__init__(run, heard)
        assert run.rate is not None
        self._requests, self._rate = requests, run.rate
        self._wanted, self._sent = run.wanted, 0
        self._began_s = 0.0
        self._idle: deque[Connection] = deque()
        self._waiting: deque[tuple[bytes, float]] = deque()
        self.late = array("d")

    def freed(self, connection: Connection, now_s: float) -> None:
        if self._waiting:
            connection.ask(*self._waiting.popleft())
            return
        self._idle.append(connection)
        if self._sent == self._wanted and len(self._idle) == len(self.all):
            self.over.set()

    async def run(self) -> float:
        """Seconds from the first request to the last answer."""
        await self.open()
        self._began_s = perf_counter()
        with ticking(max(SHORTEST_TICK_S, 1 / self._rate), self._tick):
            await self.ended()
        return perf_counter() - self._began_s

    def unanswered(self) -> list[float]:
        now_s = perf_counter()
        return [*super().unanswered(), *(now_s - since_s for _, since_s in self._waiting)]

    def _tick(self) -> None:
        now_s = perf_counter()
        while self._sent < self._wanted and (due_s := self._began_s + self._sent / self._rate) <= now_s:
            request = next(self._requests)
            self._sent += 1
            if self._idle:
                self._idle.popleft().ask(request, due_s)
                self.late.append(perf_counter() - due_s)
            else:
                self._waiting.append((request, due_s))

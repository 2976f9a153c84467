"""One kept-alive connection with one request at a time."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import cast

from loadtests.client import wire
from loadtests.client.heard import Heard


class Connection(asyncio.Protocol):
    """Tells `freed` of itself when it is open and after each answer, and `lost` when it has ended."""

    def __init__(
        self, heard: Heard, freed: Callable[["Connection", float], None], lost: Callable[["Connection"], None]
    ) -> None:
        self._heard, self._freed, self._lost = heard, freed, lost
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._missing = 0
        self.since_s: float | None = None
        """The moment that the answer under way is counted from."""

    def ask(self, request: bytes, since_s: float) -> None:
        self.since_s = since_s
        assert self._transport is not None
        self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._freed(self, perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        if self._pieces:
            self._pieces.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data = b"".join(self._pieces)
            self._pieces.clear()
        measures = wire.measures(data)
        if measures is None or len(data) < measures[0]:
            self._pieces.append(data)
            self._missing = 1 if measures is None else measures[0] - len(data)
            return
        now_s, since_s = perf_counter(), self.since_s
        assert since_s is not None, "an answer that nobody asked for"
        self.since_s = None
        self._heard.take(wire.status(data), now_s - since_s, measures[1], data)
        self._freed(self, now_s)

"""A client of streams: what it was told, event by event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

PATIENCE_S = 20.0


@dataclass(frozen=True)
class Event:
    """One event as it came over the wire."""

    name: str
    entity_tag: str
    json: Any


@dataclass
class Listener:
    """An open stream. `beats` counts comments."""

    response: aiohttp.ClientResponse
    beats: int = 0
    _fields: dict[str, str] = field(default_factory=dict)

    async def next(self) -> Event | None:
        """The next event; None at the stream's end."""
        async with asyncio.timeout(PATIENCE_S):
            async for raw in self.response.content:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.beats += 1
                elif line:
                    name, _, value = line.partition(": ")
                    self._fields[name] = value
                elif self._fields:
                    told, self._fields = self._fields, {}
                    return Event(told["event"], told.get("id", ""), orjson.loads(told["data"]))
        return None

    async def nothing_for(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self.next() is None
        except TimeoutError:
            return True


@asynccontextmanager
async def listening(session: aiohttp.ClientSession, target: str, **headers: str) -> AsyncIterator[Listener]:
    """To what `/v1/availability` would answer at `target`, its query string."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    address = target.replace("/v1/availability?", "/v1/availability/stream?")
    async with session.get(address, headers=spelled, timeout=aiohttp.ClientTimeout(total=None)) as response:
        yield Listener(response)

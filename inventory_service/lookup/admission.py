"""How much is asked of Postgres at once: a few read, a bounded number wait, the others are sent away at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from inventory_service.runtime.http.errors import CrowdedError

SAMPLES = 8
"""Over about so many readings their duration is averaged."""
FIRST_GUESS_S = 0.01


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one worker may ask of Postgres for its lookups."""

    at_once: int = 8
    """Readings; the pool of a worker has two connections more for all else."""
    waiting: int = 256
    wait_s: float = 0.5


class Admission:
    """Places at Postgres, handed out in the order of arrival."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._places = asyncio.Semaphore(bounds.at_once)
        self._waiting = 0
        self._mean_s = FIRST_GUESS_S

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Holds a place. Raises CrowdedError: at once where the wait would be too long, else when it has been."""
        await self._enter()
        began_s = time.monotonic()
        try:
            yield
        finally:
            self._mean_s += (time.monotonic() - began_s - self._mean_s) / SAMPLES
            self._places.release()

    async def _enter(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._bounds.waiting or self._expected_s() > self._bounds.wait_s:
            raise CrowdedError("Too much is to be looked up anew just now; try again.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._bounds.wait_s):
                await self._places.acquire()
        except TimeoutError:
            raise CrowdedError("This could not be looked up in time; try again.") from None
        finally:
            self._waiting -= 1

    def _expected_s(self) -> float:
        """How long one more would wait (Little's law)."""
        return (self._waiting + 1) * self._mean_s / self._bounds.at_once

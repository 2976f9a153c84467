"""A shopper's word taken in: bounded per device and address, kept under a key of the day, one transaction."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from inventory_service.domain.address import network_of
from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import CacheError, TooManyError
from inventory_service.domain.shoppers import Word
from inventory_service.storage import shoppers
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.postgres import Pool, connected, transaction
from inventory_service.storage.shoppers import About, Heard, day_of, device_of

DAY = timedelta(days=1)
KEYS_HELD = 3
AT_ONCE = 3
"""Words taken in side by side: a crowd around one shelf waits for itself, and not everybody for its connections."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose word it is: the token that the device drew, and the address that it comes from."""

    token: str
    address: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Words a UTC day at most."""

    per_device: int
    per_address: int


class Hearing:
    """The one place where shoppers are listened to."""

    def __init__(self, pool: Pool, cache: Cache, clock: Clock, deadline_s: float, bounds: Bounds) -> None:
        self._pool, self._cache, self._clock = pool, cache, clock
        self._deadline_s, self._bounds = deadline_s, bounds
        self._keys: dict[date, bytes] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def hear(self, about: About, word: Word, voice: Voice) -> Heard:
        """Raises TooManyError, StorageError. While Redis is away nobody is bounded."""
        now = self._clock()
        await self._count(voice, await self._key(day_of(now)), now)
        device = device_of(voice.token, await self._key(day_of(word.observed_at)))
        async with self._room, transaction(self._pool, deadline_s=self._deadline_s) as connection:
            return await shoppers.hear(connection, about, device, word, now)

    async def _key(self, day: date) -> bytes:
        key = self._keys.get(day)
        if key is None:
            async with self._room, connected(self._pool, deadline_s=self._deadline_s) as connection:
                key = self._keys[day] = await shoppers.key_of(connection, day)
            for old in sorted(self._keys)[:-KEYS_HELD]:
                del self._keys[old]
        return key

    async def _count(self, voice: Voice, key: bytes, now: datetime) -> None:
        """Counts the word, and refuses it where that is one too many."""
        counted = (("device", voice.token), ("address", network_of(voice.address)))
        names = [keys.voice(device_of(f"{kind} {one}", key)) for kind, one in counted]
        try:
            words = await self._cache.count(names, DAY)
        except CacheError:
            return
        if words[0] > self._bounds.per_device or words[1] > self._bounds.per_address:
            raise TooManyError("So many reports a day are taken of one device and of one address.", _left_s(now))


def _left_s(now: datetime) -> int:
    """Seconds until the next UTC day."""
    midnight = datetime.combine(day_of(now) + DAY, time(), now.tzinfo)
    return max(1, int((midnight - now).total_seconds()))

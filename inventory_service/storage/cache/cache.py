"""What workers and the publisher do with Redis. Everything in it can be thrown away at any time."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from inventory_service.storage.cache import keys, scripts
from inventory_service.storage.cache.block import Packed
from inventory_service.storage.cache.client import translated
from inventory_service.storage.changes import Cursor

PIPELINE = 500
"""Commands sent in one round trip at most."""


@dataclass(frozen=True, slots=True)
class Read:
    """Cached values in the order asked, None where absent; `live`: the publisher keeps up, so they are true."""

    live: bool
    values: list[bytes | None]


class Cache:
    """The commands we use, on one client."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._publish = redis.register_script(scripts.PUBLISH)
        self._fill = redis.register_script(scripts.FILL)
        self._take_over = redis.register_script(scripts.TAKE_OVER)
        self._advance = redis.register_script(scripts.ADVANCE)

    async def read(self, names: Sequence[str]) -> Read:
        """Values and the publisher's sign of life, in one round trip."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.get(keys.LIVE)
                for name in names:
                    pipe.get(name)
                live, *values = await pipe.execute()
        return Read(live is not None, values)

    async def lease(self, names: Sequence[str]) -> dict[str, str]:
        """Takes the leases that are free: name → token. The holder reads Postgres and fills."""
        token = secrets.token_hex(8)
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.set(keys.lease(name), token, nx=True, px=keys.LEASE_MS)
                taken = await pipe.execute()
        return {name: token for name, got in zip(names, taken, strict=True) if got}

    async def fill(self, leases: Mapping[str, str], values: Mapping[str, bytes], lifetime_ms: int) -> None:
        """Stores values under leases that still stand, in one round trip; 0 ms: for good."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for name, token in leases.items():
                    await self._fill(
                        keys=[name, keys.lease(name)], args=[token, values[name], lifetime_ms], client=pipe
                    )
                await pipe.execute()

    async def publish(self, blocks: Mapping[str, Sequence[Packed]]) -> None:
        """Merges levels into the blocks that are cached, by version."""
        names = list(blocks)
        with translated():
            for start in range(0, len(names), PIPELINE):
                async with self._redis.pipeline(transaction=False) as pipe:
                    for name in names[start : start + PIPELINE]:
                        args = [part for packed in blocks[name] for part in (packed.entry, packed.extra)]
                        await self._publish(keys=[name, keys.lease(name)], args=args, client=pipe)
                    await pipe.execute()

    async def forget(self, names: Sequence[str]) -> None:
        """Drops values together with their leases."""
        with translated():
            for start in range(0, len(names), PIPELINE):
                async with self._redis.pipeline(transaction=False) as pipe:
                    for name in names[start : start + PIPELINE]:
                        pipe.unlink(name, keys.lease(name))
                    await pipe.execute()

    async def forget_all(self) -> None:
        """Drops every value and lease of ours; the publisher's own place stays."""
        with translated():
            doomed: list[bytes] = []
            async for name in self._redis.scan_iter(match=keys.PREFIX + "{*", count=1_000):
                doomed.append(name)
                if len(doomed) >= PIPELINE:
                    await self._redis.unlink(*doomed)
                    doomed.clear()
            if doomed:
                await self._redis.unlink(*doomed)

    async def take_over(self) -> tuple[int, Cursor | None]:
        """Becomes the publisher: (epoch, place in the log or None where it is lost)."""
        with translated():
            epoch, xact, seq = await self._take_over(keys=[keys.PUBLISHED])
        return int(epoch), Cursor(int(xact), int(seq)) if xact and seq else None

    async def advance(self, epoch: int, cursor: Cursor, live_ms: int) -> bool:
        """Writes the publisher's place; False where another publisher took over or Redis was emptied."""
        with translated():
            done = await self._advance(keys=[keys.PUBLISHED, keys.LIVE], args=[epoch, *cursor, live_ms])
        return bool(done)

    async def ping(self) -> None:
        with translated():
            await self._redis.ping()

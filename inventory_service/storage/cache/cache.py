"""What workers and the publisher do with Redis. Everything in it can be thrown away at any time."""

import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import hiredis
from redis.asyncio import Redis

from inventory_service.storage.cache import keys, scripts
from inventory_service.storage.cache.bulk import Bulk, Command, digest
from inventory_service.storage.cache.client import translated
from inventory_service.storage.cache.shared import Asker, SharedReads
from inventory_service.storage.changes import Cursor
from inventory_service.storage.horizon import Horizon

PIPELINE = 500
"""Commands sent in one round trip at most."""
BLOCKS_AT_ONCE = 1_000
"""Of one product, in one script."""
PUBLISH, CACHED, FILL = digest(scripts.PUBLISH), digest(scripts.CACHED), digest(scripts.FILL)
CLAIM, FILL_WHOLE, ADD = digest(scripts.CLAIM), digest(scripts.FILL_WHOLE), digest(scripts.ADD)
SCRIPTS = (scripts.PUBLISH, scripts.CACHED, scripts.FILL, scripts.CLAIM, scripts.FILL_WHOLE, scripts.ADD)


@dataclass(frozen=True, slots=True)
class Read:
    """Cached values in the order asked, None where absent.

    `sign`: the publisher's sign of life, a horizon as text; None: it lags or is gone, they may be old.
    """

    sign: bytes | None
    values: list[bytes | None]

    @property
    def live(self) -> bool:
        return self.sign is not None


@dataclass(frozen=True, slots=True)
class Claim(Read):
    """What is cached by now, and the leases that were free of the rest: name → token."""

    leases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """The publisher's side of Redis: its epoch, which start of the server it met, and where the last one was."""

    epoch: int
    run: str
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class Filled:
    """Of products that were filled: those whose lease was gone, and names of blocks that hold something else."""

    refused: list[int]
    others: list[str]


class Cache:
    """The commands we use, on one client."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._bulk = Bulk(redis, SCRIPTS)
        self._reads = SharedReads(redis, keys.LIVE)
        self._take_over = redis.register_script(scripts.TAKE_OVER)
        self._advance = redis.register_script(scripts.ADVANCE)

    async def read(self, names: Sequence[str]) -> Read:
        """One product's values and the publisher's sign of life, in a round trip shared with others."""
        command: Command = ("MGET", *names)
        sign, values = await self._reads.ask(hiredis.pack_command(command) if names else b"", 1 if names else 0)
        return Read(sign, values[0] if values else [])

    def tell(self, commands: bytes, count: int, asker: Asker) -> None:
        """As `read`, of so many commands as naming.py writes: the sign of life and the values of each are told.

        Raises CacheError where too many have asked.
        """
        self._reads.tell(commands, count, asker)

    async def aclose(self) -> None:
        """Closes what `read` has opened; the client is the caller's."""
        await self._reads.aclose()

    async def lease(self, names: Sequence[str]) -> dict[str, str]:
        """Takes the leases that are free: name → token. The holder reads Postgres and fills."""
        token = secrets.token_hex(8)
        taken = await self._many(("SET", keys.lease(name), token, "NX", "PX", keys.LEASE_MS) for name in names)
        return {name: token for name, got in zip(names, taken, strict=True) if got}

    async def claim(self, names: Sequence[str]) -> Claim:
        """Reads again and takes the leases that are free of what is absent. The holder reads Postgres and fills."""
        token = secrets.token_hex(8)
        claims = [("EVALSHA", CLAIM, 2, name, keys.lease(name), token, keys.LEASE_MS) for name in names]
        sign, *found = await self._bulk.run([("GET", keys.LIVE), *claims])
        values = [one if isinstance(one, bytes) else None for one in found]
        return Claim(sign, values, {name: token for name, one in zip(names, found, strict=True) if one == 1})

    async def fill(self, leases: Mapping[str, str], values: Mapping[str, bytes], lifetime_ms: int) -> set[str]:
        """Stores values under leases that still stand; 0 ms: for good. Returns the names of those stored."""
        stored = await self._many(
            ("EVALSHA", FILL, 2, name, keys.lease(name), token, values[name], lifetime_ms)
            for name, token in leases.items()
        )
        return {name for name, done in zip(leases, stored, strict=True) if done}

    async def lease_whole(self, product_ids: Iterable[int]) -> str:
        """Takes leases of whole products, from whoever has them: the token. The holder reads Postgres and fills."""
        token = secrets.token_hex(8)
        await self._many(("SET", keys.whole(one), token, "PX", keys.LEASE_MS) for one in product_ids)
        return token

    async def fill_whole(self, token: str, products: Mapping[int, Mapping[str, bytes]]) -> Filled:
        """Stores each product's blocks, by name, where there are none and where the lease still stands.

        Products of more than BLOCKS_AT_ONCE are refused: a script takes only so many arguments.
        """
        most = [one for one, blocks in products.items() if len(blocks) > BLOCKS_AT_ONCE]
        products = {one: blocks for one, blocks in products.items() if len(blocks) <= BLOCKS_AT_ONCE}
        answers = await self._many(
            ("EVALSHA", FILL_WHOLE, 1 + 2 * len(blocks), keys.whole(one), *leases, *blocks, token, *blocks.values())
            for one, blocks in products.items()
            for leases in (map(keys.lease, blocks),)
        )
        found = list(zip(products, answers, strict=True))
        others = [list(products[one])[place - 1] for one, places in found for place in places if place]
        return Filled([*most, *(one for one, places in found if 0 in places)], others)

    async def cached(self, products: Sequence[Sequence[str]]) -> list[str]:
        """Which of the blocks are there, named product by product; drops the leases of the others."""
        found = await self._many(
            ("EVALSHA", CACHED, 1 + 2 * len(names), keys.whole_of(names[0]), *_with_leases(names)) for names in products
        )
        return [names[at - 1] for names, present in zip(products, found, strict=True) for at in present]

    async def publish(self, blocks: Mapping[str, bytes]) -> list[str]:
        """Merges levels, each a block of what changed, into the blocks that are cached; drops the leases of all.

        Returns the names of those that are cached.
        """
        written = await self._many(
            ("EVALSHA", PUBLISH, 3, name, keys.lease(name), keys.whole_of(name), levels)
            for name, levels in blocks.items()
        )
        return [name for name, count in zip(blocks, written, strict=True) if count >= 0]

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """Values in the order asked, however many."""
        return await self._many(("GET", name) for name in names)

    async def lifetimes_ms(self, names: Sequence[str]) -> list[int]:
        """How long each still lives: -1 for good, -2 not there."""
        return await self._many(("PTTL", name) for name in names)

    async def count(self, names: Sequence[str], lifetime: timedelta) -> list[int]:
        """How often each was counted, this time included; each begins anew so long after it was counted first."""
        lifetime_s = int(lifetime.total_seconds())
        commands = (one for name in names for one in (("INCR", name), ("EXPIRE", name, lifetime_s, "NX")))
        return [int(counted) for counted in (await self._many(commands))[::2]]

    async def add(self, amounts: Iterable[tuple[str, int, int]]) -> list[int]:
        """Names, seconds that what is new lasts, and amounts: what each comes to with them."""
        return await self._many(("EVALSHA", ADD, 1, *one) for one in amounts)

    async def forget(self, names: Sequence[str]) -> None:
        """Drops values together with their leases."""
        await self._many(("UNLINK", name, keys.lease(name)) for name in names)

    async def forget_all(self) -> None:
        """Drops every value and lease of ours; the publisher's own place stays.

        Twice: a fill under way may store a value where the first round has already been, but not its lease.
        """
        for _ in range(2):
            async for names in self.names(PIPELINE):
                await self.drop(names)

    async def drop(self, names: Sequence[bytes]) -> None:
        await self._many(("UNLINK", name) for name in names)

    async def names(self, at_most: int) -> AsyncIterator[list[bytes]]:
        """All that is cached, and leases, some at a time; one may come twice."""
        cursor = 0
        while True:
            with translated():
                cursor, found = await self._redis.scan(cursor, match=keys.EVERY_VALUE, count=at_most)
            if found:
                yield [name if isinstance(name, bytes) else name.encode() for name in found]
            if cursor == 0:
                return

    async def now_ms(self) -> int:
        """Redis's own clock, since 1970."""
        with translated():
            seconds, micros = await self._redis.time()
        return int(seconds) * 1000 + int(micros) // 1000

    async def take_over(self, epoch: int, lineage: str) -> Taken | None:
        """Becomes the publisher; None where Redis has met a later epoch of that database."""
        with translated():
            found = await self._take_over(keys=[keys.PUBLISHED], args=[epoch, lineage])
        if not found:
            return None
        run, xact, seq = found
        return Taken(epoch, run.decode(), Cursor(int(xact), int(seq)) if xact and seq else None)

    async def disown(self) -> None:
        """Forgets who publishes and how far: the next publisher begins the cache anew."""
        with translated():
            await self._redis.unlink(keys.PUBLISHED, keys.LIVE)

    async def advance(self, taken: Taken, cursor: Cursor, complete: Horizon | None, live_until_ms: int) -> bool:
        """Writes the publisher's place and, where all that `complete` sees is published, its sign of life.

        False where another publisher took over, or Redis was emptied or started again.
        """
        sign = "" if complete is None else str(complete)
        with translated():
            done = await self._advance(
                keys=[keys.PUBLISHED, keys.LIVE], args=[taken.epoch, taken.run, *cursor, sign, live_until_ms]
            )
        return bool(done)

    async def has_publisher(self) -> bool:
        """Whether a publisher has ever worked on what is cached here."""
        with translated():
            return bool(await self._redis.hexists(keys.PUBLISHED, "xact"))

    async def rebuilt_to(self) -> int:
        """The last product that a rebuilding dealt with; 0: none is under way."""
        with translated():
            return int(await self._redis.get(keys.REBUILT) or 0)

    async def note_rebuilt(self, product_id: int | None) -> None:
        """None: it is done."""
        with translated():
            if product_id is None:
                await self._redis.unlink(keys.REBUILT)
            else:
                await self._redis.set(keys.REBUILT, product_id, px=keys.REBUILD_MS)

    async def ping(self) -> None:
        with translated():
            await self._redis.ping()

    async def _many(self, commands: Iterator[Command]) -> list[Any]:
        answers: list[Any] = []
        while some := list(islice(commands, PIPELINE)):
            answers += await self._bulk.run(some)
        return answers


def _with_leases(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        yield keys.lease(name)

"""Whatever is emptied, cut, slow or away: no answer of a worker is older than one that it gave before it was asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest

from inventory_service.domain.errors import CacheError, StorageError
from inventory_service.domain.level import Level
from inventory_service.domain.offer import NO_DETAILS
from inventory_service.domain.stock import Stock
from inventory_service.lookup.admission import Bounds
from inventory_service.lookup.fills import Loaded
from inventory_service.lookup.levels import FORM
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.runtime.http.errors import CrowdedError
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import decode, encode
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.positions import Shelf
from tests.publish.house import ended
from tests.storms.conftest import Line

NAMES = [keys.block(17, one) for one in range(1, 5)]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ENOUGH = 400
"""Answers of one run."""


def block(version: int) -> bytes:
    return encode([Shelf(17, 1, 3, 1, version, Level(Stock.exactly(5), EPOCH, EPOCH, EPOCH, 1, NO_DETAILS))])


@dataclass
class Truth:
    """Commits, numbered; each is the newest version of one name. It is slow and fails as chance wills."""

    random: Random
    commits: int = 1
    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 1))
    away: bool = False

    def commit(self) -> None:
        self.commits += 1
        self.versions[self.random.choice(NAMES)] = self.commits

    def horizon(self) -> Horizon:
        return Horizon(self.commits + 1, self.commits + 1)

    async def load(self, names: Sequence[str]) -> Loaded:
        await asyncio.sleep(self.random.choice((0.0, 0.001, 0.02)))
        read = Loaded({name: block(self.versions[name]) for name in names}, self.horizon())
        await asyncio.sleep(self.random.choice((0.0, 0.001, 0.02, 0.02, 0.7)))
        if self.away:
            raise StorageError("Postgres cannot be reached.")
        return read


@dataclass
class Told:
    """What was told, and by name the newest version told so far."""

    answers: int = 0
    newest: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    went_back: list[tuple[str, int, int]] = field(default_factory=list)

    async def ask(self, worker: ReadThrough, truth: Truth, names: Sequence[str]) -> None:
        before = dict(self.newest)
        try:
            values = await worker.read(names, truth.load, FORM)
        except (StorageError, CrowdedError):
            return
        self.answers += 1
        for name, value in zip(names, values.in_order, strict=True):
            for entry in decode(value):
                if entry.version < before[name]:
                    self.went_back.append((name, before[name], entry.version))
                self.newest[name] = max(self.newest[name], entry.version)


async def committing(truth: Truth) -> None:
    while True:
        await asyncio.sleep(truth.random.choice((0.0, 0.002, 0.01)))
        truth.commit()


async def publishing(truth: Truth, cache: Cache) -> None:
    """A publisher that lags now and then, and loses its sign of life."""
    while True:
        seen, levels = truth.horizon(), {name: block(version) for name, version in truth.versions.items()}
        await asyncio.sleep(truth.random.choice((0.0, 0.005, 0.05)))
        with suppress(CacheError):
            await cache.publish(levels)
        await cache._redis.set(keys.LIVE, str(seen), px=truth.random.choice((20, 800)))


async def disturbing(truth: Truth, cache: Cache, line: Line) -> None:
    while True:
        await asyncio.sleep(truth.random.choice((0.01, 0.05)))
        match truth.random.choice(("flush", "evict", "evict", "cut", "away", "both")):
            case "flush":
                await cache._redis.flushdb()
            case "evict":
                await cache.drop([truth.random.choice(NAMES).encode()])
            case "cut":
                await _cut(line, truth.random)
            case "away":
                await _away(truth)
            case "both":
                truth.away = True
                await _cut(line, truth.random)
                truth.away = False


async def _cut(line: Line, random: Random) -> None:
    await line.wire.cut()
    await asyncio.sleep(random.choice((0.01, 0.1)))
    await line.wire.mend()


async def _away(truth: Truth) -> None:
    truth.away = True
    await asyncio.sleep(0.05)
    truth.away = False


async def asking(told: Told, worker: ReadThrough, truth: Truth) -> None:
    while True:
        await told.ask(worker, truth, truth.random.sample(NAMES, truth.random.randint(1, 3)))
        await asyncio.sleep(truth.random.choice((0.0, 0.002)))


@asynccontextmanager
async def at_work(*tasks: "asyncio.Task[None]") -> AsyncIterator[None]:
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            await ended(task)


@pytest.mark.parametrize("seed", range(6))
async def test_no_answer_is_older_than_one_before(line: Line, redis_url: str, seed: int) -> None:
    truth = Truth(Random(seed))
    near, other, far = open_redis(line.url, connections=50), open_redis(redis_url), open_redis(redis_url)
    cache, workers = Cache(far), [ReadThrough(Cache(one), bounds=Bounds(4, 4, 0.1)) for one in (near, other)]
    told = [Told(), Told()]
    askers = [asking(heard, worker, truth) for heard, worker in zip(told, workers, strict=True) for _ in range(4)]
    world = committing(truth), publishing(truth, cache), disturbing(truth, cache, line)
    async with at_work(*map(asyncio.create_task, (*askers, *world))), asyncio.timeout(60):
        while min(heard.answers for heard in told) < ENOUGH:
            await asyncio.sleep(0.01)
    for client in (near, other, far):
        await client.aclose()
    assert [heard.went_back for heard in told] == [[], []]

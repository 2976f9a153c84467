"""What the answering program says of every position, beside the oracle."""

import asyncio
import time
from dataclasses import dataclass

import aiohttp

from loadtests.crash_oracle import fault, level
from loadtests.crash_world import STORES_A_CLUSTER, Position, World, gtin, store_code

ASKING_AT_ONCE = 12
RADIUS_M = 5_000
FULL = 50
AGAIN_AFTER_S = 0.25

Levels = dict[Position, int | None]
Question = tuple[int, int]
"""Cluster and item."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Positions that are not as the oracle has them."""

    lost: int
    doubled: int
    other: int
    examples: tuple[str, ...]

    @property
    def wrong(self) -> int:
        return self.lost + self.doubled + self.other


class Answers:
    """Asks the public API, with a key that may see counts."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str, world: World) -> None:
        self._session, self._url, self._world = session, url, world
        self._headers = {"Authorization": f"Bearer {key}"}
        self._slots = asyncio.Semaphore(ASKING_AT_ONCE)
        self._places = {store_code(store): store for store in range(world.stores)}

    async def all(self) -> Levels:
        """Every position's pieces."""
        return await self._asked([(c, item) for c in range(self._world.clusters) for item in range(self._world.items)])

    async def settled(self, expected: Levels, within_s: float) -> Levels:
        """All positions; those that differ are asked again until they do not, or the time is over."""
        found, give_up_at = await self.all(), time.monotonic() + within_s
        while (wrong := different(expected, found)) and time.monotonic() < give_up_at:
            await asyncio.sleep(AGAIN_AFTER_S)
            found |= await self._asked(sorted({(store // STORES_A_CLUSTER, item) for store, item in wrong}))
        return found

    async def _asked(self, questions: list[Question]) -> Levels:
        levels: Levels = {}
        for answer in await asyncio.gather(*(self._ask(*question) for question in questions)):
            levels |= answer
        return levels

    async def _ask(self, cluster: int, item: int) -> Levels:
        lat, lon = self._world.spot(cluster)
        asked = f"gtin={gtin(item)}&lat={lat}&lon={lon}&radius_m={RADIUS_M}&limit={FULL}"
        url = f"{self._url}/v1/availability?{asked}"
        async with self._slots:
            while True:
                async with self._session.get(url, headers=self._headers) as said:
                    if said.status == 200:
                        results = (await said.json())["results"]
                        return {(self._places[one["store"]["store_code"]], item): one["quantity"] for one in results}
                    if said.status != 503:
                        raise RuntimeError(f"{url}: {said.status} {await said.text()}")
                await asyncio.sleep(AGAIN_AFTER_S)


def expected(world: World) -> Levels:
    return {position: level(said) for position, said in world.said.items()}


def different(one: Levels, other: Levels) -> list[Position]:
    """Positions of which the two do not say the same; `missing` is not 0."""
    return [position for position in one.keys() | other.keys() if one.get(position, -1) != other.get(position, -1)]


def judged(world: World, wanted: Levels, found: Levels) -> Verdict:
    faults: dict[str, int] = {"lost": 0, "doubled": 0, "other": 0}
    examples: list[str] = []
    for position in sorted(different(wanted, found)):
        said = world.said[position]
        kind = fault(said, found.get(position)) or "other"
        faults[kind] += 1
        if len(examples) < 5:
            history = "; ".join(f"{one.observed_at:%H:%M:%S.%f} {one.source} {one.kind} {one.quantity}" for one in said)
            examples.append(f"{kind} at {position}: {wanted.get(position)}, not {found.get(position)}: {history}")
    return Verdict(faults["lost"], faults["doubled"], faults["other"], tuple(examples))

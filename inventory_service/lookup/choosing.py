"""A question's way through the kernel: a plan, a few neighbourhoods in one round trip, a choice; more if need be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.distance import distance_m
from inventory_service.domain.availability import Question
from inventory_service.domain.clock import EPOCH, MICROSECOND, micros, whole_minute
from inventory_service.domain.level import Level, Shown
from inventory_service.domain.offer import Details
from inventory_service.domain.stock import Stock
from inventory_service.lookup.beyond import settled
from inventory_service.lookup.blocks import UNBOUNDED
from inventory_service.lookup.directory import IdArray
from inventory_service.lookup.ground import Bench, Ground
from inventory_service.lookup.kernel import DONE, MORE, search
from inventory_service.lookup.levels import Levels
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.planning import plan
from inventory_service.lookup.telling import Candidate
from inventory_service.storage.cache.block import read_details
from inventory_service.storage.cache.replies import bulk

SECOND = timedelta(seconds=1)
MINUTE_US = 60_000_000
FIRST_WAVE, LARGEST_WAVE = 8, 128
"""Neighbourhoods read in one round trip: few at first, more the farther the search has to go."""


@dataclass(slots=True)
class Choice:
    """The stores of an answer as arrays.FOUND: `count` results, best first, then, if that is told, the nearest beyond.

    `data` is what `details_at` points into. `found` is the kernel's own working space: whoever chooses has to be done
    with it before he waits for anything.
    """

    question: Question
    ground: Ground
    sources: Mapping[int, str]
    data: bytes
    found: NDArray[Any]
    count: int
    beyonds: int
    now: datetime
    from_cache: bool

    @property
    def results(self) -> NDArray[Any]:
        return self.found[: self.count]

    @property
    def beyond(self) -> NDArray[Any]:
        return self.found[self.count : self.count + self.beyonds]

    def candidates(self) -> tuple[list[Candidate], list[Candidate]]:
        """The results and the nearest beyond, as the search without haste gives them."""
        arrival = whole_minute(self.now + self.question.arrive_in)
        return (
            [self._candidate(one, arrival) for one in self.results],
            [self._candidate(one, arrival) for one in self.beyond],
        )

    def candidate(self, one: Any) -> Candidate:
        """One of those found, as plain data."""
        return self._candidate(one, whole_minute(self.now + self.question.arrive_in))

    def _candidate(self, one: Any, arrival: datetime) -> Candidate:
        store = self.ground.directory.at(one["row"])
        stock = Stock(int(one["low"]), None if one["high"] == UNBOUNDED else int(one["high"]))
        observed_at, covered_at = EPOCH + int(one["observed_s"]) * SECOND, EPOCH + int(one["covered_us"]) * MICROSECOND
        told, leaning = (int(one["source_id"]), self.details(one)), int(one["leaning"])
        level = Level(stock, observed_at, observed_at, covered_at, *told, leaning=leaning, shown=_shown(one))
        learned, product_id = self.ground.learned, self.question.product.product_id
        basis = learned.basis(product_id, store.store_id, level, covered_at, arrival)
        judgement = learned.judge(basis, self.question.quantity, store.retailer_id)
        return Candidate(store, level, distance_m(self.question.origin, store.point), judgement)

    def details(self, one: Any) -> Details:
        """Those of one of `found`. Raises CacheError."""
        return read_details(raw_details(self.data, one))


def _shown(one: Any) -> Shown:
    observed_at = EPOCH + int(one["shown_s"]) * SECOND
    return Shown(int(one["shown_source_id"]), observed_at, EPOCH + int(one["shown_covered_us"]) * MICROSECOND)


def raw_details(data: bytes, one: Any) -> bytes:
    """The details of one of arrays.FOUND as they are cached; nothing where there are none."""
    start = int(one["details_at"])
    return data[start : start + int(one["details_bytes"])]


class Look:
    """One question in the kernel's numbers: which neighbourhoods next, and what is found in those read so far.

    Never kept across an await but as a whole: others use the same working space meanwhile.
    """

    __slots__ = ("_args", "_bench", "_ground", "_planned", "_read", "_within_m", "reach_m")

    def __init__(self, question: Question, retailers: IdArray, ground: Ground, bench: Bench, now: datetime) -> None:
        point, arrival_us = question.origin, micros(now + question.arrive_in) // MINUTE_US * MINUTE_US
        self._args: tuple[Any, ...] = (
            point.lat,
            point.lon,
            question.radius_m,
            question.limit,
            question.quantity,
            arrival_us,
            ground.learned.pace_of(question.product.product_id),
            retailers,
        )
        self._ground, self._bench = ground, bench
        self._read, self._within_m, self.reach_m = 0, question.radius_m, question.radius_m
        self._planned = self._plan(self._within_m) or self._widened()

    def wave(self, size: int) -> list[int]:
        """The ids of up to `size` neighbourhoods to be read next, right after the look has begun, or has not ended."""
        if self._read >= self._planned:
            self._planned = self._widened()
        ground, end = self._ground, min(self._read + size, self._planned)
        while end > self._read and ground.arrays.bounds[end - 1] > self.reach_m:
            end -= 1
        groups = ground.arrays.groups[self._read : end].tolist()
        self._read = end
        return ground.directory.neighbourhood_ids(groups)

    def at(self, data: bytes) -> tuple[int, int, int]:
        """(status, results, beyond) as kernel.search gives them; `data` holds all blocks that were read, each as Redis
        sends it, in their order.
        """
        within_m, tables = self._within_m, (self._ground.table, self._bench.table)
        status, count, beyond, planned, reach_m, _ = search(*self._args, data, within_m, *tables)
        self._planned, self.reach_m = planned, reach_m
        return status, count, beyond

    def _widened(self) -> int:
        self._within_m = math.inf
        self.reach_m = self.reach_m if self._read else math.inf
        return self._plan(self.reach_m)

    def _plan(self, within_m: float) -> int:
        lat, lon, *_, retailers = self._args
        planned: int = plan(lat, lon, retailers, within_m, self._ground.table)
        return planned


class Chooser:
    """Chooses by kernel; None where that is not sure."""

    def __init__(self, levels: Levels) -> None:
        self._levels, self._bench = levels, Bench()

    async def choose(
        self, question: Question, memory: Memory, now: datetime, at_once: int = FIRST_WAVE
    ) -> Choice | None:
        """`at_once`: neighbourhoods read in the first round trip. Raises StorageError."""
        if question.open_now:
            return None
        ground = memory.ground
        look = self.look(question, retailers_asked(question, ground), ground, now)
        parts: list[bytes] = []
        status, from_cache, size = MORE, True, at_once
        while status == MORE:
            if wave := look.wave(size):
                blocks = await self._levels.read(question.product.product_id, wave)
                parts += map(bulk, blocks.packed)
                from_cache &= blocks.from_cache
            size = min(2 * size, LARGEST_WAVE)
            data = b"".join(parts)
            status, count, beyonds = look.at(data)
        if status != DONE:
            return None
        results, found = count - beyonds, self._bench.found
        beyonds = settled(found[results:count], question.origin, ground.directory)
        return Choice(question, ground, memory.sources, data, found, results, beyonds, now, from_cache)

    def rehearse(self, question: Question, ground: Ground, now: datetime, data: bytes) -> None:
        """A choice out of `data`, whatever is in it."""
        self.look(question, retailers_asked(question, ground), ground, now).at(data)

    def look(self, question: Question, retailers: IdArray, ground: Ground, now: datetime) -> Look:
        return Look(question, retailers, ground, self._bench, now)


def retailers_asked(question: Question, ground: Ground) -> IdArray:
    """The ids of those that list the product and are asked for."""
    if not question.retailers:
        return np.array(list(question.product.offers), dtype=np.int64)
    asked = ground.directory.retailer_ids(question.retailers)
    return np.array([one for one in question.product.offers if one in asked], dtype=np.int64)

"""The search without haste: by neighbourhoods, nearest first, until no unread one can hold a better answer.

Every distance is exact. It answers what the kernel is not sure of, and is what the kernel is held to.
"""

import math
from bisect import insort
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from inventory_service.domain.availability import Found, Question
from inventory_service.domain.clock import whole_minute
from inventory_service.domain.hours import open_state
from inventory_service.domain.level import Level
from inventory_service.domain.store import Store
from inventory_service.lookup.levels import Levels
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.pool import Pool
from inventory_service.lookup.telling import Candidate, told
from inventory_service.storage.cache.block import unpack

FIRST_WAVE, LARGEST_WAVE = 8, 128
"""Neighbourhoods read in one round trip: few at first, more the farther the search has to go."""
SHELVES_AT_ONCE = 16
"""Levels looked at together: about as many as an answer needs."""
RANK = {"in_stock": 0, "limited_availability": 0, "unknown": 1, "out_of_stock": 2}


@dataclass(slots=True)
class Findings:
    """What the search has seen so far."""

    within: list[Candidate] = field(default_factory=list)
    likely_m: list[float] = field(default_factory=list)
    """Distances of the likely ones, ascending."""
    beyond: Candidate | None = None
    from_cache: bool = True

    def reach_m(self, question: Question) -> float:
        """How far a store can be and still change the answer."""
        if self.likely_m:
            return self.likely_m[question.limit - 1] if len(self.likely_m) >= question.limit else question.radius_m
        return math.inf if self.beyond is None else max(question.radius_m, self.beyond.distance_m)

    def add(self, candidate: Candidate, radius_m: float) -> None:
        if candidate.distance_m <= radius_m:
            self.within.append(candidate)
            if candidate.likely:
                insort(self.likely_m, candidate.distance_m)
        elif candidate.likely and (self.beyond is None or candidate.order < self.beyond.order):
            self.beyond = candidate


class Search:
    """One question's way through the neighbourhoods."""

    def __init__(self, question: Question, memory: Memory, now: datetime) -> None:
        self._question, self._memory = question, memory
        self._now = now
        self._arrival = whole_minute(now + question.arrive_in)

    async def run(self, levels: Levels) -> Findings:
        """Reads waves of neighbourhoods. Raises StorageError where levels cannot be read."""
        findings = Findings()
        directory = self._memory.directory
        wanted = frozenset(self._question.product.offers)
        if self._question.retailers:
            wanted &= directory.retailer_ids(self._question.retailers)
        pool = Pool(directory, self._question.origin, wanted)
        near = iter(directory.neighbourhoods_near(self._question.origin, wanted))
        size = FIRST_WAVE
        while wave := list(islice(near, size)):
            reach_m = findings.reach_m(self._question)
            promising = [one for one, bound_m in wave if bound_m <= reach_m]
            if not promising:
                break
            blocks = await levels.read(self._question.product.product_id, promising)
            findings.from_cache &= blocks.from_cache
            pool.add([(one, unpack(block)) for one, block in zip(promising, blocks.packed, strict=True)])
            self._look_through(pool, findings)
            size = min(2 * size, LARGEST_WAVE)
        return findings

    def _look_through(self, pool: Pool, findings: Findings) -> None:
        """The nearest first, until no other can change the answer."""
        while some := pool.take(SHELVES_AT_ONCE, findings.reach_m(self._question)):
            for shelf in some:
                if not self._question.open_now or self._open(shelf.store):
                    findings.add(self._candidate(shelf.store, shelf.level, shelf.distance_m), self._question.radius_m)

    def _candidate(self, store: Store, level: Level, distance_m: float) -> Candidate:
        learned, product_id = self._memory.ground.learned, self._question.product.product_id
        heard = learned.heard(level, self._memory.coverage.of_store(store.store_id))
        basis = learned.basis(product_id, store.store_id, heard, heard.covered_at, self._arrival)
        judgement = learned.judge(basis, self._question.quantity, store.retailer_id)
        return Candidate(store, heard, distance_m, judgement)

    def _open(self, store: Store) -> bool:
        return open_state(store.opening_hours, store.timezone, self._arrival, store.country).open_now is True

    def ranked(self, findings: Findings) -> list[Candidate]:
        """Likely ones by distance, then unknown, then out of stock; the question's limit."""
        ranked = sorted(findings.within, key=lambda one: (RANK[one.judgement.availability], one.order))
        return ranked[: self._question.limit]

    def found(self, candidate: Candidate) -> Found:
        """A candidate with all that an answer tells of it."""
        return told(candidate, self._question, self._memory.sources, self._now)

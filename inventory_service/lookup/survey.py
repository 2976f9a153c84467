"""All levels of a product around a place, judged: what a shopping list is compared by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.availability import Question
from inventory_service.domain.clock import micros
from inventory_service.domain.errors import UnavailableError
from inventory_service.lookup.choosing import MINUTE_US, Choice, retailers_asked
from inventory_service.lookup.ground import Bench, Ground
from inventory_service.lookup.judging import STEPS, TIE, UNKNOWN
from inventory_service.lookup.levels import Levels
from inventory_service.lookup.looking import look_at
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.planning import plan
from inventory_service.lookup.telling import Candidate
from inventory_service.storage.cache.replies import bulk

WORDS = ("in_stock", "limited_availability", "unknown", "out_of_stock")


@dataclass(frozen=True, slots=True)
class Survey:
    """Every store within the radius that has a level, as arrays.FOUND with `metres` measured; `data` as in a Choice.

    The word and the probability of all are those that the search without haste would give.
    """

    question: Question
    ground: Ground
    found: NDArray[Any]
    data: bytes
    now: datetime

    def candidate(self, one: Any) -> Candidate:
        """One of `found`, as plain data."""
        choice = Choice(self.question, self.ground, {}, self.data, self.found, 0, 0, self.now, from_cache=True)
        return choice.candidate(one)


class Surveyor:
    """Looks at everything, one product at a time."""

    def __init__(self, levels: Levels) -> None:
        self._levels, self._bench = levels, Bench()

    async def survey(self, question: Question, memory: Memory, now: datetime) -> Survey:
        """Raises StorageError; UnavailableError where there is more than can be looked at."""
        ground, point = memory.ground, question.origin
        retailers = retailers_asked(question, ground)
        count = plan(point.lat, point.lon, retailers, question.radius_m, ground.table)
        groups = ground.arrays.groups[:count].copy()
        blocks = await self._levels.read(question.product.product_id, ground.directory.neighbourhood_ids(groups))
        data = b"".join(map(bulk, blocks.packed))
        return self.judged(question, ground, retailers, groups, data, now)

    def rehearse(self, ground: Ground, now: datetime, data: bytes) -> None:
        """A survey of `data`, whatever is in it: of no neighbourhood at all."""
        nobody = np.empty(0, dtype=np.int64)
        look_at(0.5, 0.5, 1.0, 1, micros(now), 0, nobody, data, nobody, ground.table, self._bench.table)

    def judged(
        self, question: Question, ground: Ground, retailers: Any, groups: Any, data: bytes, now: datetime
    ) -> Survey:
        """`groups`: those whose blocks are in `data`, in step."""
        point, arrival_us = question.origin, micros(now + question.arrive_in) // MINUTE_US * MINUTE_US
        pace = ground.learned.pace_of(question.product.product_id)
        asked = (point.lat, point.lon, question.radius_m, question.quantity, arrival_us, pace)
        whole, count = look_at(*asked, retailers, data, groups, ground.table, self._bench.table)
        if not whole:
            raise UnavailableError("More levels than can be looked at, or some that are not understood.")
        found = self._bench.arrays.read[:count].copy()
        if count:
            found["metres"] = ground.directory.distances_m(point, found["row"])
        survey = Survey(question, ground, found[found["metres"] <= question.radius_m], data, now)
        _settle(survey)
        return survey


def _settle(survey: Survey) -> None:
    """Where compiled arithmetic is not sure, plain arithmetic decides."""
    found = survey.found
    steps = STEPS * found["probability"]
    tie = np.abs(steps - np.floor(steps) - 0.5) <= TIE
    for place_ in np.flatnonzero((found["step"] == 0) | tie).tolist():
        judgement = survey.candidate(found[place_]).judgement
        found["word"][place_] = WORDS.index(judgement.availability)
        found["probability"][place_] = judgement.probability or 0.0


def word_of(one: Any) -> str:
    return WORDS[int(one["word"])]


def probability_of(one: Any) -> float | None:
    """None where the word is `unknown`."""
    return None if int(one["word"]) == UNKNOWN else min(1.0, max(0.0, float(one["probability"])))

"""The kernel chooses what the search without haste chooses, wherever on earth; where it is not sure, it says so."""

from random import Random
from typing import Any

import pytest

from inventory_service.lookup.telling import Candidate
from inventory_service.web.wording import public_probability
from tests.lookup.kernel_world import HORIZON, question, world


def alike(one: Candidate) -> tuple[Any, ...]:
    level = one.level
    told = (level.stock, level.observed_at, level.source_id, level.details)
    return (one.store.store_id, told, one.covered_at, round(one.distance_m), one.judgement)


@pytest.mark.parametrize("seed", range(6))
async def test_the_kernel_chooses_as_the_search_without_haste(seed: int) -> None:
    random = Random(seed)
    place = world(random, random.choice((3, 40, 250)))
    sure = 0
    for _ in range(120):
        asked = question(place.product, random)
        choice, search, findings = await place.both(asked)
        if choice is None:
            continue
        sure += 1
        results, beyond = choice.candidates(HORIZON)
        ranked = search.ranked(findings)
        assert list(map(alike, results)) == list(map(alike, ranked)), asked
        nearest = None if any(one.likely for one in ranked) else findings.beyond
        assert list(map(alike, beyond)) == ([] if nearest is None else [alike(nearest)]), asked
        for record, candidate in zip([*choice.results, *choice.beyond], [*results, *beyond], strict=True):
            assert record["metres"] == -1 or round(record["metres"]) == round(candidate.distance_m)
            said = candidate.judgement.probability
            if asked.quantity <= 3:
                assert record["step"] == (-1 if said is None else round(20 * public_probability(said)))
    assert sure > 40

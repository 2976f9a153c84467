"""The kernel chooses what the search without haste chooses, wherever on earth; where it is not sure, it says so."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.lookup.telling import Candidate
from inventory_service.storage.cache.block import ENTRY_BYTES, HEAD_BYTES, MOMENT_AT, MOMENT_BYTES
from inventory_service.web.wording import public_probability
from tests.lookup.kernel_world import NOW, World, question, world


def alike(one: Candidate) -> tuple[Any, ...]:
    level = one.level
    told = (level.stock, level.own, level.in_bands, level.details, level.leaning)
    return (one.store.store_id, told, round(one.distance_m), one.judgement)


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
        results, beyond = choice.candidates()
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


def moments_mixed(block: bytes, random: Random) -> bytes:
    """The same levels, as a publication may leave them: moments in another order, and unused ones among them."""
    count, held = block[1], block[2]
    first, order = HEAD_BYTES + held * MOMENT_BYTES, random.sample(range(held + 3), held)
    table = [random.randbytes(MOMENT_BYTES) for _ in range(held + 3)]
    for number, place in enumerate(order):
        table[place] = block[HEAD_BYTES + number * MOMENT_BYTES :][:MOMENT_BYTES]
    rest = bytearray(block[first:])
    for at in range(MOMENT_AT, count * ENTRY_BYTES, ENTRY_BYTES):
        rest[at] = order[rest[at]]
    return bytes((block[0], count, len(table))) + b"".join(table) + bytes(rest)


async def chosen(place: World, asked: Question) -> tuple[list[Candidate], list[Candidate]] | None:
    """None where the kernel is not sure."""
    choice = await place.chooser.choose(asked, place.memory, NOW)
    return None if choice is None else choice.candidates()


async def test_the_kernel_reads_blocks_that_publications_have_merged_into_alike() -> None:
    random = Random(7)
    place = world(random, 40)
    asked = [question(place.product, random) for _ in range(80)]
    before = [await chosen(place, one) for one in asked]
    place.levels.blocks = {one: moments_mixed(block, random) for one, block in place.levels.blocks.items()}
    assert [await chosen(place, one) for one in asked] == before
    assert sum(one is not None for one in before) > 30


async def test_the_kernel_is_not_sure_of_a_block_that_lacks_the_moment_of_an_entry() -> None:
    random = Random(8)
    place = world(random, 40)
    damaged = {}
    for one, block in place.levels.blocks.items():
        last = HEAD_BYTES + block[2] * MOMENT_BYTES + (block[1] - 1) * ENTRY_BYTES + MOMENT_AT
        damaged[one] = block[:last] + bytes((block[2],)) + block[last + 1 :]
    place.levels.blocks = damaged
    told = [await chosen(place, question(place.product, random)) for _ in range(40)]
    assert all(one in (None, ([], [])) for one in told)
    assert None in told


@pytest.mark.parametrize("seed", range(3))
async def test_where_only_a_far_city_has_it_the_kernel_says_which_of_its_stores_is_nearest(seed: int) -> None:
    """Chords do not tell the stores of one city apart from so far: the few that may be it are measured."""
    random = Random(seed)
    place = world(random, 250)
    told = 0
    for _ in range(40):
        asked = replace(question(place.product, random), origin=Point(random.uniform(-60, 60), 78.0), radius_m=1_000.0)
        choice, search, findings = await place.both(asked)
        nearest = None if any(one.likely for one in search.ranked(findings)) else findings.beyond
        if choice is not None and nearest is not None:
            _, beyond = choice.candidates()
            assert list(map(alike, beyond)) == [alike(nearest)]
            told += 1
    assert told > 20

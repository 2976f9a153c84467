"""Whatever comes late, twice or all at once: the levels are those of everything folded in its own order.

Two stores, a few items, two sources and staff within an hour. Left out is what full files may leave unwritten and is
not exact: rows with clocks of their own that a full file repeats, and a count of 0 that the next full file leaves out.
"""

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_service.domain.stock import NONE_LEFT, SEEN
from tests.sync.happenings import (
    Count,
    Event,
    File,
    Happening,
    Look,
    Place,
    Truth,
    counts,
    events,
    files,
    found_shops,
    load,
    looks,
    truths,
)
from tests.sync.world import Syncer

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NOT_YET = st.just(0.0)
A, B, C = ("1", "a"), ("1", "b"), ("1", "c")


async def levels(sync: Syncer, arriving: Sequence[Happening]) -> dict[Place, Truth]:
    """Loaded by a retailer of their own."""
    retailer = f"chain-{await sync.value('SELECT count(*) FROM retailer')}"
    await found_shops(sync, retailer)
    for one in arriving:
        await load(sync, retailer, one)
    return {
        (code, product.removeprefix("item ")): Truth(one.stock, one.observed_at, one.source)
        for (name, code, product), one in (await sync.shelves()).items()
        if name == retailer
    }


def happened(*kinds: st.SearchStrategy[Happening], at_most: int = 7) -> st.SearchStrategy[list[Happening]]:
    """Each at a minute of its own, arriving in any order, some of it twice."""
    some = st.lists(st.one_of(*kinds), min_size=2, max_size=at_most)
    return st.tuples(some, st.permutations(range(5, 60, 2)), st.randoms(use_true_random=False)).map(_arriving)


def _arriving(drawn: tuple[list[Happening], list[int], object]) -> list[Happening]:
    some, minutes, random = drawn
    dated = [_dated(one, float(minute)) for one, minute in zip(some, minutes, strict=False)]
    again = random.sample(dated, random.randint(0, 2))  # type: ignore[attr-defined]
    arriving = [*dated, *again]
    random.shuffle(arriving)  # type: ignore[attr-defined]
    return arriving


def _dated(one: Happening, minute: float) -> Happening:
    if isinstance(one, File):
        return File(one.source, minute, one.counts, tuple(minute + clock for clock in one.clocks), one.is_full)
    if isinstance(one, Event):
        return Event(one.source, minute, one.place, one.kind, one.quantity)
    if isinstance(one, Count):
        return Count(one.source, minute, one.place, one.quantity)
    return Look(minute, one.place, one.stock)


DELTAS = files(NOT_YET, is_full=False, has_clocks=False)
CLOCKED = files(NOT_YET, is_full=False, has_clocks=True)
FULL = files(NOT_YET, is_full=True, has_clocks=False)
EVENTS, COUNTS, LOOKS = events(NOT_YET), counts(NOT_YET), looks(NOT_YET)


@FEW
@given(happened(DELTAS, CLOCKED, EVENTS, EVENTS, COUNTS, LOOKS, at_most=10))
async def test_files_of_changes_sales_counts_and_looks_come_to_the_fold_of_all(
    sync: Syncer, arriving: list[Happening]
) -> None:
    assert await levels(sync, arriving) == truths(arriving)


@FEW
@given(happened(DELTAS, FULL, FULL, COUNTS, at_most=8))
async def test_full_files_among_files_of_changes_come_to_the_fold_of_all(
    sync: Syncer, arriving: list[Happening]
) -> None:
    assert await levels(sync, arriving) == truths(arriving)


@FEW
@given(happened(DELTAS, CLOCKED, FULL, FULL, EVENTS, EVENTS, COUNTS, LOOKS, at_most=10))
async def test_everything_together_comes_to_the_fold_of_all(sync: Syncer, arriving: list[Happening]) -> None:
    assert await levels(sync, arriving) == truths(arriving)


def full(source: str, minute: float, listed: dict[Place, int]) -> File:
    return File(source, minute, tuple(listed.items()), is_full=True)


STORIES: dict[str, list[Happening]] = {
    "a file that comes late is overruled by the full file of another hour": [
        full("night", 59, {A: 2, C: 1}),
        full("till", 20, {A: 2, B: 3}),
        File("till", 28, ((C, 1),)),
    ],
    "a full file says nothing of an item of which another source had the last word": [
        full("till", 24, {B: 3}),
        File("night", 40, ((A, 3),)),
        full("till", 33, {A: 2, B: 3}),
        Count("night", 28, A, 1),
    ],
    "a position that began with a delivery is emptied by a full file too": [
        Event("night", 37, A, "delivery", -1),
        full("night", 5, {C: 3}),
        full("night", 44, {A: 3, C: 1}),
    ],
    "a look between a count and the full file without it": [
        File("night", 50, ((A, 5), (B, 5))),
        Look(40, A, SEEN),
        full("night", 30, {B: 5}),
    ],
    "none that staff saw, left out, and counted again": [
        File("night", 50, ((A, 5), (B, 5))),
        Look(40, A, NONE_LEFT),
        full("night", 30, {B: 5}),
        File("night", 20, ((A, 5),)),
    ],
    "a look between full files of which none lists what was counted late": [
        full("night", 7, {B: 5}),
        Look(17, A, SEEN),
        full("night", 48, {B: 5}),
        full("night", 59, {A: 1, B: 5}),
    ],
    "full files that repeat a count, and another count and another source between them": [
        full("night", 50, {A: 5}),
        full("night", 30, {A: 5}),
        full("night", 10, {A: 5}),
        File("night", 40, ((A, 3),)),
        Count("till", 20, A, 2),
    ],
    "a full file that does not list what a newer file counted before it, and a late count from before both": [
        File("night", 50, ((A, 1),)),
        File("night", 20, ((A, 2), (B, 5)), clocks=(35.0, 20.0)),
        full("night", 30, {B: 5}),
        File("night", 55, ((A, 1),)),
    ],
    "sold out, delivered and left out": [
        File("night", 50, ((A, 1), (B, 5))),
        Event("night", 40, A, "sale", 1),
        Event("night", 35, A, "delivery", 3),
        full("night", 30, {B: 5}),
    ],
}


@pytest.mark.parametrize("story", STORIES)
async def test_in_every_order(sync: Syncer, story: str) -> None:
    expected = truths(STORIES[story])
    for arriving in permutations(STORIES[story]):
        assert await levels(sync, arriving) == expected, arriving


async def test_a_sale_after_the_clock_of_a_full_files_row_and_before_the_file_lowers_its_count(sync: Syncer) -> None:
    """Counted at 11:00, written at 11:30: a sale of 11:15 is not in the count, whichever comes first."""
    file = File("night", 30, ((A, 5),), clocks=(60.0,), is_full=True)
    sold = Event("night", 45, A, "sale", 1)
    for arriving in ([file, sold], [sold, file], [file, sold, file]):
        assert (await levels(sync, arriving))[A] == truths(arriving)[A]
        assert (await levels(sync, arriving))[A].stock.quantity == 4

"""The simulated till: what it does to the counts, and how it tells."""

from collections.abc import Mapping
from io import BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.feed import Row
from store_sync.demo.till import EVENTS_PER_S, MOST_EVENTS_A_TICK, Till, after_event
from store_sync.demo.world import Count, DemoWorld
from store_sync.formats.registry import parser_for
from tests.formats.flat import by_line

Shelf = tuple[str, str, str]


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    """The smallest retailer alone: the till does not care how many there are."""
    return DemoWorld((min(DemoWorld.build().retailers, key=lambda retailer: len(retailer.stores)),))


def opened(world: DemoWorld, seed: int) -> Till:
    return Till(world, {retailer.slug: retailer.opening_counts() for retailer in world.retailers}, Random(seed))


def held(till: Till) -> dict[Shelf, int]:
    return {(slug, count.store_code, count.item_id): count.quantity for slug, count in till.counts()}


def told(feeds: Mapping[str, bytes]) -> dict[Shelf, int]:
    found: dict[Shelf, int] = {}
    for slug, feed in feeds.items():
        for row in by_line(parser_for("google-local-inventory", "stock", None)(BytesIO(feed))):
            assert isinstance(row, Row)
            assert row.stock is not None
            assert row.stock.stock.quantity is not None
            found[slug, row.stock.store_code, row.stock.item_id] = row.stock.stock.quantity
    return found


def test_the_feeds_tell_exactly_what_changed(world: DemoWorld) -> None:
    till = opened(world, 1)
    before = held(till)
    news: dict[Shelf, int] = {}
    for _ in range(20):
        news |= told(till.tick(1.0))
    after = held(till)
    assert {shelf: count for shelf, count in after.items() if count != before[shelf]}.items() <= news.items()
    assert all(after[shelf] == count for shelf, count in news.items())


def test_counts_go_both_ways_and_never_below_none(world: DemoWorld) -> None:
    till = opened(world, 2)
    before = held(till)
    for _ in range(60):
        till.tick(1.0)
    moves = [count - before[shelf] for shelf, count in held(till).items() if count != before[shelf]]
    assert min(moves) < 0 < max(moves)
    assert min(held(till).values()) == 0


def test_a_second_tells_a_few_dozen_rows_and_a_long_pause_is_not_made_up_for(world: DemoWorld) -> None:
    till = opened(world, 3)
    assert 20 <= len(told(till.tick(1.0))) <= EVENTS_PER_S
    assert len(told(till.tick(86_400.0))) <= MOST_EVENTS_A_TICK
    assert till.tick(0.0) == {}


def test_short_ticks_add_up(world: DemoWorld) -> None:
    till = opened(world, 4)
    rows = sum(len(told(till.tick(0.005))) for _ in range(400))
    assert 60 <= rows <= 2 * EVENTS_PER_S


def test_the_same_seed_and_counts_sell_the_same(world: DemoWorld) -> None:
    one, same = opened(world, 5), opened(world, 5)
    assert [one.tick(1.0) for _ in range(3)] == [same.tick(1.0) for _ in range(3)]


def test_a_new_till_goes_on_from_the_counts_of_the_old_one(world: DemoWorld) -> None:
    old = opened(world, 6)
    old.tick(10.0)
    counts: dict[str, list[Count]] = {}
    for slug, count in old.counts():
        counts.setdefault(slug, []).append(count)
    new = Till(world, counts, Random(7))
    assert held(new) == held(old)
    assert told(new.tick(1.0))


def test_shelves_that_are_not_of_the_demo_world_are_left_alone(world: DemoWorld) -> None:
    retailer = world.retailers[0]
    store, item = retailer.stores[0].code, retailer.items[0].item_id
    counts = [Count("elsewhere", item, 5), Count(store, "something", 5), Count(store, item, 5)]
    till = Till(world, {retailer.slug: counts, "real-retailer": [Count(store, item, 5)]}, Random(8))
    assert list(till.counts()) == [(retailer.slug, Count(store, item, 5))]


def test_a_till_without_shelves_has_nothing_to_tell(world: DemoWorld) -> None:
    assert Till(world, {}, Random(9)).tick(5.0) == {}


@given(st.integers(0, 100), st.randoms(use_true_random=False))
def test_an_event_sells_at_most_two_or_delivers_to_a_nearly_empty_shelf(quantity: int, rng: Random) -> None:
    after = after_event(quantity, rng)
    assert after >= 0
    assert quantity - 2 <= after
    assert after <= quantity or quantity <= 2


def test_in_the_long_run_about_eight_in_a_hundred_shelves_are_empty() -> None:
    rng = Random(10)
    quantities = [5] * 3_000
    for _ in range(120):
        quantities = [after_event(quantity, rng) for quantity in quantities]
    assert 0.06 < quantities.count(0) / len(quantities) < 0.11

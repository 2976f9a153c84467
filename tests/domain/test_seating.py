"""Histories taken apart by items and put together anew tell what they told before."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.history import History
from inventory_service.domain.level import Shown, stand
from inventory_service.domain.report import Report
from inventory_service.domain.seating import Seat, Seating, Tenant, apart, both, together
from inventory_service.domain.stock import NONE_LEFT, Stock
from tests.domain.reporting import at, count, one_by_one, seen


def look(minute: int, pieces: int, rank: int) -> Report:
    return replace(seen(minute, Stock.exactly(pieces)), rank=rank, load_id=-1)


def test_items_that_stay_close_up_and_the_next_one_comes_behind_them() -> None:
    seating = Seating({7: [Tenant("a", 0), Tenant("c", 3), Tenant("b", 1)]}, {"a"})
    assert seating.moves == {Seat(7, 1): Seat(7, 0), Seat(7, 3): Seat(7, 1)}
    assert seating.reranked == {"b": 0, "c": 1}
    assert [seating.take(7), seating.take(7), seating.take(8)] == [2, 3, 0]


def test_where_nobody_leaves_nobody_moves() -> None:
    seating = Seating({7: [Tenant("a", 0), Tenant("b", 2)]}, {"elsewhere"})
    assert (seating.moves, seating.reranked, seating.take(7)) == ({}, {}, 3)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=30))
def test_what_is_put_together_as_it_was_has_the_same_level(told: list[tuple[int, int, int]]) -> None:
    history = History()
    for minute, pieces, rank in told:
        history = history.joined([count(minute, pieces, rank=rank)])
    items, looks = apart(history)
    assert together(items, looks) == history
    assert together(items, looks).level == history.level


def test_what_was_seen_goes_to_the_first_item_whichever_leaves() -> None:
    history = History().joined([count(1, 4, rank=0), count(1, 5, rank=1), look(2, 8, 0), look(2, 0, 1)])
    items, looks = apart(history)
    assert together({0: items[1]}, looks).level.stock == Stock.exactly(8)
    assert together({}, looks).level.stock == Stock.exactly(8)
    both = together({0: items[1], 1: items[0]}, looks)
    assert [one.level.stock for one in stand(both.reports)] == [Stock.exactly(8), NONE_LEFT]
    assert both.level.observed_at == at(2)


@pytest.mark.parametrize("changed", [range(0), range(2, 8), range(5, 30)])
def test_what_was_shown_goes_along_with_the_item_though_nothing_of_it_is_kept(changed: range) -> None:
    told = [count(minute, 6 if minute in changed else 5, source=1 + minute % 2) for minute in range(60)]
    history = one_by_one(told)
    items, _ = apart(history)
    moved = together({0: items[0]}, History())
    assert moved.level.in_bands == history.level.in_bands == Shown(1, at(0), at(58))
    assert together({0: both(items[0], History())}, History()).level.in_bands == history.level.in_bands

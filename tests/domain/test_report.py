"""Reports have an order of their own and an identity: neither depends on how they arrive."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.offer import Details
from inventory_service.domain.report import Report, merge
from inventory_service.domain.stock import IN_STOCK, NONE_LEFT, SEEN, Stock
from tests.domain.reporting import at, count, delivery, in_order, reports, said, sale, seen


def test_at_one_moment_a_record_comes_before_a_sale_a_delivery_and_a_confirmation() -> None:
    told = [count(5, 3), sale(5), delivery(5, 2), seen(5, NONE_LEFT)]
    for arrived in permutations(told):
        assert merge((), arrived) == tuple(told)


def test_the_observation_goes_before_the_file_and_the_file_before_the_kind() -> None:
    told = [seen(4, NONE_LEFT), count(5, 3, told_at=6), sale(6), count(6, 3, told_at=7)]
    assert merge((), reversed(told)) == tuple(told)


def test_of_counts_of_one_moment_the_smallest_comes_last() -> None:
    words = [SEEN, IN_STOCK, Stock.exactly(9), Stock.exactly(2), NONE_LEFT]
    ordered = [one.stock for one in merge((), [said(5, word) for word in words]) if not hasattr(one, "quantity")]
    assert ordered == [IN_STOCK, SEEN, Stock.exactly(9), Stock.exactly(2), NONE_LEFT]


def test_of_sales_of_one_moment_the_largest_comes_first() -> None:
    told = [sale(5, 9, event="z"), sale(5, 2, event="a"), sale(5, -1, event="m")]
    assert merge((), reversed(told)) == tuple(told)


def test_an_event_is_told_once_however_often_it_comes() -> None:
    once = sale(5, event="a")
    assert merge([once], [once, sale(5, event="a", load_id=7), sale(5, event="a")]) == (once,)


def test_another_event_of_the_same_moment_and_quantity_is_another_one() -> None:
    assert len(merge([sale(5, event="a")], [sale(5, event="b")])) == 2


def test_events_of_two_sources_that_number_alike_are_two() -> None:
    assert len(merge([sale(5, event="a")], [sale(5, event="a", source=2)])) == 2


@pytest.mark.parametrize("first", [0, 1])
def test_an_event_told_again_with_another_time_or_quantity_stays_the_earlier_one(first: int) -> None:
    told = [sale(6, 2, event="a"), sale(5, 1, event="a")]
    earlier = min(told, key=lambda one: one.observed_at)
    assert merge([told[first]], [told[1 - first]]) == (earlier,)


@pytest.mark.parametrize("first", [0, 1])
def test_of_one_record_with_and_without_details_the_details_stay(first: int) -> None:
    told = [count(5, 3), count(5, 3, aisle="A1")]
    (merged,) = merge([told[first]], [told[1 - first]])
    assert merged == told[1]
    assert merged != told[0]


def test_the_same_count_by_a_record_and_by_somebody_who_looked_are_two_reports() -> None:
    assert len(merge([count(5, 3)], [seen(5, Stock.exactly(3), source=1)])) == 2


def test_the_same_count_of_two_items_is_two_reports() -> None:
    assert len(merge([count(5, 3)], [count(5, 3, rank=1)])) == 2


def test_which_load_told_a_record_makes_no_difference_to_it() -> None:
    first = count(5, 3, load_id=1)
    (kept,) = merge([first], [count(5, 3, load_id=2)])
    assert kept.load_id == 1


def test_a_return_puts_back_what_a_sale_took() -> None:
    assert (sale(5, 2).change, sale(5, -2).change, delivery(5, 2).change) == (-2, 2, 2)


@given(st.lists(reports(sources=3, ranks=2), max_size=30))
def test_merging_gives_each_report_once_in_the_order_of_the_rule(arrived: list[Report]) -> None:
    with_details_apart = [one for one in arrived if getattr(one, "details", Details()) == Details()]
    assert merge((), with_details_apart) == tuple(in_order(with_details_apart))


@given(st.lists(reports(sources=3, ranks=2), max_size=20), st.data())
def test_merging_does_not_depend_on_batches_or_on_their_order(arrived: list[Report], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(arrived + arrived[::2]))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert merge(merge((), shuffled[:cut]), shuffled[cut:]) == merge((), arrived)


def test_the_moments_of_the_tests_are_minutes() -> None:
    assert (at(1) - at(0)).total_seconds() == 60

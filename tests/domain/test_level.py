"""The merge rule: what a level is, given the reports in their order."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory_service.domain.level import Level, stand, summed
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Movement, Record, Report, merge
from inventory_service.domain.stock import IN_STOCK, LIMITED, MAX_QUANTITY, NONE_LEFT, SEEN, Stock
from tests.domain.reporting import (
    absent,
    at,
    count,
    delivery,
    fold,
    heeded,
    looked_back,
    records,
    reports,
    said,
    sale,
    seen,
    summary,
)


def level_of(*told: Report) -> Level:
    return fold(merge((), told))


def quantity(*told: Report) -> int | None:
    return level_of(*told).stock.quantity


@given(st.lists(reports(sources=3, ranks=2), min_size=1, max_size=14))
def test_the_level_is_what_looking_back_from_the_end_gives(told: list[Report]) -> None:
    assume(stand(merge((), told)))
    assert summary(level_of(*told)) == looked_back(told)


@given(st.lists(records(sources=3), min_size=1, max_size=30))
def test_the_level_of_records_alone_is_what_looking_back_gives(told: list[Record]) -> None:
    assert summary(level_of(*told)) == looked_back(told)


@given(st.lists(reports(sources=3, ranks=2), min_size=1, max_size=20), st.data())
def test_folding_can_go_on_from_any_place(told: list[Report], data: st.DataObject) -> None:
    ordered = merge((), told)
    cut = data.draw(st.integers(0, len(ordered)))
    assume(stand(ordered))
    assert summed(stand(ordered[cut:], stand(ordered[:cut]))) == replace(fold(ordered), shown=None)


@given(st.lists(reports(sources=3, ranks=2), min_size=1, max_size=20), st.data())
def test_a_report_that_comes_twice_counts_once(told: list[Report], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(told)))
    assume(stand(merge((), told)))
    assert level_of(*told, *again) == level_of(*told)


# Records


def test_the_later_observation_wins_whatever_file_told_it() -> None:
    assert quantity(count(5, 3, told_at=6), count(4, 9, told_at=99)) == 3


def test_of_two_files_about_one_moment_the_later_file_wins() -> None:
    assert quantity(count(5, 3, told_at=6), count(5, 9, told_at=7)) == 9


def test_of_two_counts_in_one_file_about_one_moment_the_smaller_wins() -> None:
    assert quantity(count(5, 3, told_at=6), count(5, 9, told_at=6)) == 3


def test_of_two_words_about_one_moment_the_smaller_claim_wins() -> None:
    assert level_of(said(1, SEEN), said(1, IN_STOCK)).stock == SEEN
    assert quantity(said(1, SEEN), said(1, IN_STOCK), count(1, 9)) == 9


def test_an_echo_moves_coverage_and_nothing_else() -> None:
    before, after = level_of(count(1, 3)), level_of(count(1, 3), count(9, 3, load_id=2))
    assert after.covered_at == at(9)
    assert (after.stock, after.observed_at, after.as_of, after.load_id) == (Stock.exactly(3), at(1), at(1), 0)
    assert summary(after)[4] == before.source_id


def test_another_count_is_news_even_if_it_returns_to_an_older_one() -> None:
    level = level_of(count(1, 3), count(2, 4), count(3, 3))
    assert (level.stock, level.observed_at, level.covered_at) == (Stock.exactly(3), at(3), at(3))


def test_a_late_record_turns_later_ones_into_echoes() -> None:
    level = level_of(count(5, 3), count(2, 3))
    assert (level.observed_at, level.covered_at) == (at(2), at(5))


def test_a_source_that_repeats_itself_does_not_contradict_a_newer_word_of_another() -> None:
    level = level_of(count(1, 0, source=2), count(2, 6), count(3, 0, source=2))
    assert (level.stock, level.source_id, level.covered_at) == (Stock.exactly(6), 1, at(2))


def test_the_first_record_of_a_source_is_news_even_if_it_agrees() -> None:
    level = level_of(count(1, 5), count(2, 5, source=2))
    assert (level.source_id, level.observed_at) == (2, at(2))


def test_the_load_of_a_level_is_the_one_that_told_its_anchor() -> None:
    assert level_of(count(1, 5, load_id=1), sale(2, load_id=2), count(3, 4, load_id=3)).load_id == 1


# Sales and deliveries


def test_a_sale_at_10_01_lowers_the_count_of_10_00_once() -> None:
    sold = sale(1)
    assert quantity(count(0, 5), sold, sold) == 4


def test_a_sale_at_10_01_means_nothing_to_a_count_of_10_02() -> None:
    level = level_of(count(0, 5), sale(1), count(2, 5))
    assert (level.stock, level.observed_at) == (Stock.exactly(5), at(2))


def test_a_sale_of_the_moment_of_the_count_comes_after_it() -> None:
    assert quantity(count(0, 5), sale(0)) == 4


def test_a_delivery_adds_to_the_count_before_it() -> None:
    assert quantity(count(0, 5), delivery(1, 12)) == 17


def test_a_delivery_that_is_taken_back_lowers_the_count() -> None:
    assert quantity(count(0, 5), delivery(1, 12), delivery(2, -12, event="back")) == 5


def test_a_return_is_a_negative_sale() -> None:
    assert quantity(count(0, 5), sale(1, 2), sale(2, -1)) == 4


def test_a_shelf_never_holds_less_than_nothing() -> None:
    assert quantity(count(0, 1), sale(1, 3), delivery(2, 2)) == 2


def test_a_shelf_never_holds_more_than_can_be_told() -> None:
    assert quantity(count(0, MAX_QUANTITY), delivery(1, 5)) == MAX_QUANTITY


def test_a_sale_is_news_it_dates_the_level_and_leaves_the_anchor_its_source() -> None:
    level = level_of(count(0, 5), sale(7, source=2))
    assert (level.observed_at, level.as_of, level.covered_at, level.source_id) == (at(7), at(7), at(7), 1)


def test_a_record_net_of_its_sources_own_sales_and_deliveries_is_an_echo() -> None:
    level = level_of(count(0, 5), sale(1, 2), delivery(2, 6), count(3, 9))
    assert (level.stock, level.observed_at, level.covered_at) == (Stock.exactly(9), at(2), at(3))


def test_a_sale_of_another_source_lowers_the_count_and_makes_no_difference_to_what_is_an_echo() -> None:
    told = (count(0, 5), sale(1, source=2))
    assert quantity(*told) == 4
    assert quantity(*told, count(2, 5)) == 4
    level = level_of(*told, count(2, 4))
    assert (level.observed_at, level.stock) == (at(2), Stock.exactly(4))


def test_a_source_without_a_record_has_nothing_to_repeat() -> None:
    level = level_of(sale(0), count(1, 4))
    assert (level.stock, level.observed_at) == (Stock.exactly(4), at(1))


def test_sales_alone_tell_no_count_and_deliveries_alone_at_least_what_came() -> None:
    assert level_of(sale(0)).stock == Stock(0, None)
    assert level_of(delivery(0, 6), sale(1, 2)).stock == Stock(4, None)


def test_a_word_loses_its_lower_bound_to_sales_and_keeps_what_is_unbounded() -> None:
    assert level_of(said(0, IN_STOCK), sale(1)).stock == Stock(2, None)
    assert level_of(said(0, IN_STOCK), sale(1, 9)).stock == Stock(0, None)
    assert level_of(said(0, LIMITED), sale(1)).stock == Stock(0, 1)
    assert level_of(said(0, LIMITED), delivery(1, 3)).stock == Stock(4, 5)


def test_a_word_that_is_repeated_after_a_sale_is_news() -> None:
    level = level_of(said(0, IN_STOCK), sale(1), said(2, IN_STOCK))
    assert (level.stock, level.observed_at) == (IN_STOCK, at(2))


def test_sales_after_none_do_not_make_a_repeated_none_news() -> None:
    level = level_of(count(0, 0), sale(1), count(2, 0))
    assert (level.stock, level.observed_at, level.covered_at) == (NONE_LEFT, at(1), at(2))


# Confirmations


@pytest.mark.parametrize(
    ("held", "word", "stands"),
    [
        (Stock.exactly(5), NONE_LEFT, NONE_LEFT),
        (Stock.exactly(5), LIMITED, LIMITED),
        (Stock.exactly(0), LIMITED, LIMITED),
        (Stock.exactly(0), SEEN, SEEN),
        (Stock.exactly(5), Stock.exactly(3), Stock.exactly(3)),
        (IN_STOCK, Stock.exactly(3), Stock.exactly(3)),
    ],
)
def test_who_looked_is_believed(held: Stock, word: Stock, stands: Stock) -> None:
    level = level_of(said(0, held), seen(1, word))
    assert (level.stock, level.observed_at, level.source_id) == (stands, at(1), 9)


@pytest.mark.parametrize(
    ("held", "word", "stands"),
    [
        (Stock.exactly(5), SEEN, Stock.exactly(5)),
        (Stock.exactly(2), LIMITED, Stock.exactly(2)),
        (IN_STOCK, SEEN, IN_STOCK),
        (Stock(0, None), SEEN, SEEN),
    ],
)
def test_a_count_on_which_both_agree_stands_and_is_as_new_as_the_look(held: Stock, word: Stock, stands: Stock) -> None:
    level = level_of(said(0, held), seen(1, word))
    assert (level.stock, level.observed_at, level.covered_at) == (stands, at(1), at(1))


def test_an_empty_shelf_that_staff_saw_outlives_the_echo_of_the_count_they_contradicted() -> None:
    level = level_of(count(-60, 5), seen(0, NONE_LEFT), count(60, 5))
    assert (level.stock, level.observed_at, level.covered_at, level.source_id) == (NONE_LEFT, at(0), at(0), 9)


def test_it_outlives_an_echo_net_of_a_sale_that_was_on_its_way_to_the_till() -> None:
    assert quantity(count(-60, 5), seen(0, NONE_LEFT), sale(4), count(60, 4)) == 0


def test_a_sale_from_a_shelf_that_was_seen_empty_brings_its_tills_count_back() -> None:
    told = count(-60, 5), seen(0, NONE_LEFT, source=9), sale(30)
    assert quantity(*told) == 4
    assert (level_of(*told).source_id, level_of(*told).observed_at) == (1, at(30))
    assert level_of(*told, count(60, 4)).covered_at == at(60), "an echo: its source stands by it"


def test_a_sale_by_whom_nothing_should_be_left_does_not_fill_a_shelf_that_was_seen_empty() -> None:
    assert quantity(count(-60, 1), seen(0, NONE_LEFT, source=9), sale(30)) == 0
    assert quantity(count(-60, 5), seen(0, NONE_LEFT, source=9), sale(30, source=2)) == 0


def test_a_sale_beyond_a_record_of_none_fills_nothing() -> None:
    assert quantity(count(-60, 5, source=2), count(0, 0), sale(30, source=2)) == 0


def test_a_count_that_changed_after_staff_looked_is_news() -> None:
    assert quantity(count(-60, 5), seen(0, NONE_LEFT), count(60, 4)) == 4
    assert quantity(count(-60, 5), seen(0, NONE_LEFT), sale(30), count(60, 5)) == 5


def test_a_delivery_after_staff_looked_is_news() -> None:
    assert quantity(count(-60, 5), seen(0, NONE_LEFT), delivery(60, 6)) == 6


def test_another_sources_first_word_after_staff_looked_is_news() -> None:
    assert quantity(count(-60, 5), seen(0, NONE_LEFT), count(60, 5, source=2)) == 5


def test_a_confirmation_is_no_record_that_its_source_could_repeat() -> None:
    level = level_of(seen(0, Stock.exactly(4), source=1), count(1, 4))
    assert (level.observed_at, level.source_id) == (at(1), 1)


def test_a_confirmation_of_the_moment_of_a_record_comes_after_it() -> None:
    assert quantity(count(0, 5), seen(0, NONE_LEFT)) == 0


# Items that a full file does not list


def test_what_a_full_file_does_not_list_is_gone() -> None:
    level = level_of(count(0, 5), absent(1))
    assert (level.stock, level.observed_at) == (NONE_LEFT, at(1))


def test_a_file_speaks_for_its_own_source_alone() -> None:
    assert quantity(count(0, 5), absent(1, source=2)) == 5
    assert quantity(count(0, 5), count(1, 4, source=2), absent(2)) == 4
    assert quantity(count(0, 4, source=2), count(1, 5), absent(2)) == 0


def test_who_looked_is_not_a_source_that_lists() -> None:
    assert quantity(count(0, 5), seen(1, SEEN), absent(2)) == 0


def test_a_file_does_not_speak_of_what_was_told_in_a_later_one() -> None:
    assert quantity(count(0, 5, told_at=9), absent(2)) == 5


def test_what_is_left_out_again_stays_none_and_is_covered() -> None:
    level = level_of(count(0, 5), absent(1), absent(2))
    assert (level.stock, level.observed_at, level.covered_at) == (NONE_LEFT, at(1), at(2))


def test_what_sold_out_is_left_out_as_an_echo() -> None:
    level = level_of(count(0, 1), sale(1), absent(2))
    assert (level.stock, level.observed_at) == (NONE_LEFT, at(1))


def test_what_is_listed_again_is_news() -> None:
    assert quantity(count(0, 5), absent(1), count(2, 5)) == 5


def test_that_nobody_ever_counted_it_is_no_news_of_an_item() -> None:
    assert level_of(delivery(0, 6), absent(1)).stock == Stock(6, None)
    assert quantity(count(0, 5), absent(1, rank=1)) == 5


# Several items that are one product


def test_items_that_are_one_product_add_up_with_their_sales() -> None:
    told = (count(0, 5), count(1, 3, rank=1), sale(2, rank=1), delivery(3, 4))
    level = level_of(*told)
    assert (level.stock, level.observed_at) == (Stock.exactly(11), at(3))


def test_a_sale_of_one_item_takes_nothing_from_the_other() -> None:
    assert quantity(count(0, 5), count(1, 1, rank=1), sale(2, 3, rank=1)) == 5


def test_an_echo_of_one_item_covers_the_sum() -> None:
    level = level_of(count(0, 5), count(0, 3, rank=1), count(9, 3, rank=1))
    assert (level.observed_at, level.covered_at) == (at(0), at(9))


def test_what_one_item_leaves_open_the_sum_leaves_open() -> None:
    assert level_of(count(0, 5), said(0, IN_STOCK, rank=1)).stock == Stock(8, None)


# Details


def test_details_are_those_of_the_newest_row_even_if_it_only_repeats_the_count() -> None:
    level = level_of(count(1, 3, aisle="A1"), count(2, 3, aisle="A2"))
    assert (level.details, level.observed_at) == (Details(aisle="A2"), at(1))


def test_a_source_that_tells_counts_alone_leaves_the_details_of_another_in_place() -> None:
    assert level_of(count(1, 3, aisle="A1"), count(2, 4, source=2)).details == Details(aisle="A1")


def test_a_source_that_no_longer_tells_details_takes_its_own_back() -> None:
    assert level_of(count(1, 3, aisle="A1"), count(2, 4)).details == NO_DETAILS
    level = level_of(count(1, 3, aisle="A1"), count(2, 4), count(0, 9, source=2, aisle="B1"))
    assert level.details == Details(aisle="B1")


@pytest.mark.parametrize("after", [sale(2), seen(2, NONE_LEFT)])
def test_sales_and_who_looked_leave_the_details_in_place(after: Record | Movement) -> None:
    assert level_of(count(1, 3, aisle="A1"), after).details == Details(aisle="A1")


@given(st.lists(reports(sources=3), min_size=1, max_size=20))
def test_details_are_the_latest_words_of_the_source_that_last_said_any(told: Sequence[Report]) -> None:
    assume(stand(merge((), told)))
    ordered = [one for one in heeded(merge((), told)) if isinstance(one, Record) and one.kind != "confirmation"]
    last_words = {one.source_id: one for one in ordered}
    telling = [one for one in ordered if last_words[one.source_id] is one and one.details != NO_DETAILS]
    latest = max(telling, key=lambda one: (one.observed_at, one.as_of, one.source_id), default=None)
    assert level_of(*told).details == (latest.details if latest else NO_DETAILS)

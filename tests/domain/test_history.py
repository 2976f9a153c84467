"""What is kept of a position's reports: late ones find their place, and forgetting changes no level."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from inventory_service.domain.history import KEPT_BEHIND, MOST, MOST_BEHIND, RECORDS_KEPT, History
from inventory_service.domain.level import Shown, stand
from inventory_service.domain.report import Movement, Record, Report, merge
from inventory_service.domain.retelling import as_of, begins_at
from inventory_service.domain.stock import NONE_LEFT, NOTHING_KNOWN, Stock
from tests.domain.reporting import (
    absences,
    absent,
    arriving,
    at,
    count,
    delivery,
    fold,
    looked_back,
    one_by_one,
    records,
    reports,
    sale,
    seen,
    summary,
)

DAY = 24 * 60


def shuffled(told: Sequence[Report], seed: int) -> list[list[Report]]:
    """In any order and batches, some of them more than once."""
    rng = Random(seed)
    rest = [*told, *rng.sample(told, rng.randint(0, len(told)))]
    rng.shuffle(rest)
    batches = []
    while rest:
        size = rng.randint(1, len(rest))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


@given(st.lists(reports(sources=3, ranks=2), min_size=1, max_size=RECORDS_KEPT), st.integers(0, 2**32))
def test_order_of_arrival_batches_and_repetitions_do_not_matter(told: list[Report], seed: int) -> None:
    assume(stand(merge((), told)))
    history = arriving(shuffled(told, seed))
    assert history.reports == merge((), told)
    assert summary(history.level) == looked_back(told)


@given(st.integers(0, 2**32))
def test_order_of_arrival_does_not_matter_to_a_week_of_sales(seed: int) -> None:
    rng = Random(seed)
    told: list[Report] = [count(rng.randrange(7 * DAY), rng.randint(0, 9), source=rng.randint(1, 2)) for _ in range(9)]
    told += [sale(rng.randrange(7 * DAY), event=str(number)) for number in range(rng.randint(1, 300))]
    rng.shuffle(told)
    assert summary(arriving(told[start::7] for start in range(7)).level) == looked_back(told)


@given(st.lists(records(sources=1, minutes=60) | absences(sources=1, minutes=60), min_size=1, max_size=70))
def test_what_a_single_source_told_long_ago_can_be_forgotten_as_long_as_reports_come_in_order(
    told: list[Record],
) -> None:
    ordered = merge((), told)
    assume(stand(ordered))
    assert one_by_one(ordered).level == fold(ordered)


@given(st.lists(reports(sources=3, ranks=2, minutes=60), min_size=1, max_size=90))
@example([count(0, 5, source=2), count(1, 3), count(2, 5, source=2), *(count(3 + minute, 3) for minute in range(24))])
def test_forgetting_does_not_change_the_level(told: list[Report]) -> None:
    ordered = merge((), told)
    assume(stand(ordered))
    assert arriving([ordered]).level == fold(ordered)
    assert one_by_one(ordered).level == fold(ordered)


@given(st.integers(2, 3), st.integers(1, 150), st.integers(0, 2**32))
def test_what_comes_late_within_what_is_kept_finds_its_place(sources: int, number: int, seed: int) -> None:
    """Each comes at most 20 places after its own."""
    rng = Random(seed)
    told = [count(minute, rng.randint(0, 2), source=rng.randint(1, sources)) for minute in range(number)]
    late = [one for _, _, one in sorted((place + rng.uniform(0, 20), place, one) for place, one in enumerate(told))]
    assert one_by_one(late).level == fold(told)


@given(st.integers(1, 3), st.integers(RECORDS_KEPT, 200))
def test_the_records_that_are_kept_are_few_however_many_come(sources: int, number: int) -> None:
    told = [count(minute, minute % 3, source=1 + minute % sources) for minute in range(number)]
    history = one_by_one(told)
    assert len(history.reports) == RECORDS_KEPT
    assert history.reports[-1 - RECORDS_KEPT // 2 :] == tuple(told[-1 - RECORDS_KEPT // 2 :])


def test_forgetting_keeps_the_first_of_a_band_however_often_its_count_changes() -> None:
    level = one_by_one([count(0, 1), *(count(minute, 3 + minute % 5) for minute in range(1, 200))]).level
    assert (level.observed_at, level.in_bands) == (at(199), Shown(1, at(1), at(199)))


def test_forgetting_keeps_the_anchor_behind_a_long_run_of_echoes() -> None:
    level = one_by_one([count(0, 7), *(count(minute, 4) for minute in range(1, 200))]).level
    assert (level.stock, level.observed_at, level.covered_at) == (Stock.exactly(4), at(1), at(199))


def test_sales_of_the_last_seven_days_are_kept_beyond_any_number_of_records() -> None:
    told = [count(0, 900), *(sale(10 * minute, event=str(minute)) for minute in range(1, 700))]
    history = one_by_one(told)
    assert history.reports == tuple(told)
    assert history.level.stock.quantity == 201


@pytest.mark.parametrize("days", [0.5, 60])
def test_the_reports_that_are_kept_are_bounded_however_many_sales_come(days: float) -> None:
    number = 2_000
    told = [count(0, 5_000), *(sale(1 + place * days * DAY / number, event=str(place)) for place in range(number))]
    history = arriving(told[start : start + 50] for start in range(0, len(told), 50))
    assert len(history.reports) <= MOST
    assert history.level == fold(told)
    if days > 7:
        week = [one for one in told if one.observed_at >= told[-1].observed_at - KEPT_BEHIND]
        assert len(history.reports) <= len(week) + MOST_BEHIND + 1


def test_reports_of_one_moment_are_kept_or_forgotten_together() -> None:
    together = [count(5, number, source=2) for number in range(20)]
    history = arriving([[count(minute, minute % 3) for minute in range(5)], together, [count(6, 1), count(7, 2)]])
    assert history.closed_at is not None
    assert set(together) <= set(history.reports)
    assert history.closed_at < together[0].observed_at


# What comes too late


def test_a_sale_of_more_than_seven_days_behind_the_anchor_comes_too_late() -> None:
    history = History((count(10 * DAY, 5),))
    old, older = sale(3 * DAY), sale(3 * DAY - 1)
    assert history.too_late([old, older]) == {older}


def test_a_delivery_of_more_than_seven_days_behind_the_anchor_comes_too_late() -> None:
    history = History((count(10 * DAY, 5),))
    assert history.too_late([delivery(0, 3)]) == {delivery(0, 3)}


def test_the_anchor_is_what_counts_and_not_a_later_sale_or_echo() -> None:
    history = History((count(0, 5), count(10 * DAY, 5), sale(11 * DAY)))
    assert history.too_late([sale(1)]) == frozenset()


def test_where_nobody_counted_no_sale_comes_too_late() -> None:
    assert History((sale(90 * DAY),)).too_late([sale(0)]) == frozenset()


def test_an_old_record_of_a_single_source_never_comes_too_late() -> None:
    history = one_by_one(count(minute, minute % 3) for minute in range(100, 200))
    assert history.too_late([count(0, 5)]) == frozenset()


def test_what_is_of_a_time_that_has_been_added_up_comes_too_late() -> None:
    history = one_by_one(count(minute, minute % 5, source=1 + minute % 2) for minute in range(60))
    assert history.closed_at is not None
    kept_from = history.reports[0].observed_at
    late, timely = count(0.5, 9), Record(kept_from, kept_from, Stock.exactly(8), 1)
    assert history.too_late([late, timely]) == {late}


# What is taken back


@given(st.lists(reports(sources=3, ranks=2), min_size=2, max_size=RECORDS_KEPT), st.integers(1, 5))
def test_taking_a_load_back_is_as_if_it_had_not_been(told: list[Report], load_id: int) -> None:
    each_once = merge((), told)
    others = [one for one in each_once if one.load_id != load_id]
    taken_back = arriving([each_once]).without(load_id)
    assert taken_back.reports == each_once
    if stand(others):
        assert summary(taken_back.level) == looked_back(others)
    else:
        assert taken_back.level.stock == NOTHING_KNOWN


def test_what_comes_after_a_load_was_taken_back_is_folded_without_it() -> None:
    history = one_by_one([count(0, 5, load_id=1), count(1, 9, load_id=2)]).without(2)
    assert history.level.stock.quantity == 5
    assert history.joined([sale(2)]).level.stock.quantity == 4


def test_what_was_taken_back_can_be_told_again() -> None:
    history = one_by_one([count(0, 5, load_id=1), count(1, 9, load_id=2), sale(2, load_id=2)]).without(2)
    again = history.joined([count(1, 9, load_id=3), sale(2, load_id=3)])
    assert again.level.stock.quantity == 8


def test_a_load_that_was_taken_back_stays_so_where_its_reports_are_forgotten() -> None:
    told = [count(0, 5), count(0, 6, source=2), *(count(minute, 90, load_id=7) for minute in range(1, 40))]
    history = arriving([told[:20]]).without(7).joined(told[20:])
    history = history.joined(count(100 + minute, 4, source=2) for minute in range(30))
    assert (history.level.stock.quantity, history.level.source_id) == (4, 2)
    assert 90 not in {standing.level.stock.quantity for standing in history.standings}


def test_what_somebody_saw_can_be_taken_back_after_days_of_echoes() -> None:
    look = replace(seen(1, NONE_LEFT), load_id=-1)
    history = one_by_one([count(0, 5), look, *(count(5 * minute, 5) for minute in range(1, 6 * 288))])
    assert history.level.stock == NONE_LEFT
    assert len(history.reports) <= RECORDS_KEPT + 5
    after = history.without(-1).level
    assert (after.stock, after.observed_at, after.covered_at) == (Stock.exactly(5), at(0), at(5 * (6 * 288 - 1)))


def test_what_somebody_saw_is_forgotten_like_all_else_after_a_week_of_news() -> None:
    look = replace(seen(1, NONE_LEFT), load_id=-1)
    history = one_by_one([count(0, 5), look, *(count(60 * hour, hour % 9) for hour in range(1, 200))])
    assert look not in history.reports
    assert len(history.reports) == RECORDS_KEPT


def test_reports_since_somebody_looked_are_bounded_where_nothing_is_an_echo() -> None:
    look = replace(seen(0.5, NONE_LEFT), load_id=-1)
    told = [count(0, 5), look, *(count(minute, minute % 9) for minute in range(1, 400))]
    some, all_of_them = one_by_one(told[:MOST_BEHIND]), one_by_one(told)
    assert some.reports == tuple(told[1:MOST_BEHIND])
    assert (len(all_of_them.reports), all_of_them.level) == (RECORDS_KEPT, fold(told))


def test_a_history_of_one_sources_records_is_plain() -> None:
    assert History((count(0, 5), count(1, 4))).is_plain


@pytest.mark.parametrize(
    "other", [sale(1), delivery(1, 2), seen(1, NONE_LEFT, source=1), count(1, 4, source=2), count(1, 4, rank=1)]
)
def test_any_other_report_makes_a_history_one_that_is_not_plain(other: Record | Movement) -> None:
    assert not History((count(0, 5), other)).is_plain


def test_a_history_that_a_full_file_of_its_source_emptied_is_plain() -> None:
    assert History((count(0, 5), absent(1), count(2, 4))).is_plain
    assert not History((count(0, 5, told_at=9), absent(1))).is_plain


def test_it_is_news_to_the_items_of_which_its_source_had_the_last_word_that_a_file_leaves_them_out() -> None:
    history = History(
        (count(0, 5), count(1, 4, source=2, rank=1), count(2, 3, rank=2), sale(3, 3, rank=2), count(9, 7))
    )
    assert history.emptied_by(absent(5)) == [0]
    assert history.emptied_by(absent(5, source=2)) == [1]
    assert history.emptied_by(absent(0)) == []


def test_a_history_of_which_something_was_taken_back_is_not_plain() -> None:
    assert not History((count(0, 5), count(1, 4, load_id=2))).without(2).is_plain


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_what_was_held_is_told_right_from_where_it_can_be_told(counts: list[int]) -> None:
    told = [count(minute, pieces) for minute, pieces in enumerate(counts)]
    history = one_by_one(told)
    since = begins_at(history)
    for minute in range(len(told)):
        if at(minute) >= since:
            known = as_of(history, at(minute), {})
            assert summary(known.level)[0] == summary(fold(told[: minute + 1]))[0]

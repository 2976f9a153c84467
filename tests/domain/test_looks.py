"""Confirmations by day become periods: what counts, what is told apart, and when there is no score."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.looks import FATES, PERIODS, Fate, Looks, period
from inventory_service.domain.scoring import ENOUGH, Tally

TODAY = date(2026, 11, 22)


def looks(days_ago: int = 0, fate: Fate = "judged", count: int = ENOUGH, **more: Any) -> Looks:
    tally = Tally(count, 0.9 * count, count, 0.01 * count, 0.0)
    is_simulated = more.get("is_simulated", False)
    place, is_cut = 9 if fate == "judged" else 0, more.get("is_cut", False)
    return Looks(TODAY - timedelta(days=days_ago), fate, is_simulated, place, tally, is_cut)


SOME = st.lists(
    st.builds(
        looks,
        st.integers(0, 89),
        st.sampled_from(FATES),
        st.integers(1, 50),
        is_simulated=st.booleans(),
    ),
    max_size=30,
)


@given(SOME, st.sampled_from(PERIODS))
def test_every_confirmation_of_the_period_is_told_once(some: list[Looks], days: int) -> None:
    found = period(some, days, TODAY)
    within = [one for one in some if one.day > TODAY - timedelta(days=days)]
    assert sum(found.fates.values()) + found.left_out == sum(one.tally.count for one in within)
    assert sum(day.confirmations for day in found.by_day) == sum(found.fates.values())
    assert sum(day.judged for day in found.by_day) == found.fates["judged"]
    assert [day.day for day in found.by_day] == [found.since + timedelta(days=place) for place in range(days)]


@given(SOME)
def test_a_score_stands_on_judged_confirmations_alone(some: list[Looks]) -> None:
    found = period(some, 90, TODAY)
    assert (found.score is None) == (found.fates["judged"] < ENOUGH) == (found.why_no_score is not None)
    if found.score is not None:
        assert found.score.count == found.fates["judged"]


@pytest.mark.parametrize("fate", [fate for fate in FATES if fate != "judged"])
def test_other_fates_do_not_touch_the_score(fate: Fate) -> None:
    assert period([looks(), looks(fate=fate, count=500)], 7, TODAY).score == period([looks()], 7, TODAY).score


def test_one_too_few_is_told_plainly() -> None:
    found = period([looks(count=ENOUGH - 1)], 7, TODAY)
    assert found.score is None
    assert found.why_no_score is not None
    assert found.why_no_score.startswith("Too few confirmations to judge by: 29 in 7 days, and 30 are needed.")


def test_the_demos_confirmations_count_only_where_there_are_no_others() -> None:
    alone = period([looks(is_simulated=True)], 7, TODAY)
    assert (alone.is_simulated, alone.left_out, alone.fates["judged"]) == (True, 0, ENOUGH)
    beside = period([looks(is_simulated=True), looks(count=2)], 7, TODAY)
    assert (beside.is_simulated, beside.left_out, beside.fates["judged"], beside.score) == (False, ENOUGH, 2, None)


def test_nothing_at_all_is_not_called_simulated() -> None:
    found = period([], 7, TODAY)
    assert (found.is_simulated, found.score) == (False, None)


def test_days_that_are_known_in_part_are_left_out() -> None:
    some = [looks(days_ago, is_cut=days_ago == 3) for days_ago in range(6)]
    found = period(some, 30, TODAY)
    assert (found.since, len(found.by_day)) == (TODAY - timedelta(days=2), 3)
    assert found.fates["judged"] == 3 * ENOUGH


def test_today_is_told_even_where_it_is_known_in_part() -> None:
    found = period([looks(is_cut=True)], 7, TODAY)
    assert (found.since, found.fates["judged"]) == (TODAY, ENOUGH)

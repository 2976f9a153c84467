"""Shelves that are empty though their records are not, and those that only seem so."""

from dataclasses import replace

import pytest

from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.checks import worth
from inventory_service.domain.belief.model import PRIOR
from inventory_service.domain.belief.pace import DAY_S, UNKNOWN_PACE, class_of
from inventory_service.domain.belief.parameters import USUAL
from inventory_service.domain.stock import Stock

PER_DAY = 1.0


def quiet(days: float, pace: int) -> Basis:
    return Basis(Stock.exactly(2), USUAL, still_s=days * DAY_S, pace=pace)


def test_by_the_fourth_missing_sale_a_record_of_two_is_doubted() -> None:
    pace = class_of(PER_DAY)
    by_missing_sale = [PRIOR.probability(quiet(missing / PER_DAY, pace), 1) for missing in range(6)]
    assert by_missing_sale == sorted(by_missing_sale, reverse=True)
    assert by_missing_sale[1] > 0.6
    assert by_missing_sale[4] < 0.5


@pytest.mark.parametrize("pace", [class_of(0.03), class_of(0.05), UNKNOWN_PACE])
def test_a_healthy_slow_seller_is_not(pace: int) -> None:
    assert PRIOR.probability(quiet(4.0, pace), 1) > 0.65


def test_a_look_is_worth_most_where_the_shelf_is_in_doubt() -> None:
    doubted, healthy = quiet(3.0, class_of(PER_DAY)), quiet(3.0, class_of(0.05))
    seen = replace(healthy, anchor="confirmation", still_s=0.0)
    values = [worth(PRIOR.probability(one, 1), PRIOR, one) for one in (doubted, healthy, seen)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 2 * values[1]


def test_a_repetition_within_its_lag_is_no_silence_of_the_till() -> None:
    lagging = replace(USUAL, lag_s=4 * DAY_S)
    told = quiet(4.0, class_of(0.3))
    assert PRIOR.probability(replace(told, traits=lagging), 1) == pytest.approx(
        PRIOR.probability(replace(told, traits=USUAL, still_s=0.0, silent_s=4 * DAY_S), 1)
    )


def test_staffs_word_is_worth_more_than_the_record_and_both_can_be_wrong() -> None:
    record, seen = Basis(Stock.exactly(1), USUAL), Basis(Stock.exactly(1), USUAL, anchor="confirmation")
    assert PRIOR.probability(record, 1) < PRIOR.probability(seen, 1) < 1.0
    nothing = replace(seen, stock=Stock.exactly(0))
    assert 0.0 < PRIOR.probability(nothing, 1) < PRIOR.probability(replace(nothing, anchor="record"), 1)

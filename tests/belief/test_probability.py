"""What the probability may do and what it may not, whatever the evidence and whatever has been learned."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory_service.domain.belief import closed
from inventory_service.domain.belief.basis import ANCHORS, Basis
from inventory_service.domain.belief.batch import Batch, Track, probabilities
from inventory_service.domain.belief.holdings import row_of
from inventory_service.domain.belief.model import PRIOR, Model
from inventory_service.domain.belief.pace import class_of
from inventory_service.domain.belief.parameters import USUAL, Constants, Parameters
from inventory_service.domain.belief.reading import leant
from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, SEEN, Stock
from tests.belief.bases import BASES, CONSTANTS, fresh

MORE = 1e-9
"""Rounding, and no more."""


@given(BASES, st.integers(1, 3))
def test_tables_and_closed_forms_agree(basis: Basis, quantity: int) -> None:
    exact = closed.at_least(PRIOR.parameters.constants, PRIOR.shelf, basis, quantity)
    assert PRIOR.probability(basis, quantity) == pytest.approx(exact, abs=0.005)


@given(CONSTANTS, BASES, st.integers(1, 3))
def test_they_agree_whatever_was_learned(constants: Constants, basis: Basis, quantity: int) -> None:
    model = Model.of(Parameters(constants=constants))
    exact = closed.at_least(constants, model.shelf, basis, quantity)
    assert model.probability(basis, quantity) == pytest.approx(exact, abs=0.005)


@given(st.lists(BASES, min_size=1, max_size=8), st.integers(1, 3))
def test_columns_are_read_as_single_questions_are(bases: list[Basis], quantity: int) -> None:
    plain = [replace(basis, leaning=0.0) for basis in bases]
    batch = Batch(
        row=np.array([row_of(one.stock) for one in plain]),
        quantity=np.full(len(plain), quantity),
        anchor=np.array([ANCHORS.index(one.anchor) for one in plain]),
        pace=np.array([one.pace for one in plain]),
        source=np.arange(len(plain)),
        still_s=np.array([one.still_s for one in plain]),
        silent_s=np.array([one.silent_s for one in plain]),
    )
    found = probabilities(PRIOR.tables, Track.of([one.traits for one in plain]), batch)
    assert found == pytest.approx([PRIOR.probability(one, quantity) for one in plain], abs=1e-6)


@given(BASES, st.integers(1, 40))
def test_more_pieces_are_never_likelier(basis: Basis, quantity: int) -> None:
    assert PRIOR.probability(basis, quantity + 1) <= PRIOR.probability(basis, quantity) + MORE


@given(BASES, st.integers(0, 200), st.integers(1, 200), st.integers(1, 3))
def test_a_higher_count_never_lowers_it(basis: Basis, count: int, more: int, quantity: int) -> None:
    less, plenty = (replace(basis, stock=Stock.exactly(one)) for one in (count, count + more))
    assume(count > 0 or basis.still_s == 0.0)
    assume(count > 0 or basis.traits.doubt == basis.traits.overlooked == 0.0)
    assert PRIOR.probability(plenty, quantity) >= PRIOR.probability(less, quantity) - MORE


@given(BASES, st.integers(1, 3))
def test_it_fades_from_what_demand_has_left_towards_the_base_and_never_across(basis: Basis, quantity: int) -> None:
    now = replace(basis, leaning=0.0)
    unfading = replace(now, traits=replace(now.traits, horizon_s=1e15))
    ends = sorted((now.traits.base[quantity - 1], PRIOR.probability(unfading, quantity)))
    assert ends[0] - MORE <= PRIOR.probability(now, quantity) <= ends[1] + MORE


@given(BASES, st.integers(1, 3))
def test_it_is_a_probability(basis: Basis, quantity: int) -> None:
    assert 0.0 <= PRIOR.probability(basis, quantity) <= 1.0


@given(BASES, st.integers(1, 3), st.floats(-1e7, 0.0))
def test_a_negative_silence_is_none(basis: Basis, quantity: int, before_s: float) -> None:
    heard, early = (replace(basis, silent_s=one) for one in (0.0, before_s))
    assert PRIOR.probability(early, quantity) == PRIOR.probability(heard, quantity)


@given(BASES, st.integers(1, 3), st.floats(0.0, 2.0))
def test_shoppers_who_found_it_never_lower_it(basis: Basis, quantity: int, more: float) -> None:
    leaning = replace(basis, leaning=basis.leaning + more)
    assert PRIOR.probability(leaning, quantity) >= PRIOR.probability(basis, quantity) - MORE


def test_log_odds_of_shoppers_are_added() -> None:
    assert leant(0.5, np.log(3.0)) == pytest.approx(0.75)
    assert leant(1.0, -5.0) == 1.0


@pytest.mark.parametrize(
    ("stock", "word"),
    [
        (NONE_LEFT, "out_of_stock"),
        (Stock.exactly(1), "limited_availability"),
        (Stock.exactly(2), "limited_availability"),
        (LIMITED, "limited_availability"),
        (Stock.exactly(3), "in_stock"),
        (Stock.exactly(400), "in_stock"),
        (IN_STOCK, "in_stock"),
        (SEEN, "limited_availability"),
        (Stock(0, None), "unknown"),
    ],
)
def test_fresh_records_have_the_words_of_their_band(stock: Stock, word: str) -> None:
    assert PRIOR.judge(fresh(stock), 1).availability == word


@pytest.mark.parametrize("count", range(1, 9))
def test_as_many_as_recorded_are_likely_and_more_are_not(count: int) -> None:
    basis = fresh(Stock.exactly(count))
    assert PRIOR.judge(basis, count).availability in ("in_stock", "limited_availability")
    assert PRIOR.judge(basis, count + 1).availability == "out_of_stock"


@given(BASES, st.integers(1, 5))
def test_word_and_probability_agree(basis: Basis, quantity: int) -> None:
    judged = PRIOR.judge(basis, quantity)
    assert (judged.availability == "unknown") == (judged.probability is None)
    if judged.probability is not None:
        assert (judged.availability == "out_of_stock") == (judged.probability < 0.5)


@given(BASES, st.integers(1, 3))
def test_silence_alone_never_turns_a_word_into_its_opposite(basis: Basis, quantity: int) -> None:
    told = PRIOR.judge(replace(basis, silent_s=0.0), quantity).availability
    assume(told != "unknown")
    now = PRIOR.judge(basis, quantity).availability
    assert now == "unknown" or (now == "out_of_stock") == (told == "out_of_stock")


def test_beyond_the_horizon_all_is_unknown() -> None:
    basis = replace(fresh(Stock.exactly(12)), silent_s=USUAL.horizon_s)
    assert PRIOR.judge(basis, 1).availability == "in_stock"
    assert PRIOR.judge(replace(basis, silent_s=USUAL.horizon_s + 60.0), 1).availability == "unknown"


def test_on_the_way_there_the_last_piece_may_be_sold() -> None:
    now = replace(fresh(Stock.exactly(1)), pace=class_of(20.0))
    later = replace(now, silent_s=3_600.0)
    assert PRIOR.probability(later, 1) < PRIOR.probability(now, 1) - 0.2


def test_tables_are_small() -> None:
    assert sum(one.nbytes for one in PRIOR.tables) <= 200_000

"""The first, simple probability: what it may say and what it may not."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory_service.domain.answered import answered
from inventory_service.domain.confidence import UNKNOWN, fresh_probability, judge
from inventory_service.domain.level import Level
from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, SEEN, Stock

FRESH = timedelta(0)
DAY = timedelta(days=1)
COUNTS = st.integers(0, 5_000)
QUANTITIES = st.integers(1, 60)
HORIZONS = st.timedeltas(timedelta(minutes=1), timedelta(days=400))
SHARES = st.floats(0.0, 1.0)


@st.composite
def ranges(draw: st.DrawFn) -> Stock:
    low = draw(st.integers(0, 50))
    return Stock(low, draw(st.one_of(st.none(), st.integers(low, low + 60))))


@pytest.mark.parametrize(
    ("stock", "quantity", "word", "probability"),
    [
        (Stock.exactly(12), 1, "in_stock", 0.95),
        (IN_STOCK, 1, "in_stock", 0.95),
        (Stock.exactly(1), 1, "limited_availability", 0.85),
        (LIMITED, 1, "limited_availability", 0.85),
        (NONE_LEFT, 1, "out_of_stock", 0.05),
        (SEEN, 1, "limited_availability", 0.90),
        (Stock.exactly(2), 3, "out_of_stock", 0.05),
        (Stock.exactly(2), 2, "limited_availability", 0.80),
        (Stock.exactly(9), 9, "in_stock", 0.75),
        (Stock.exactly(8), 9, "out_of_stock", 0.05),
    ],
)
def test_fresh_evidence_has_the_word_and_probability_of_its_band(
    stock: Stock, quantity: int, word: str, probability: float
) -> None:
    judged = judge(stock, FRESH, quantity, DAY)
    assert judged.availability == word
    assert judged.probability == pytest.approx(probability)


def test_one_or_two_may_still_be_two() -> None:
    judged = judge(LIMITED, FRESH, 2, DAY)
    assert judged.availability == "limited_availability"
    assert judged.probability is not None
    assert 0.5 < judged.probability < 0.85


def test_having_seen_one_says_nothing_about_twenty() -> None:
    assert judge(SEEN, FRESH, 20, DAY) == UNKNOWN


def test_half_the_horizon_halves_what_the_evidence_says() -> None:
    judged = judge(IN_STOCK, DAY / 2, 1, DAY)
    assert judged.probability == pytest.approx(0.5 + 0.45 / 2)


def test_at_the_horizon_the_word_still_stands_and_beyond_it_all_is_unknown() -> None:
    assert judge(IN_STOCK, DAY, 1, DAY).availability == "in_stock"
    assert judge(NONE_LEFT, DAY, 1, DAY).availability == "out_of_stock"
    assert judge(IN_STOCK, DAY + timedelta(minutes=1), 1, DAY) == UNKNOWN
    assert judge(NONE_LEFT, DAY + timedelta(minutes=1), 1, DAY) == UNKNOWN


@given(ranges(), QUANTITIES, HORIZONS, st.timedeltas(timedelta(days=-400), timedelta(0)))
def test_a_negative_age_counts_as_none(stock: Stock, quantity: int, horizon: timedelta, age: timedelta) -> None:
    assert judge(stock, age, quantity, horizon) == judge(stock, FRESH, quantity, horizon)


@given(ranges(), QUANTITIES, HORIZONS, SHARES, SHARES)
def test_evidence_fades_towards_ignorance_and_never_crosses_it(
    stock: Stock, quantity: int, horizon: timedelta, one: float, other: float
) -> None:
    younger, older = (judge(stock, horizon * share, quantity, horizon) for share in sorted((one, other)))
    assert younger.availability == older.availability
    if younger.probability is None or older.probability is None:
        assert younger == older == UNKNOWN
        return
    assert abs(older.probability - 0.5) <= abs(younger.probability - 0.5)
    assert (older.probability - 0.5) * (younger.probability - 0.5) >= 0


@given(ranges(), QUANTITIES, HORIZONS, st.floats(0.0, 3.0))
def test_word_and_probability_agree(stock: Stock, quantity: int, horizon: timedelta, share: float) -> None:
    judged = judge(stock, horizon * share, quantity, horizon)
    assert (judged.availability == "unknown") == (judged.probability is None)
    if judged.probability is not None:
        assert 0.0 <= judged.probability <= 1.0
        assert (judged.availability == "out_of_stock") == (judged.probability < 0.5)


@given(ranges(), QUANTITIES, HORIZONS, SHARES)
def test_out_of_stock_is_said_only_if_the_evidence_says_fewer(
    stock: Stock, quantity: int, horizon: timedelta, share: float
) -> None:
    word = judge(stock, horizon * share, quantity, horizon).availability
    assert (word == "out_of_stock") == (stock.high is not None and stock.high < quantity)


@given(ranges(), QUANTITIES)
def test_more_pieces_are_never_likelier(stock: Stock, quantity: int) -> None:
    assert fresh_probability(stock, quantity + 1) <= fresh_probability(stock, quantity)


@given(COUNTS, QUANTITIES)
def test_a_higher_count_is_never_less_likely_to_suffice(count: int, quantity: int) -> None:
    assert fresh_probability(Stock.exactly(count + 1), quantity) >= fresh_probability(Stock.exactly(count), quantity)


@given(st.integers(3, 2_000_000_000), st.integers(1, 3), SHARES)
def test_counts_above_the_band_are_all_alike_to_those_who_see_bands(count: int, quantity: int, share: float) -> None:
    assert judge(Stock.exactly(count), DAY * share, quantity, DAY) == judge(IN_STOCK, DAY * share, quantity, DAY)


@given(SHARES)
def test_one_and_two_are_alike_unless_two_are_asked_for(share: float) -> None:
    age = DAY * share
    for quantity in (1, 3):
        one, two = (judge(Stock.exactly(count), age, quantity, DAY) for count in (1, 2))
        assert one == two == judge(LIMITED, age, quantity, DAY)


@given(ranges(), st.integers(1, 3))
def test_bounds_above_the_band_do_not_show_either(stock: Stock, quantity: int) -> None:
    assume(stock.high is None or stock.high >= 3)
    blurred = Stock(min(stock.low, 3), None)
    assert fresh_probability(stock, quantity) == fresh_probability(blurred, quantity)


def test_the_page_shows_the_numbers_that_are_used() -> None:
    page = (Path(__file__).parents[2] / "docs" / "CONFIDENCE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([\d.–]+) \| ([\d.–]+) \| ([\d.–]+) \|$", page, re.MULTILINE)
    shown = {evidence: cells for evidence, *cells in rows}
    evidence = {
        "3 or more": IN_STOCK,
        "exactly 2": Stock.exactly(2),
        "exactly 1": Stock.exactly(1),
        "1 to 2": LIMITED,
        "seen: at least 1": SEEN,
        "none": NONE_LEFT,
    }
    used = {name: [_cell(stock, quantity) for quantity in (1, 2, 3)] for name, stock in evidence.items()}
    assert shown == used


def _cell(stock: Stock, quantity: int) -> str:
    probability = judge(stock, FRESH, quantity, DAY).probability
    return "–" if probability is None else f"{probability:.2f}"


@given(ranges(), QUANTITIES, st.integers(-184, 184))
def test_what_shoppers_say_moves_the_probability_and_never_the_word(stock: Stock, quantity: int, leaning: int) -> None:
    silent, spoken = judge(stock, FRESH, quantity, DAY), judge(stock, FRESH, quantity, DAY, leaning)
    assert spoken.availability == silent.availability
    if silent.probability is not None and spoken.probability is not None:
        assert (spoken.probability > silent.probability) == (leaning > 0)
        assert (spoken.probability < silent.probability) == (leaning < 0)
    else:
        assert spoken == silent


def test_what_staff_are_told_was_answered_before_leans_as_the_answer_did() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    level = Level(IN_STOCK, now, now, now, 1, leaning=-69)
    assert answered(level, None, now, DAY).judgement == judge(IN_STOCK, FRESH, 1, DAY, -69)

"""Ranges of counts: what is claimed, and which of two claims stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, SEEN, Band, Stock

COUNTS = st.integers(0, 12)


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    low = draw(COUNTS)
    return Stock(low, draw(st.none() | st.integers(low, 14)))


def ceiling(stock: Stock) -> float:
    return float("inf") if stock.high is None else stock.high


@given(stocks(), stocks())
def test_which_of_two_claims_is_lower_does_not_depend_on_who_asks(one: Stock, other: Stock) -> None:
    assert one.lower_of(other) == other.lower_of(one)


@given(stocks())
def test_a_claim_is_the_lower_of_itself(one: Stock) -> None:
    assert one.lower_of(one) == one


@given(stocks(), stocks())
def test_the_lower_of_two_claims_is_one_of_them_and_promises_no_more_pieces_than_either(
    one: Stock, other: Stock
) -> None:
    lower = one.lower_of(other)
    assert lower in (one, other)
    assert ceiling(lower) == min(ceiling(one), ceiling(other))


@given(stocks(), stocks(), stocks())
def test_of_three_claims_none_is_undercut_however_they_are_compared(one: Stock, two: Stock, three: Stock) -> None:
    least = min(ceiling(one), ceiling(two), ceiling(three))
    assert ceiling(one.lower_of(two).lower_of(three)) == ceiling(one.lower_of(two.lower_of(three))) == least


@pytest.mark.parametrize(
    ("counted", "worded", "lower"),
    [
        (Stock.exactly(5), IN_STOCK, Stock.exactly(5)),
        (Stock.exactly(2), IN_STOCK, Stock.exactly(2)),
        (Stock.exactly(0), IN_STOCK, NONE_LEFT),
        (Stock.exactly(5), NONE_LEFT, NONE_LEFT),
        (Stock.exactly(5), LIMITED, LIMITED),
        (Stock.exactly(1), LIMITED, Stock.exactly(1)),
        (Stock.exactly(4), SEEN, Stock.exactly(4)),
        (LIMITED, SEEN, LIMITED),
    ],
)
def test_where_a_count_and_a_word_disagree_the_lower_stands(counted: Stock, worded: Stock, lower: Stock) -> None:
    assert counted.lower_of(worded) == lower


@pytest.mark.parametrize(
    ("stock", "band"),
    [
        (NONE_LEFT, "0"),
        (Stock.exactly(1), "1-2"),
        (Stock.exactly(2), "1-2"),
        (LIMITED, "1-2"),
        (Stock.exactly(3), "3+"),
        (IN_STOCK, "3+"),
        (SEEN, None),
        (Stock(0, 2), None),
        (Stock(2, 3), None),
    ],
)
def test_bands_are_those_of_google_and_absent_where_a_range_spans_several(stock: Stock, band: Band | None) -> None:
    assert stock.band == band


@given(stocks())
def test_only_a_range_of_one_count_has_a_quantity(stock: Stock) -> None:
    assert (stock.quantity is not None) == (stock.low == stock.high)

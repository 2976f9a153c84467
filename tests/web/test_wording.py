"""Instants, money and probabilities as people read them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.web.wording import instant_text, money_text, public_probability


@pytest.mark.parametrize(
    ("exact", "public"), [(0.0, 0.0), (0.024, 0.0), (0.025, 0.0), (0.075, 0.1), (0.925, 0.9), (0.975, 1.0), (1.0, 1.0)]
)
def test_ties_go_to_the_even_step(exact: float, public: float) -> None:
    assert public_probability(exact) == public


@given(st.floats(0, 1))
def test_a_public_probability_is_a_short_decimal_near_the_exact_one(exact: float) -> None:
    public = public_probability(exact)
    assert len(repr(public)) <= 4
    assert abs(public - exact) <= 0.025 + 1e-12


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("29.9", "USD", "29.90"),
        ("29.99", "USD", "29.99"),
        ("0.0125", "USD", "0.0125"),
        ("1E+3", "EUR", "1000.00"),
        ("1500", "JPY", "1500"),
        ("1.5", "KWD", "1.500"),
        ("0", "USD", "0.00"),
    ],
)
def test_money_has_its_currencys_usual_decimals_and_loses_none(amount: str, currency: str, text: str) -> None:
    assert money_text(Decimal(amount), currency) == text


def test_instants_are_whole_seconds_in_utc() -> None:
    moment = datetime(2026, 11, 22, 5, 40, 12, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert instant_text(moment) == "2026-11-22T03:40:12Z"
    assert instant_text(moment.astimezone(UTC)) == "2026-11-22T03:40:12Z"

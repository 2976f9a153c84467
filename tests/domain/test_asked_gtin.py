"""GTINs as people ask for them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.asked_gtin import parse_asked
from inventory_service.domain.gtin import GtinError, check_digit, parse_gtin


@pytest.mark.parametrize(
    ("asked", "gtin"),
    [
        ("978-0-306-40615-7", "09780306406157"),
        ("0-306-40615-2", "09780306406157"),
        ("0306406152", "09780306406157"),
        ("080442957X", "09780804429573"),
        ("0-8044-2957-x", "09780804429573"),
        ("0 36000 29145 2", "00036000291452"),
        ("01234505", "00012000003455"),
        ("04252614", "00042100005264"),
        ("96385074", "00000096385074"),
    ],
)
def test_what_people_write_is_the_number_meant(asked: str, gtin: str) -> None:
    assert parse_asked(asked) == gtin


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("0306406153", "2 would be right"),
        ("030640615", "8, 12, 13 or 14 digits"),
        ("978--0306406157", "only the digits"),
        ("-9780306406157", "only the digits"),
        ("97803064061X7", "only the digits"),
        ("٠٣٠٦٤٠٦١٥٢", "only the digits"),
        ("01234506", "check digit of 01234506 is wrong"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(asked: str, words: str) -> None:
    with pytest.raises(GtinError, match=words):
        parse_asked(asked)


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length)))
def test_what_is_a_gtin_already_stays_it(body: str) -> None:
    if body.strip("0"):
        asked = body + check_digit(body)
        assert parse_asked(asked) == parse_gtin(asked)


@given(st.text("0123456789Xx- ", max_size=20))
def test_any_text_is_a_gtin_or_is_refused(text: str) -> None:
    with suppress(GtinError):
        assert len(parse_asked(text)) == 14

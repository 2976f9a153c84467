"""GTINs and drug codes as people and files write them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.gtin import GtinError, check_digit, is_coupon, is_restricted, ndc_to_gtin, parse_gtin


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


@pytest.mark.parametrize("text", ["6291041500213", "4006381333931", "036000291452", "96385074", "10614141000415"])
def test_published_numbers_are_read_in_14_digits(text: str) -> None:
    assert parse_gtin(text) == text.zfill(14)


@given(st.sampled_from([7, 11, 12, 13]).flatmap(digits))
def test_every_number_with_its_check_digit_is_read(body: str) -> None:
    if body.strip("0"):
        assert parse_gtin(body + check_digit(body)) == (body + check_digit(body)).zfill(14)


@given(digits(12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body: str, place: int, shift: int) -> None:
    right = body + check_digit(body)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    with pytest.raises(GtinError):
        parse_gtin(wrong)


@given(st.text())
def test_any_text_is_a_gtin_or_is_refused(text: str) -> None:
    with suppress(GtinError):
        assert len(parse_gtin(text)) == 14


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "digits"),
        ("４００６３８１３３３９３１", "digits"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "digits"),
        ("4006381-333931", "digits"),
        ("400638133393", "check digit"),
        ("40063813339", "not 11"),
        ("4006381333932", "1 would be right"),
        ("0000000000000", "zeros"),
    ],
)
def test_what_is_no_gtin_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(GtinError, match=says):
        parse_gtin(text)


@pytest.mark.parametrize("body", ["020000000001", "040000000001", "200000000001", "291234567890"])
def test_a_stores_own_numbers_are_restricted(body: str) -> None:
    assert is_restricted(parse_gtin(body + check_digit(body)))


@pytest.mark.parametrize("body", ["20000000001", "40000000001"])
def test_upc_a_of_number_systems_2_and_4_is_restricted(body: str) -> None:
    assert is_restricted(parse_gtin(body + check_digit(body)))


@pytest.mark.parametrize(("body", "restricted"), [("0123456", True), ("2123456", True), ("9638507", False)])
def test_eight_digits_are_restricted_by_their_own_first_digit(body: str, restricted: bool) -> None:
    assert is_restricted(parse_gtin(body + check_digit(body))) is restricted


@pytest.mark.parametrize("body", ["050000000001", "980000000001", "990000000001"])
def test_coupons_are_never_matched_across_retailers(body: str) -> None:
    gtin = parse_gtin(body + check_digit(body))
    assert is_coupon(gtin)
    assert is_restricted(gtin)


@pytest.mark.parametrize("text", ["4006381333931", "036000291452", "10614141000415", "9780306406157"])
def test_ordinary_numbers_are_not_restricted(text: str) -> None:
    assert not is_restricted(parse_gtin(text))


@pytest.mark.parametrize(
    ("ndc", "gtin"),
    [
        ("0069-1085-30", "00300691085301"),
        ("00069-1085-30", "00300691085301"),
        ("00069108530", "00300691085301"),
        ("0069108530", "00300691085301"),
        ("00173-0901-86", "00301730901866"),
    ],
)
def test_both_spellings_of_a_drug_code_are_one_gtin(ndc: str, gtin: str) -> None:
    assert ndc_to_gtin(ndc) == gtin == parse_gtin(ndc_to_gtin(ndc))


def test_the_padding_zero_is_dropped_where_it_stands() -> None:
    assert ndc_to_gtin("12345-0678-90") == ndc_to_gtin("12345-678-90")
    assert ndc_to_gtin("12345-6789-01") == ndc_to_gtin("12345-6789-1")


@pytest.mark.parametrize("ndc", ["12345-0678-01", "12345-6789-12", "123-4567-89", "0069 1085 30", ""])
def test_a_drug_code_that_may_be_two_or_none_is_refused(ndc: str) -> None:
    with pytest.raises(GtinError):
        ndc_to_gtin(ndc)

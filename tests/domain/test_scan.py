"""What scanners read."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.gtin import GtinError, check_digit
from inventory_service.domain.scan import ScanError, parse_scan

GTIN = "09506000134352"


@pytest.mark.parametrize(
    "scan",
    [
        "9506000134352",
        f" {GTIN}\r\n",
        f"]d201{GTIN}",
        f"]C101{GTIN}10ABC\x1d21XYZ",
        f"]Q310ABC\x1d01{GTIN}",
        f"]e01725123101{GTIN}3103001750",
        f"]d2\x1d01{GTIN}17251231",
        f"01{GTIN}10ABC",
        f"\x1d01{GTIN}",
        f"(01){GTIN}(10)A(B",
        f"(10)LOT(01){GTIN}",
        "]E09506000134352",
        f"https://id.gs1.org/01/{GTIN}",
        f"HTTPS://shop.example/a/b/01/{GTIN}/22/2A/10/LOT%2F1/21/7?17=251231#x",
        f"https://shop.example/01/shelf/01/{GTIN}",
        "https://shop.example/01/9506000134352/10/01",
        f"http://[::1]:8080/%30%31/{quote(GTIN)}",
    ],
)
def test_every_form_gives_the_gtin(scan: str) -> None:
    assert parse_scan(scan) == GTIN


@pytest.mark.parametrize(
    "scan",
    [
        "",
        "]d2",
        "]d210ABC",
        "]X001" + GTIN,
        f"]d201{GTIN[:-1]}",
        "(10)ABC",
        f"(01){GTIN}5",
        "https://shop.example/",
        "https://shop.example/01/",
        "https://shop.example/01/9506000134353",
        "https://[bad/01/" + GTIN,
        "]d2" + "x" * 5_000,
        "\ud800",
    ],
)
def test_a_scan_without_a_gtin_gets_a_sentence(scan: str) -> None:
    with pytest.raises((ScanError, GtinError), match=r"\.$"):
        parse_scan(scan)


@given(st.text() | st.text("]dCQ3e0123456789()\x1dhttps:/", max_size=60))
def test_any_text_is_a_gtin_or_is_refused(text: str) -> None:
    with suppress(ScanError, GtinError):
        assert len(parse_scan(text)) == 14


@given(
    st.text("0123456789", min_size=13, max_size=13).filter(lambda body: body.strip("0")), st.text("ABC123", max_size=9)
)
def test_lots_around_a_gtin_do_not_change_it(body: str, lot: str) -> None:
    gtin = body + check_digit(body)
    assert parse_scan(f"]C110{lot}\x1d01{gtin}21{lot}") == gtin

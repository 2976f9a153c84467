"""The types of single parameters: text off the wire in, checked values out."""

import math
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from inventory_service.domain.asked_gtin import parse_asked
from inventory_service.domain.looks import PERIODS
from inventory_service.domain.scan import MAX_LENGTH, parse_scan

NO_CURSOR = "is not the `next` of a page"
LARGEST_ID, LARGEST_BIG_ID = 2_147_483_647, 999_999_999_999_999_999
WHOLE = re.compile(r"(-?)0*([0-9]+)", re.ASCII)
BEYOND_ALL_BOUNDS = 19
"""Digits: what has more is no larger for us."""
DECIMAL = re.compile(r"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ANSWERS = {"1": True, "true": True, "0": False, "false": False}


def whole_number(text: object) -> int:
    found = WHOLE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be a whole number, such as 10")
    return int(found[1] + found[2][:BEYOND_ALL_BOUNDS])


def number(text: object) -> float:
    if not (isinstance(text, str) and DECIMAL.fullmatch(text)):
        raise ValueError("must be a decimal number, such as 33.75")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("is too large")
    return value


def period_of_days(days: int) -> int:
    if days not in PERIODS:
        raise ValueError(f"must be one of {', '.join(map(str, PERIODS))}")
    return days


def yes_or_no(text: object) -> bool:
    if not (isinstance(text, str) and text in ANSWERS):
        raise ValueError("must be true, false, 1 or 0")
    return ANSWERS[text]


def page_cursor(text: str) -> str:
    if not (re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) and int(text) <= LARGEST_ID):
        raise ValueError(NO_CURSOR)
    return text


def without_controls(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text


WHOLE_NUMBER = BeforeValidator(whole_number)
NUMBER = BeforeValidator(number)
"""Both stand last in an annotation: limits before them are then known to the JSON schema."""
YesNo = Annotated[bool, BeforeValidator(yes_or_no)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(without_controls)
]
Cursor = Annotated[str, AfterValidator(page_cursor), WithJsonSchema({"type": "string"})]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Lat = Annotated[
    float,
    Field(ge=-90, le=90, description="Degrees north, WGS84, such as 33.75; goes with `lon`."),
    NUMBER,
]
Lon = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS84, such as -84.39; with `lat`."), NUMBER]
Days = Annotated[
    int,
    Field(description="The last so many days, today included, by UTC.", examples=[30]),
    AfterValidator(period_of_days),
    WithJsonSchema({"type": "integer", "enum": list(PERIODS)}),
    WHOLE_NUMBER,
]
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID), WHOLE_NUMBER]
Gtin = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(parse_asked),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]([ -]?[0-9]){6,12}[ -]?[0-9Xx]$"}),
]
Scan = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH), AfterValidator(parse_scan)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(without_controls)]
"""A retailer's own, told apart by every character."""
BigId = Annotated[int, Field(ge=1, le=LARGEST_BIG_ID), WHOLE_NUMBER]

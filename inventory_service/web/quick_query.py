"""The usual question read quickly, compiled: the unusual is left to the query's model, which reads or refuses it.

Usual is a GTIN and a point, or a place by its name, each parameter once, numbers in plain digits. Numbers of up to 15
digits are exact: the digits and the power of ten are both doubles, so that their quotient is the nearest double.
"""

import math
from typing import NamedTuple

import numpy as np

from geo.compiled import compiled
from inventory_service.lookup.cached import Asked
from inventory_service.web.asking import place_text
from inventory_service.web.models import Origin
from inventory_service.web.wording import point_label

MOST_DIGITS = 15
MOST_QUANTITY = 3
LENGTHS = np.array([8, 12, 13, 14])
TENS = 10.0 ** np.arange(MOST_DIGITS + 1)
LABEL_DIGITS = 5
LABEL_UNITS = 10**LABEL_DIGITS
TIE = 1e-6
"""Nearer than this to the middle between two labels, the exact value decides."""
WITHOUT_EXPONENT = 0.001
"""Smaller numbers may be written with one."""
NAMES = (b"gtin", b"lat", b"lon", b"radius_m", b"limit", b"quantity", b"arrive_in_s", b"near")
GTIN, LAT, LON, RADIUS_M, LIMIT, QUANTITY, ARRIVE_IN_S, NEAR = range(len(NAMES))
LEAST = np.array([0.0, -90.0, -180.0, 1.0, 1.0, 1.0, 0.0, 0.0])
MOST = np.array([1e15, 90.0, 180.0, 500_000.0, 50.0, MOST_QUANTITY, 604_800.0, 0.0])
USUAL = np.array([0.0, 0.0, 0.0, 50_000.0, 10.0, 1.0, 0.0, 0.0])
NAME_TEXT = np.frombuffer(b"".join(NAMES), np.uint8).copy()
NAME_AT = np.concatenate(([0], np.cumsum([len(name) for name in NAMES])))
AND, EQUALS, MINUS, DOT, ZERO, NINE, COMMA, BLANK, HASH, TILDE = (ord(sign) for sign in "&=-.09, #~")
BEFORE_LAT, BEFORE_LON, BEFORE_LABEL, AFTER_LABEL = (
    np.frombuffer(text, np.uint8).copy() for text in (b'{"lat":', b',"lon":', b',"label":"', b'"}')
)
PLACE = np.zeros(256, dtype=np.uint8)
PLACE_VIEW = PLACE.data
VALUES, GIVEN, PLACES = USUAL.copy(), np.zeros(len(USUAL), np.bool_), np.zeros((len(USUAL), 2), np.int64)
"""Working space, never used across an await."""


class QuickQuery(NamedTuple):
    """What `AvailabilityQuery` would hold, and its place as an answer tells it.

    `near`: the place's name as it stands in the address. Where there is one, neither point nor `place` tells anything
    yet: `at` gives it both.
    """

    question: Asked
    place: bytes
    near: bytes = b""
    label: str | None = None
    """What the place is called; None where it has no name."""

    def at(self, origin: Origin) -> "QuickQuery":
        """The same question from there."""
        gtin, _, _, radius_m, limit, quantity, arrive_in_s = self.question
        question = gtin, origin.lat, origin.lon, radius_m, limit, quantity, arrive_in_s
        return QuickQuery(question, place_text(origin), self.near, origin.label)

    def origin(self) -> Origin:
        _, lat, lon, *_ = self.question
        return Origin(lat=lat, lon=lon, label=point_label(lat, lon) if self.label is None else self.label)


def read_quickly(target: str, start: int) -> QuickQuery | None:
    """`target` from `start` on is a query; None where it is unusual."""
    text = target.encode()
    usual, question, size, near, end = _question(text, start, PLACE, VALUES, GIVEN, PLACES)
    if not usual:
        return None
    if size or end:
        return QuickQuery(question, bytes(PLACE_VIEW[:size]), text[near:end])
    query = QuickQuery(question, b"")
    return QuickQuery(question, place_text(query.origin()))


@compiled
def _question(text, start, out, values, given, places):
    """(whether it is usual, QuickQuery.question, the length of its place in `out`: 0 where that takes more care, where
    the place's name begins and ends in `text`: at 0 where there is none).
    """
    for parameter in range(len(USUAL)):
        values[parameter], given[parameter] = USUAL[parameter], False
        places[parameter, 0] = places[parameter, 1] = 0
    at = start
    while at < len(text):
        parameter, at = _name(text, at)
        if parameter < 0 or given[parameter]:
            return False, _asked(values), 0, 0, 0
        begun = at
        while at < len(text) and text[at] != AND:
            at += 1
        sure, value = _value(text, begun, at, parameter)
        if not sure or not LEAST[parameter] <= value <= MOST[parameter]:
            return False, _asked(values), 0, 0, 0
        values[parameter], given[parameter] = value, True
        end = at if parameter == NEAR else _without_zeros(text, begun, at)
        if parameter == NEAR or _as_we_write(text, begun, end, value):
            places[parameter] = begun, end
        at += 1
    ended = len(text) > 0 and text[len(text) - 1] != AND
    usual = ended and given[GTIN] and given[LAT] == given[LON] and given[LAT] != given[NEAR]
    size = _place(out, text, places, values) if usual and places[LAT, 1] and places[LON, 1] else 0
    return usual, _asked(values), size, places[NEAR, 0], places[NEAR, 1]


@compiled
def _asked(values):
    return (
        np.int64(values[GTIN]),
        values[LAT],
        values[LON],
        values[RADIUS_M],
        np.int64(values[LIMIT]),
        np.int64(values[QUANTITY]),
        np.int64(values[ARRIVE_IN_S]),
    )


@compiled
def _place(out, text, places, values):
    """Writes the origin as JSON: numbers as they came, and a label. Returns how many bytes, 0 where that is unsure."""
    at = _copied(out, 0, BEFORE_LAT, 0, len(BEFORE_LAT))
    at = _copied(out, at, text, places[LAT, 0], places[LAT, 1])
    at = _copied(out, at, BEFORE_LON, 0, len(BEFORE_LON))
    at = _copied(out, at, text, places[LON, 0], places[LON, 1])
    at = _copied(out, at, BEFORE_LABEL, 0, len(BEFORE_LABEL))
    at = _rounded(out, at, values[LAT])
    if at:
        out[at], out[at + 1] = COMMA, BLANK
        at = _rounded(out, at + 2, values[LON])
    return _copied(out, at, AFTER_LABEL, 0, len(AFTER_LABEL)) if at else 0


@compiled
def _copied(out, at, text, start, end):
    for place in range(start, end):
        out[at] = text[place]
        at += 1
    return at


@compiled
def _rounded(out, at, value):
    """Writes `value` to LABEL_DIGITS decimals, but for zeros at its end; returns where it ends, 0 near a tie."""
    scaled = abs(value) * TENS[LABEL_DIGITS]
    number = np.int64(np.rint(scaled))
    if abs(abs(scaled - math.floor(scaled)) - 0.5) < TIE or number < WITHOUT_EXPONENT * TENS[LABEL_DIGITS]:
        return 0
    if value < 0:
        out[at] = MINUS
        at += 1
    whole, fraction, digits = number // LABEL_UNITS, number % LABEL_UNITS, LABEL_DIGITS
    while digits > 1 and fraction % 10 == 0:
        fraction, digits = fraction // 10, digits - 1
    at = _written(out, at, whole, 1)
    out[at] = DOT
    return _written(out, at + 1, fraction, digits)


@compiled
def _written(out, at, number, least):
    """A whole number ≥ 0 in at least so many digits."""
    digits, rest = 1, number // 10
    while rest or digits < least:
        digits, rest = digits + 1, rest // 10
    for place in range(digits - 1, -1, -1):
        out[at + place] = ZERO + number % 10
        number //= 10
    return at + digits


@compiled
def _without_zeros(text, start, end):
    """Where a number ends without zeros at its end, but for the first digit behind a point."""
    while end - 2 > start and text[end - 1] == ZERO and text[end - 2] != DOT:
        end -= 1
    return end


@compiled
def _as_we_write(text, start, end, value):
    """Whether a number's digits are those that Python and JSON give back: none that it could do without."""
    at = start + 1 if text[start] == MINUS else start
    point = at
    while point < end and text[point] != DOT:
        point += 1
    plain = end - point > 1 and (text[end - 1] != ZERO or end - point == 2)
    return plain and (text[at] != ZERO or point == at + 1) and abs(value) >= WITHOUT_EXPONENT


@compiled
def _name(text, at):
    """Which of NAMES stands before the next equals sign, -1 for none; and where the value begins."""
    end = at
    while end < len(text) and text[end] != EQUALS and text[end] != AND:
        end += 1
    if end < len(text) and text[end] == EQUALS:
        for name in range(len(NAME_AT) - 1):
            if NAME_AT[name + 1] - NAME_AT[name] == end - at:
                same = True
                for place in range(end - at):
                    same = same and text[at + place] == NAME_TEXT[NAME_AT[name] + place]
                if same:
                    return name, end + 1
    return -1, end


@compiled
def _value(text, start, end, parameter):
    if parameter == GTIN:
        return _gtin(text, start, end)
    if parameter == NEAR:
        return _plain(text, start, end), 0.0
    sure, value, fraction = _number(text, start, end)
    return sure and (fraction == 0 or parameter <= RADIUS_M), value


@compiled
def _plain(text, start, end):
    """Whether it is a text without anything that an address does not hold as it is."""
    plain = end > start
    for place in range(start, end):
        plain = plain and BLANK < text[place] <= TILDE and text[place] != HASH
    return plain


@compiled
def _number(text, start, end):
    """(whether it is a plain decimal number, its value, how many digits follow the point)."""
    at = start + 1 if start < end and text[start] == MINUS else start
    digits, point, number = 0, -1, 0
    for place in range(at, end):
        if text[place] == DOT and point < 0 and digits:
            point = digits
        elif ZERO <= text[place] <= NINE:
            number = 10 * number + text[place] - ZERO
            digits += 1
            if digits > MOST_DIGITS:
                return False, 0.0, 0
        else:
            return False, 0.0, 0
    fraction = digits - point if point >= 0 else 0
    value = number / TENS[fraction]
    return digits > 0 and point != digits, -value if at > start else value, fraction


@compiled
def _gtin(text, start, end):
    """(whether it has a GTIN's length and check digit, its number)."""
    count = end - start
    fits = False
    for length in LENGTHS:
        fits = fits or count == length
    number, weighted, weight = 0, 0, 3
    for place in range(start, end):
        if not ZERO <= text[place] <= NINE:
            return False, 0.0
        number = 10 * number + text[place] - ZERO
    for place in range(end - 2, start - 1, -1):
        weighted += weight * (text[place] - ZERO)
        weight = 4 - weight
    return fits and number > 0 and (weighted + text[end - 1] - ZERO) % 10 == 0, np.float64(number)

"""The results of a choice as JSON, compiled: what `rendering.py` writes, byte for byte, out of parts made before."""

from typing import Any

import numpy as np
import orjson
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from geo.compiled import compiled
from geo.digits import write_number
from inventory_service.lookup.judging import IN_STOCK, LIMITED, NO_STEP, OUT_OF_STOCK, UNKNOWN

LONGEST_RESULT_BYTES = 1_024
"""More than a result takes beside its store, its offer and its source."""
LIMITED_AT_MOST = 2
WORDS = {IN_STOCK: "in_stock", LIMITED: "limited_availability", UNKNOWN: "unknown", OUT_OF_STOCK: "out_of_stock"}
BANDS = ("0", "1-2", "3+", None)
STEPS_IN_ONE = 20
INSTANT_BYTES = 20
DAY_S = 86_400
DAYS_BEFORE_1970 = 719_468
"""Since 1 March of the year 0."""
DAYS_IN_400_YEARS = 146_097
SECOND_US = 1_000_000


def _bytes(text: bytes) -> Any:
    return np.frombuffer(text, np.uint8).copy()


def _judgements() -> tuple[Any, Any]:
    """Each word, step and band as the text of its three fields, and where each begins."""
    texts = []
    for word in sorted(WORDS):
        for step in range(NO_STEP, STEPS_IN_ONE + 1):
            for band in BANDS:
                probability = None if step == NO_STEP else step / STEPS_IN_ONE
                fields = {"availability": WORDS[word], "probability": probability, "quantity_band": band}
                texts.append(b"," + orjson.dumps(fields)[1:-1] + b",")
    return _bytes(b"".join(texts)), np.concatenate(([0], np.cumsum([len(text) for text in texts])))


JUDGEMENTS, JUDGEMENT_AT = _judgements()
BAND_TEXTS = _bytes(b"".join(orjson.dumps(band) for band in BANDS))
BAND_AT = np.concatenate(([0], np.cumsum([len(orjson.dumps(band)) for band in BANDS])))
STORE, DISTANCE = _bytes(b'{"store":'), _bytes(b',"distance_m":')
BRACE, DEMO = _bytes(b"}"), _bytes(b',"demo":true}')
AS_OF, COVERED_AT = _bytes(b',"as_of":"'), _bytes(b'","covered_at":"')
AGE, EVIDENCE, NO_EVIDENCE = _bytes(b',"age_s":'), _bytes(b',"evidence":[{'), _bytes(b',"evidence":[]}')
OBSERVED, BAND, END = _bytes(b',"observed_at":"'), _bytes(b'","quantity_band":'), _bytes(b"}]}")
SEEN, NOT_SEEN = _bytes(b'","seen":true'), _bytes(b'","seen":false')
QUOTE, COMMA = _bytes(b'"'), _bytes(b",")
NO_REST = _bytes(b',"pickup":null,"aisle":null,"order_in_store":false')


def _memcpy(to: Any, source: Any) -> tuple[Any, Any]:
    """Many times quicker than a loop, or than slices, for some dozens of bytes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        arrays = (context.make_array(signature.args[at])(context, builder, args[at]).data for at in (0, 2))
        target, origin = (builder.bitcast(array, byte) for array in arrays)
        begin, end = builder.gep(target, [args[1]]), builder.gep(origin, [args[3]])
        cgutils.raw_memcpy(builder, begin, end, args[4], 1)
        return context.get_dummy_value()

    return types.void(to, types.intp, source, types.intp, types.intp), generate


@intrinsic
def _copy(_context, to, to_at, source, source_at, count):  # noqa: ARG001
    return _memcpy(to, source)


@compiled
def _put(out, at, text, start, end):
    _copy(out, at, text, start, end - start)
    return at + end - start


@compiled
def _all(out, at, text):
    _copy(out, at, text, 0, len(text))
    return at + len(text)


@compiled
def _padded(out, at, value, digits):
    for place in range(digits - 1, -1, -1):
        out[at + place] = 48 + value % 10
        value //= 10
    return at + digits


@compiled
def _instant(out, at, second):
    """2026-11-22T03:40:12Z of a second since 1970.

    Years are counted from March, so that the odd day is their last: then a month begins after (153 m + 2) / 5 days.
    """
    days, second = second // DAY_S + DAYS_BEFORE_1970, second % DAY_S
    cycle, days = days // DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS
    year = (days - days // 1460 + days // 36524 - days // 146096) // 365
    days -= 365 * year + year // 4 - year // 100
    month = (5 * days + 2) // 153
    day = days - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    at = _padded(out, at, 400 * cycle + year + (month <= 2), 4)
    out[at] = 45
    at = _padded(out, at + 1, month, 2)
    out[at] = 45
    at = _padded(out, at + 1, day, 2)
    out[at] = 84
    at = _padded(out, at + 1, second // 3600, 2)
    out[at] = 58
    at = _padded(out, at + 1, second // 60 % 60, 2)
    out[at] = 58
    at = _padded(out, at + 1, second % 60, 2)
    out[at] = 90
    return at + 1


@compiled
def _same_or(out, at, second, last, last_s):
    """An instant, which may be the last one, of `last_s`, that stands in `out` at `last`."""
    return _put(out, at, out, last, last + INSTANT_BYTES) if second == last_s else _instant(out, at, second)


@compiled
def _band(low, high):
    if high == 0:
        return 0
    if low > LIMITED_AT_MOST:
        return 2
    return 1 if low >= 1 and 0 <= high <= LIMITED_AT_MOST else 3


@compiled
def _index_of(value, among):
    for place in range(len(among)):
        if among[place] == value:
            return place
    return -1


@compiled
def detail_place(data, start, end, entries, text):
    """Where in `entries` the details `data[start:end]` stand, or have room; FNV-1a, then the next free place."""
    mixed = np.uint64(14695981039346656037)
    for at in range(start, end):
        mixed = (mixed ^ np.uint64(data[at])) * np.uint64(1099511628211)
    place = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(len(entries) - 1))
    while True:
        entry = entries[place]
        if entry.raw_bytes == 0:
            return place
        if entry.raw_bytes == end - start:
            same = True
            for at in range(end - start):
                same = same and text[entry.at + at] == data[start + at]
            if same:
                return place
        place = (place + 1) & (len(entries) - 1)


@compiled
def unready(found, start, end, minute, now_us, data, hours_of, stores, details):
    """How many of the stores in `found[start:end]` have no text, or hours of another minute; and which result has
    details whose text is not there, or no longer right: -1 for none.
    """
    stale, unknown = 0, -1
    for number in range(start, end):
        one = found[number]
        stale += stores.at[one.row] == stores.end[one.row] or stores.stamps[hours_of[one.row]] != minute
        one.detail = -1
        if one.details_bytes:
            behind = one.details_at + one.details_bytes
            one.detail = detail_place(data, one.details_at, behind, details.entries, details.text)
            entry = details.entries[one.detail]
            if entry.raw_bytes == 0 or entry.until_us <= now_us:
                unknown = number
    return stale, unknown


@compiled
def write(found, first, last, now_us, ground, stores, product, details, sources, page, at, kept):
    """Writes `found[first:last]` into the page's `out` from `at` on, and without any age into `lasting` from `kept` on;
    returns where both end: (-1, 0) where they are too small. The rest are bundles of text_arrays.py and a ground's.
    """
    out, lasting = page.out, page.lasting
    as_of, covered_at, as_of_s, covered_at_s = -1, -1, -1, -1
    for number in range(first, last):
        one = found[number]
        begun, row = at, one.row
        source = one.shown_source_id if one.shown_source_id + 1 < len(sources.at) else 0
        if sources.at[source] == sources.at[source + 1]:
            source = 0
        owner = _index_of(ground.retailer_ids[row], product.owners)
        if owner < 0:
            owner = len(product.owners)
        if at + _text_bytes(one, row, source, owner, stores, product, details, sources) > len(out):
            return -1, 0
        if number > first:
            at = _all(out, at, COMMA)
        at = _store(out, at, row, ground, stores)
        at = _all(out, at, DISTANCE)
        at = write_number(out, at, np.int64(np.rint(one.metres)))
        band = _band(one.low, one.high)
        text = (one.word * (STEPS_IN_ONE + 2) + one.step + 1) * 4 + band
        at = _put(out, at, JUDGEMENTS, JUDGEMENT_AT[text], JUDGEMENT_AT[text + 1])
        at = _offer(out, at, one, owner, product, details)
        at = _all(out, at, AS_OF)
        as_of, as_of_s, at = at, one.shown_s, _same_or(out, at, one.shown_s, as_of, as_of_s)
        at = _all(out, at, COVERED_AT)
        covered_s = one.shown_covered_us // SECOND_US
        covered_at, covered_at_s, at = at, covered_s, _same_or(out, at, covered_s, covered_at, covered_at_s)
        at = _all(out, at, QUOTE)
        kept = _put(lasting, kept, out, begun, at)
        newest_us = max(one.shown_s * SECOND_US, one.shown_covered_us)
        at = write_number(out, _all(out, at, AGE), max(0, now_us - newest_us) // SECOND_US)
        begun = at
        at = _evidence(out, at, one, source, band, as_of, sources)
        kept = _put(lasting, kept, out, begun, at)
    return at, kept


@compiled
def _evidence(out, at, one, source, band, as_of, sources):
    """What the shown source recorded, or what somebody saw; `as_of`: where in `out` the moment stands already."""
    if sources.sighting[source] and one.low == 0 and one.high < 0:
        return _all(out, at, NO_EVIDENCE)
    at = _all(out, at, EVIDENCE)
    at = _put(out, at, sources.text, sources.at[source], sources.at[source + 1])
    at = _put(out, _all(out, at, OBSERVED), out, as_of, as_of + INSTANT_BYTES)
    if not sources.sighting[source]:
        at = _put(out, _all(out, at, BAND), BAND_TEXTS, BAND_AT[band], BAND_AT[band + 1])
    elif one.high == 0:
        at = _all(out, at, NOT_SEEN)
    else:
        at = _all(out, at, SEEN)
    return _all(out, at, END)


@compiled
def _text_bytes(one, row, source, owner, stores, product, details, sources):
    """At least as many as a result takes."""
    texts = stores.end[row] - stores.at[row] + sources.at[source + 1] - sources.at[source]
    texts += product.price_end[owner] - product.price_at[owner]
    if one.detail >= 0:
        texts += details.entries[one.detail].price_bytes + details.entries[one.detail].rest_bytes
    return texts + LONGEST_RESULT_BYTES


@compiled
def _store(out, at, row, ground, stores):
    hours = ground.hours_of[row]
    at = _all(out, at, STORE)
    at = _put(out, at, stores.text, stores.at[row], stores.end[row])
    at = _put(out, at, stores.hours[hours], 0, stores.hours_length[hours])
    return _all(out, at, DEMO) if ground.demo[row] else _all(out, at, BRACE)


@compiled
def _offer(out, at, one, owner, product, details):
    """Price and whatever else the store tells, or its retailer's price alone."""
    price, price_end = product.price_at[owner], product.price_end[owner]
    if one.detail < 0:
        return _all(out, _put(out, at, product.prices, price, price_end), NO_REST)
    own = details.entries[one.detail]
    begin = own.at + own.raw_bytes
    rest = begin + own.price_bytes
    if own.price_bytes:
        at = _put(out, at, details.text, begin, rest)
    else:
        at = _put(out, at, product.prices, price, price_end)
    return _put(out, at, details.text, rest, rest + own.rest_bytes)

"""Live counts in columns: whatever a batch holds, its lines say what they say one by one."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.feed import Refusal, Row, StockColumns
from inventory_service.domain.stock import MAX_QUANTITY
from store_sync.formats.json_counts import parse_batch
from store_sync.formats.json_lines import parse_line
from store_sync.formats.lines import MAX_RECORD

AT = "2026-11-22T10:01:30.000007+01:00"
COUNT = {"store_code": "0017", "item_id": "SKU-1", "quantity": 12, "kind": "count", "observed_at": AT}
CODES = st.one_of(
    st.text(max_size=6), st.integers(-2, 2**70), st.none(), st.just(" 7 "), st.just("x" * 501), st.booleans()
)
TIMES = st.sampled_from(
    [AT, f" {AT}", "2026-11-22T10:01:30Z", "2026-11-22", "soon", "", " ", None, 1_769_000_000, True]
)
QUANTITIES = st.one_of(st.integers(-3, MAX_QUANTITY + 3), st.sampled_from([0, 1.0, 1.5, "4", None, True, "", [], {}]))
KINDS = st.sampled_from(["count", "record", "Count", "sale", "absent", "", None, 7, []])
OTHERS = st.sampled_from(["price", "retailer", "gtin", "availability", "at", "note"])
OBJECTS = st.fixed_dictionaries(
    {},
    optional={"store_code": CODES, "item_id": CODES, "quantity": QUANTITIES, "kind": KINDS, "observed_at": TIMES},
).flatmap(lambda told: st.dictionaries(OTHERS, CODES, max_size=1).map(lambda more: {**told, **more}))
PLAIN = st.fixed_dictionaries(
    {**{name: st.just(value) for name, value in COUNT.items()}, "quantity": st.integers(0, 9)}
)
LINES = st.one_of(
    PLAIN.map(lambda told: json.dumps(told).encode()),
    OBJECTS.map(lambda told: json.dumps(told).encode()),
    OBJECTS.map(lambda told: json.dumps(told, ensure_ascii=False).encode(errors="surrogatepass")),
    st.binary(max_size=9),
)


def line(**told: Any) -> bytes:
    return json.dumps({**COUNT, **told}).encode()


def numbered(lines: Sequence[bytes]) -> list[tuple[int, bytes]]:
    return list(enumerate(lines, start=1))


def unfolded(found: Sequence[Row | Refusal | StockColumns]) -> list[Row | Refusal]:
    """Every line by itself, in order."""
    alone = [one for one in found if not isinstance(one, StockColumns)]
    rows = [one.row(place) for one in found if isinstance(one, StockColumns) for place in range(len(one))]
    return sorted([*alone, *rows], key=lambda one: one.line)


def one_by_one(lines: Sequence[bytes]) -> list[Row | Refusal]:
    return [one for one in (parse_line(*each) for each in numbered(lines)) if one is not None]


@given(st.lists(LINES, max_size=6))
def test_a_batch_says_what_its_lines_say_one_by_one(lines: list[bytes]) -> None:
    assert unfolded(parse_batch(numbered(lines))) == one_by_one(lines)


def test_counts_come_in_columns_with_the_refused_lines_beside_them() -> None:
    found = parse_batch(numbered([line(), b"", b"no json", line(store_code=9, kind="record", quantity=0)]))
    assert [type(one) for one in found] == [Refusal, StockColumns]
    assert unfolded(found) == one_by_one([line(), b"", b"no json", line(store_code=9, kind="record", quantity=0)])


def test_counts_without_a_time_come_in_columns_too() -> None:
    told = json.dumps({"store_code": "1", "item_id": "2", "quantity": 3}).encode()
    (found,) = parse_batch(numbered([told, told]))
    assert isinstance(found, StockColumns)
    assert found.observed_us is None


@pytest.mark.parametrize(
    "odd",
    [
        line(kind="sale", id="e1", quantity=1),
        line(price="2.99 USD"),
        line(retailer="other"),
        line(observed_at=None),
        line(item_id=None, gtin="04006381333931"),
    ],
)
def test_a_line_that_says_something_else_leaves_the_batch_in_rows(odd: bytes) -> None:
    found = parse_batch(numbered([line(), odd]))
    assert [type(one) for one in found] == [Row, Row]
    assert unfolded(found) == one_by_one([line(), odd])


@pytest.mark.parametrize(
    "odd",
    [
        b'{"store_code": "1", "item_id": "2", "quantity": 3, "quantity": 4}',
        b'{"store_code": "1", "store_code": "1", "item_id": "2", "quantity": 3}',
        b'{"store_code": "1", "item_id": "2", "quantity": -0}',
        b'{"store_code": "1", "item_id": "2", "quantity":\t-0 }',
        b'{"store_code": "1", "item_id": "2", "quantity": 1e2}',
        b'{"store_code": "1", "item_id": "2", "quantity": NaN}',
        b'{"store_code": "1", "item_id": "\\ud800", "quantity": 1}',
        b'{"store_code": "1", "item_id": "\\u0000", "quantity": 1}',
        b'{"store_code": "1", "item_id": 12345678901234567890123, "quantity": 1}',
        b'{"store_code": "1", "item_id": "2", "quantity": 1}' + b" " * MAX_RECORD,
        b'\xef\xbb\xbf{"store_code": "1", "item_id": "2", "quantity": 1}',
        b'{"store_code": "1", "item_id": "\xff", "quantity": 1}',
        b'{"store_code": "1", "item_id": "2", "quantity": 1}\r',
    ],
)
def test_what_is_odd_as_json_is_judged_as_ever(odd: bytes) -> None:
    assert unfolded(parse_batch(numbered([odd, odd]))) == one_by_one([odd, odd])

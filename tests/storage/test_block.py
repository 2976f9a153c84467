"""Packed levels: what goes in comes out, to the second, and nothing else is ever taken for a block."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory_service.domain.errors import CacheError
from inventory_service.domain.level import Level
from inventory_service.domain.offer import NO_DETAILS, Details, Money, Pickup, SalePrice
from inventory_service.domain.stock import IN_STOCK, LIMITED, MAX_QUANTITY, NONE_LEFT, SEEN, Stock
from inventory_service.storage.cache.block import (
    ENTRY,
    FORMAT,
    Entry,
    block_of_entries,
    decode,
    encode,
    pack,
    pack_columns,
)
from inventory_service.storage.positions import Shelf

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
COUNTS = st.one_of(
    st.integers(0, 4), st.sampled_from([65_534, 65_535, 65_536, MAX_QUANTITY]), st.integers(0, MAX_QUANTITY)
)
MONEY = st.builds(Money, st.decimals(0, 10_000, places=2), st.sampled_from(["USD", "EUR", "JPY"]))
DETAILS = st.builds(
    Details,
    price=st.none() | MONEY,
    sale_price=st.none() | st.builds(SalePrice, MONEY, st.none() | MOMENTS, st.none() | MOMENTS),
    pickup=st.none() | st.builds(Pickup, st.sampled_from(["buy", "reserve"]), st.none() | st.just("same_day")),
    aisle=st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    order_in_store=st.booleans(),
)


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    low = draw(COUNTS)
    return Stock(low, draw(st.one_of(st.just(low), st.none(), st.integers(low, MAX_QUANTITY))))


@st.composite
def levels(draw: st.DrawFn) -> Level:
    observed_at = draw(MOMENTS)
    covered_at = observed_at + draw(st.just(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(days=900)))
    details = draw(st.just(NO_DETAILS) | DETAILS)
    return Level(draw(stocks()), observed_at, observed_at, covered_at, draw(st.integers(1, 32_767)), details)


@st.composite
def blocks(draw: st.DrawFn) -> list[Shelf]:
    slots = draw(st.lists(st.integers(0, 127), unique=True, max_size=12))
    return [Shelf(1, 1000 + slot, 1, slot, draw(st.integers(1, MAX_QUANTITY)), draw(levels())) for slot in slots]


def shelf(slot: int, level: Level, version: int = 1) -> Shelf:
    return Shelf(1, slot, 1, slot, version, level)


def level(stock: Stock, **more: object) -> Level:
    moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    return Level(stock, moment, moment, moment, 7, **more)  # type: ignore[arg-type]


def to_the_second(one: Shelf) -> Entry:
    """What a reader of the cache sees; a file's `as_of` is not in it, the observation's time stands there."""
    held = one.level
    observed_at, covered_at = held.observed_at.replace(microsecond=0), held.covered_at.replace(microsecond=0)
    read = Level(held.stock, observed_at, observed_at, covered_at, held.source_id, held.details)
    return Entry(one.slot, one.version, read)


@given(blocks())
def test_what_is_packed_is_read_again_to_the_second(shelves: list[Shelf]) -> None:
    expected = [to_the_second(one) for one in sorted(shelves, key=lambda one: one.slot)]
    assert decode(encode(shelves)) == expected


@pytest.mark.parametrize(
    "stock",
    [NONE_LEFT, LIMITED, IN_STOCK, SEEN, Stock(2, 70_000), Stock(65_535, 65_535), Stock(65_536, None), Stock(0, 5)]
    + [Stock.exactly(count) for count in (1, 65_534, 65_535, 65_536, MAX_QUANTITY)],
)
def test_every_kind_of_count_is_kept(stock: Stock) -> None:
    assert decode(encode([shelf(3, level(stock))]))[0].level.stock == stock


def test_a_full_neighbourhood_with_details_everywhere_is_kept() -> None:
    details = Details(price=Money(Decimal("29.99"), "USD"), aisle="Aisle 12 · left", order_in_store=True)
    shelves = [shelf(slot, level(Stock.exactly(slot), details=details)) for slot in range(128)]
    assert decode(encode(reversed(shelves))) == [to_the_second(one) for one in shelves]


def test_a_plain_entry_takes_14_bytes() -> None:
    assert ENTRY.size == 14
    assert len(encode([shelf(slot, level(Stock.exactly(5))) for slot in range(25)])) == 2 + 25 * 14


def test_a_block_without_entries_says_that_nobody_has_it() -> None:
    assert decode(encode([])) == []


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: bytes((FORMAT,)) + tail))
@example(b"")
@example(bytes((FORMAT,)))
@example(bytes((FORMAT + 1, 0)))
def test_bytes_that_are_no_block_raise_our_error_and_no_other(noise: bytes) -> None:
    read_or_refused(noise)


EXTRAS = ["[]", "7", "null", '{"c": "x"}', '{"c": 1e300}', '{"d": 3}', '{"d": {"p": ["x", "USD"]}}', '{"d": {"u": 5}}']


@pytest.mark.parametrize("extra", [*(text.encode() for text in EXTRAS), b"\xff", b"", b'{"d": {"s": [1]}}'])
def test_an_extra_of_another_shape_raises_our_error_and_no_other(extra: bytes) -> None:
    entry = ENTRY.pack(0, 0b111, 5, 1_000_000_000, 1, 1)
    block = bytes((FORMAT, 1)) + entry + bytes((0,)) + len(extra).to_bytes(2, "little") + extra
    read_or_refused(block)


@given(blocks(), st.integers(0, 2**32))
def test_a_damaged_block_raises_our_error_and_no_other(shelves: list[Shelf], seed: int) -> None:
    rng, block = Random(seed), bytearray(encode(shelves))
    for _ in range(rng.randint(1, 4)):
        block[rng.randrange(len(block))] = rng.randrange(256)
    read_or_refused(bytes(block))
    read_or_refused(bytes(block[: rng.randrange(len(block) + 1)]))


def read_or_refused(block: bytes) -> None:
    try:
        assert isinstance(decode(block), list)
    except CacheError:
        return


@given(blocks())
def test_levels_packed_in_columns_are_the_bytes_of_levels_packed_one_by_one(shelves: list[Shelf]) -> None:
    told = [one.level for one in shelves]
    high = [-1 if level.stock.high is None else level.stock.high for level in told]
    columns = {
        "slot": [one.slot for one in shelves],
        "version": [one.version for one in shelves],
        "low": [level.stock.low for level in told],
        "high": high,
        "observed_s": [int(level.observed_at.timestamp()) for level in told],
        "covered_s": [int(level.covered_at.timestamp()) for level in told],
        "source_id": [level.source_id for level in told],
    }
    details = np.array([level.details != NO_DETAILS for level in told], dtype=bool)
    entries, plain = pack_columns(
        {**{name: np.array(column, dtype=np.int64) for name, column in columns.items()}, "has_details": details}
    )
    assert plain.tolist() == [not pack(one).extra for one in shelves]
    by_slot = sorted((one for one, is_plain in zip(shelves, plain, strict=True) if is_plain), key=lambda one: one.slot)
    chosen = entries[plain]
    assert block_of_entries(chosen[np.argsort(chosen["slot"])]) == encode(by_slot)

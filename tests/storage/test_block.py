"""Packed levels: what goes in comes out, to the second, and nothing else is ever taken for a block."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory_service.domain.errors import CacheError
from inventory_service.domain.level import Level, Shown
from inventory_service.domain.offer import NO_DETAILS, Details, Money, Pickup, SalePrice
from inventory_service.domain.stock import IN_STOCK, LIMITED, MAX_QUANTITY, NONE_LEFT, SEEN, Stock
from inventory_service.storage.cache.block import (
    APART,
    DETAILS,
    ENTRY_BYTES,
    FORMAT,
    HAS_EXTRA,
    HEAD_BYTES,
    LEANS,
    MOMENT_AT,
    MOMENT_BYTES,
    ODD,
    SHOWS,
    Entry,
    assemble,
    decode,
    encode,
    is_block,
    pack,
    parts,
)
from inventory_service.storage.cache.columns import blocks_of_entries, pack_columns
from inventory_service.storage.offers import details_to_json
from inventory_service.storage.positions import Shelf

MOMENTS = st.one_of(
    st.sampled_from([datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2)]),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
COUNTS = st.one_of(
    st.integers(0, 4), st.sampled_from([65_534, 65_535, 65_536, MAX_QUANTITY]), st.integers(0, MAX_QUANTITY)
)
MONEY = st.builds(Money, st.decimals(0, 10_000, places=2), st.sampled_from(["USD", "EUR", "JPY"]))
LEANINGS = st.integers(-184, 184)
EVIDENCE = ("observed_s", "covered_s", "source_id", "shown_s", "shown_covered_s", "shown_source_id")
MOMENT, BEFORE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC)
APART_FROM = Shown(8, BEFORE, BEFORE)
"""Of another source than the levels here."""
TOLD = st.builds(
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
    source_id = draw(st.sampled_from([1, 2]) | st.integers(1, 32_767))
    return Level(
        draw(stocks()),
        observed_at,
        observed_at,
        covered_at,
        source_id,
        draw(st.just(NO_DETAILS) | TOLD),
        leaning=draw(st.just(0) | LEANINGS),
        shown=draw(st.none() | shown(Shown(source_id, observed_at, covered_at))),
    )


@st.composite
def shown(draw: st.DrawFn, own: Shown) -> Shown:
    """Evidence that is the level's own in all, some or nothing."""
    observed_at = draw(st.just(own.observed_at) | MOMENTS)
    return Shown(
        draw(st.just(own.source_id) | st.sampled_from([1, 2, 32_767])),
        observed_at,
        draw(st.sampled_from([observed_at, own.covered_at]) | MOMENTS),
    )


@st.composite
def blocks(draw: st.DrawFn) -> list[Shelf]:
    slots = draw(st.lists(st.integers(0, 127), unique=True, max_size=12))
    return [Shelf(1, 1000 + slot, 1, slot, draw(st.integers(1, MAX_QUANTITY)), draw(levels())) for slot in slots]


def shelf(slot: int, level: Level, version: int = 1) -> Shelf:
    return Shelf(1, slot, 1, slot, version, level)


def level(stock: Stock, **more: object) -> Level:
    return Level(stock, MOMENT, MOMENT, MOMENT, 7, **more)  # type: ignore[arg-type]


def to_the_second(one: Shelf) -> Entry:
    """What a reader of the cache sees; a file's `as_of` is not in it, the observation's time stands there."""
    held = one.level
    observed_at, covered_at = held.observed_at.replace(microsecond=0), held.covered_at.replace(microsecond=0)
    told = held.source_id, held.details
    read = Level(held.stock, observed_at, observed_at, covered_at, *told, leaning=held.leaning)
    shown = held.in_bands
    times = shown.observed_at.replace(microsecond=0), shown.covered_at.replace(microsecond=0)
    other = Shown(shown.source_id, *times)
    return Entry(one.slot, one.version, replace(read, shown=None if other == read.own else other))


@given(blocks())
def test_what_is_packed_is_read_again_to_the_second(shelves: list[Shelf]) -> None:
    expected = [to_the_second(one) for one in sorted(shelves, key=lambda one: one.slot)]
    held = decode(encode(shelves))
    assert held == expected
    assert [one.level.leaning for one in held] == [one.level.leaning for one in expected]


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


def test_a_plain_entry_takes_9_bytes_and_6_more_for_each_moment() -> None:
    shelves = [shelf(slot, level(Stock.exactly(5))) for slot in range(25)]
    assert len(encode(shelves)) == 3 + 6 + 25 * 9
    shelves[3] = shelf(3, replace(shelves[3].level, source_id=8))
    assert len(encode(shelves)) == 3 + 2 * 6 + 25 * 9


@pytest.mark.parametrize("details", [NO_DETAILS, Details(aisle="A 7")])
def test_what_shoppers_say_takes_room_only_where_they_have_spoken(details: Details) -> None:
    silent = [shelf(slot, level(Stock.exactly(70_000), details=details)) for slot in range(5)]
    spoken = [replace(silent[0], level=replace(silent[0].level, leaning=-69)), *silent[1:]]
    assert len(encode(spoken)) == len(encode(silent)) + 2


@pytest.mark.parametrize("leaning", [-184, -1, 1, 184])
def test_what_shoppers_say_is_kept(leaning: int) -> None:
    assert decode(encode([shelf(3, level(Stock.exactly(5), leaning=leaning))]))[0].level.leaning == leaning


@pytest.mark.parametrize("flag", [ODD, LEANS, SHOWS, APART, DETAILS])
def test_a_level_that_lacks_a_part_or_has_one_too_many_is_unreadable(flag: int) -> None:
    whole = level(Stock.exactly(70_000), details=Details(aisle="A 7"), leaning=7, shown=APART_FROM)
    for one in (whole, level(Stock.exactly(5))):
        block = bytearray(encode([shelf(3, one)]))
        block[HEAD_BYTES + MOMENT_BYTES + 1] ^= flag
        with pytest.raises(CacheError):
            decode(bytes(block))
        with pytest.raises(CacheError):
            parts(bytes(block))


@pytest.mark.parametrize(
    ("shown", "size"),
    [
        (None, 0),
        (Shown(7, BEFORE, BEFORE), 4),
        (Shown(7, MOMENT, MOMENT), 0),
        (Shown(8, BEFORE, BEFORE), 10),
        (Shown(8, MOMENT, MOMENT), 10),
        (Shown(7, BEFORE, MOMENT), 10),
    ],
)
def test_what_is_shown_without_counts_takes_room_only_where_it_is_not_the_level_s_own(
    shown: Shown | None, size: int
) -> None:
    one = level(Stock.exactly(5), shown=shown)
    block = encode([shelf(3, one)])
    assert len(block) == 3 + 6 + 9 + size
    assert decode(block)[0].level.in_bands == one.in_bands


def test_what_is_shown_goes_with_all_else_that_a_level_may_have() -> None:
    details = Details(aisle="A 7")
    silent = level(Stock(2, 70_000), details=details, leaning=-69)
    both = [encode([shelf(3, one)]) for one in (silent, replace(silent, shown=Shown(7, BEFORE, BEFORE)))]
    assert len(both[1]) == len(both[0]) + 4
    assert decode(both[1])[0].level == replace(silent, shown=Shown(7, BEFORE, BEFORE))


def test_a_block_without_entries_says_that_nobody_has_it() -> None:
    assert decode(encode([])) == []


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: bytes((FORMAT,)) + tail))
@example(b"")
@example(bytes((FORMAT,)))
@example(bytes((FORMAT + 1, 0)))
def test_bytes_that_are_no_block_raise_our_error_and_no_other(noise: bytes) -> None:
    read_or_refused(noise)


JSON = ["[]", "7", "null", '{"c": "x"}', '{"c": 1e300}', '{"d": 3}', '{"d": {"p": ["x", "USD"]}}', '{"d": {"u": 5}}']


@pytest.mark.parametrize("extra", [*(text.encode() for text in JSON), b"\xff", b"", b'{"d": {"s": [1]}}'])
def test_details_of_another_shape_raise_our_error_and_no_other(extra: bytes) -> None:
    moment, entry = bytes(MOMENT_BYTES), bytes((0, DETAILS, 5, 0, 1, 0, 0, 0, 0))
    block = bytes((FORMAT, 1, 1)) + moment + entry + len(extra).to_bytes(2, "little") + extra
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
def test_the_parts_of_a_block_make_it_again(shelves: list[Shelf]) -> None:
    held = parts(encode(shelves))
    assert held == {one.slot: pack(one) for one in shelves}
    assert assemble(held) == encode(shelves)


@given(blocks(), st.randoms(use_true_random=False), st.integers(0, 5))
def test_moments_in_any_order_and_unused_ones_change_nothing(shelves: list[Shelf], random: Random, more: int) -> None:
    block = encode(shelves)
    mixed = with_other_moments(block, random, more)
    assert is_block(mixed)
    assert parts(mixed) == parts(block)
    assert decode(mixed) == decode(block)


def with_other_moments(block: bytes, random: Random, more: int) -> bytes:
    """The same levels; the moments in another order, and `more` that no entry uses among them."""
    moments, entries, extras = taken_apart(block)
    order = list(range(len(moments) + more))
    random.shuffle(order)
    table = [b""] * len(order)
    for place, moment in zip(order, [*moments, *(random.randbytes(MOMENT_BYTES) for _ in range(more))], strict=True):
        table[place] = moment
    moved = [entry[:MOMENT_AT] + bytes((order[entry[MOMENT_AT]],)) for entry in entries]
    return put_together(table, moved, extras)


def taken_apart(block: bytes) -> tuple[list[bytes], list[bytes], bytes]:
    """Its moments, its entries, and all of its extras."""
    first = HEAD_BYTES + block[2] * MOMENT_BYTES
    end = first + block[1] * ENTRY_BYTES
    moments = [block[at : at + MOMENT_BYTES] for at in range(HEAD_BYTES, first, MOMENT_BYTES)]
    return moments, [block[at : at + ENTRY_BYTES] for at in range(first, end, ENTRY_BYTES)], block[end:]


def put_together(moments: list[bytes], entries: list[bytes], extras: bytes) -> bytes:
    return b"".join((bytes((FORMAT, len(entries), len(moments))), *moments, *entries, extras))


PLAIN = encode([shelf(slot, level(Stock.exactly(5))) for slot in range(3)])
WITH_DETAILS = encode([shelf(0, level(Stock.exactly(5), details=Details(aisle="A7")))])
WITH_EXTRA = encode([shelf(0, level(Stock.exactly(70_000))), shelf(1, level(Stock.exactly(5)))])


def without_moments(block: bytes) -> bytes:
    _, entries, extras = taken_apart(block)
    return put_together([], entries, extras)


def reordered(block: bytes) -> bytes:
    moments, entries, extras = taken_apart(block)
    return put_together(moments, entries[::-1], extras)


def twice_the_first(block: bytes) -> bytes:
    moments, entries, extras = taken_apart(block)
    return put_together(moments, [entries[0], *entries], extras)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        PLAIN[:2],
        PLAIN[:8],
        PLAIN[:-1],
        PLAIN + b"\0",
        PLAIN + WITH_EXTRA[-12:],
        bytes((FORMAT - 1,)) + PLAIN[1:],
        PLAIN[:-1] + b"\1",
        without_moments(PLAIN),
        reordered(PLAIN),
        twice_the_first(PLAIN),
        WITH_EXTRA[:-1],
        WITH_EXTRA[:-12],
        WITH_EXTRA + WITH_EXTRA[-12:],
        WITH_DETAILS[:-1],
        WITH_DETAILS + b" ",
        WITH_DETAILS[:-11],
        WITH_DETAILS[:-10],
    ],
)
def test_what_is_no_block_has_no_parts(other: bytes) -> None:
    with pytest.raises(CacheError):
        parts(other)


def test_a_block_of_the_format_before_is_none() -> None:
    """Its extras had a head of slot and length, and there were no flags for what is shown."""
    before = bytes((4,)) + WITH_EXTRA[1:-12] + bytes((0, 12, 0)) + WITH_EXTRA[-12:]
    assert not is_block(before)
    for read in (decode, parts):
        with pytest.raises(CacheError):
            read(before)


@pytest.mark.parametrize("count", [0, 1, 25, 128])
def test_a_block_of_the_second_format_is_none(count: int) -> None:
    """Two bytes, then 14 an entry: slot, flags, pieces, observed second, version, source."""
    before = bytes((2, count)) + b"".join(bytes((slot, 0, 5, 0, 1, 1, 1, 1, 9, 0, 0, 0, 1, 0)) for slot in range(count))
    assert not is_block(before)
    with pytest.raises(CacheError):
        decode(before)


@given(blocks())
def test_a_block_cut_before_its_extras_is_none(shelves: list[Shelf]) -> None:
    moments, entries, _ = taken_apart(encode(shelves))
    bare = put_together(moments, entries, b"")
    assert is_block(bare)
    assert not any(is_block(bare[:length]) for length in range(len(bare)))


@given(st.lists(blocks(), max_size=6))
def test_levels_packed_in_columns_are_the_bytes_of_levels_packed_one_by_one(some: list[list[Shelf]]) -> None:
    shelves = [one for shelves in some for one in sorted(shelves, key=by_slot)]
    told = [one.level for one in shelves]
    numbers = {
        "slot": [one.slot for one in shelves],
        "version": [one.version for one in shelves],
        "low": [level.stock.low for level in told],
        "high": [-1 if level.stock.high is None else level.stock.high for level in told],
        "observed_s": [int(level.observed_at.timestamp()) for level in told],
        "covered_s": [int(level.covered_at.timestamp()) for level in told],
        "source_id": [level.source_id for level in told],
        "leaning": [level.leaning for level in told],
        "shown_source_id": [level.in_bands.source_id for level in told],
        "shown_s": [int(level.in_bands.observed_at.timestamp()) for level in told],
        "shown_covered_s": [int(level.in_bands.covered_at.timestamp()) for level in told],
    }
    columns = {name: np.array(column, dtype=np.int64) for name, column in numbers.items()}
    columns["details"] = np.array([as_text(details_to_json(level.details)) for level in told], dtype=object)
    entries, extras = pack_columns(columns)
    expected = [encode(shelves) for shelves in some if shelves]
    if expected:
        starts = np.cumsum([0, *(block[1] for block in expected)])[:-1]
        assert blocks_of_entries(entries, extras, starts) == expected


def as_text(details: dict[str, Any] | None) -> str:
    """As Postgres tells JSON: in an order of its own."""
    return json.dumps(dict(reversed(details.items()))) if details else ""


def test_details_that_tell_nothing_need_no_extra() -> None:
    numbers = ("slot", "version", "low", "high", *EVIDENCE)
    one = {name: np.array([5]) for name in numbers} | {"leaning": np.array([0])}
    packed = [pack_columns({**one, "details": np.array([text], dtype=object)}) for text in ("", "{}", '{"a": "A1"}')]
    assert [(bool(entries["flags"][0] & HAS_EXTRA), extras.packed) for entries, extras in packed] == [
        (False, b""),
        (False, b""),
        (True, b'\x0a\0{"a":"A1"}'),
    ]


def by_slot(one: Shelf) -> int:
    return one.slot


def test_more_blocks_than_a_sorting_key_has_room_for_keep_their_own_moments() -> None:
    shelves = [shelf(slot, replace(level(Stock.exactly(5)), source_id=source)) for slot, source in ((0, 2), (1, 1))]
    blocks = [encode(shelves), encode([replace(one, slot=1 - one.slot) for one in shelves])]
    columns = {"low": 5, "high": 5, "version": 1, "leaning": 0}
    count = 2**16 + 3
    filled = {name: np.full(2 * count, value, dtype=np.int64) for name, value in columns.items()}
    observed_s = np.full(2 * count, int(shelves[0].level.observed_at.timestamp()))
    sources = np.tile([2, 1], count)
    sources[2 * (count - 1) :] = [1, 2]
    filled |= {name: sources if name.endswith("source_id") else observed_s for name in EVIDENCE}
    filled |= {"slot": np.tile([0, 1], count), "details": np.full(2 * count, "", dtype=object)}
    packed = blocks_of_entries(*pack_columns(filled), np.arange(0, 2 * count, 2))
    assert packed == [blocks[0]] * (count - 1) + [blocks[1]]

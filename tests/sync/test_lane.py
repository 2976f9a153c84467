"""The fast lane comes to what the fold over single reports comes to: the same levels, and what is kept behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import groupby, islice
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_service.domain.history import RECORDS_KEPT
from inventory_service.domain.offer import NO_DETAILS, Details, Money
from inventory_service.domain.report import Record, Report
from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, SEEN, Stock
from inventory_service.storage import positions, snapshots
from inventory_service.storage.apply import WORTH_COLUMNS, Applied, apply_reports
from inventory_service.storage.folding import stood_by
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Pool, transaction
from inventory_service.storage.reports import Position
from inventory_service.storage.stocking import Mode
from tests.sync.world import NOW, Syncer, at, count, shop

ITEMS = 150
SOURCES = ("day", "till")
STOCKS = [NONE_LEFT, NONE_LEFT, Stock.exactly(1), Stock.exactly(5), Stock.exactly(5), LIMITED, IN_STOCK, SEEN]
DETAILS = [NO_DETAILS, NO_DETAILS, Details(aisle="A1"), Details(price=Money(Decimal("2.50"), "USD"), aisle="A1")]

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Batch:
    """Records of one source and load of a world; `as_of` in minutes before our clock."""

    seed: int
    source: int
    as_of: int
    mode: Mode
    share: float
    """Of all positions."""
    has_clocks: bool
    repeats: int
    """So many positions are told of twice."""

    def reports(self, keys: Sequence[Key], source_id: int, load_id: int) -> list[tuple[Key, Report]]:
        rng = Random(self.seed)
        chosen = rng.sample(list(keys), max(2 * WORTH_COLUMNS, round(self.share * len(keys))))
        chosen += rng.sample(chosen, self.repeats)
        usual = rng.choice(STOCKS)
        return [(key, self._record(rng, usual, source_id, load_id)) for key in chosen]

    def _record(self, rng: Random, usual: Stock, source_id: int, load_id: int) -> Record:
        stock = usual if rng.random() < 0.4 else rng.choice(STOCKS)
        clock = self.as_of + rng.randint(0, 3) if self.has_clocks else self.as_of
        return Record(at(clock), at(self.as_of), stock, source_id, rng.choice(DETAILS), load_id=load_id)


BATCHES = st.builds(
    Batch,
    seed=st.integers(0, 2**32),
    source=st.sampled_from([0, 0, 0, 1]),
    as_of=st.integers(1, 12),
    mode=st.sampled_from(["delta", "snapshot"]),
    share=st.sampled_from([0.7, 1.0]),
    has_clocks=st.booleans(),
    repeats=st.sampled_from([0, 0, 3]),
)


@dataclass(frozen=True)
class Side:
    """One of two retailers with the same stores and items."""

    retailer_id: int
    keys: Sequence[Key]
    source_ids: Sequence[int]


async def side(sync: Syncer, name: str) -> Side:
    """Item after item known, in an order that is the same for every retailer."""
    await sync.load([shop("1"), shop("2")], name)
    lines = [count(code, f"{n:03}", 0, at(999), line=n + 2) for code in "12" for n in range(ITEMS)]
    await sync.load(lines, name, source="never")
    rows = await sync.fetch(
        "SELECT retailer_id, product_id, store_id FROM store s JOIN item i USING (retailer_id)"
        " JOIN retailer r USING (retailer_id) WHERE r.slug = $1 ORDER BY store_code, item_id",
        name,
    )
    keys = [(row["product_id"], row["store_id"]) for row in rows]
    await sync.fetch("DELETE FROM position WHERE store_id = ANY ($1)", sorted({store_id for _, store_id in keys}))
    retailer_id = rows[0]["retailer_id"]
    source_ids = [
        await sync.value("INSERT INTO source (retailer_id, slug) VALUES ($1, $2) RETURNING source_id", retailer_id, one)
        for one in SOURCES
    ]
    return Side(retailer_id, keys, source_ids)


async def through_the_lane(pool: Pool, of: Side, batch: Batch, load_id: int) -> Applied:
    reports = batch.reports(of.keys, of.source_ids[batch.source], load_id)
    async with transaction(pool, deadline_s=60) as connection:
        applied = await apply_reports(connection, reports, NOW, batch.mode)
        await _cover(connection, of, batch, load_id)
    return applied


async def one_by_one(pool: Pool, of: Side, batch: Batch, load_id: int) -> list[Applied]:
    """In parts that are too small to be worth columns; of a position that is told of twice both in the same part."""
    ordered = iter(sorted(batch.reports(of.keys, of.source_ids[batch.source], load_id), key=lambda one: one[0]))
    applied = []
    async with transaction(pool, deadline_s=60) as connection:
        rest = list(ordered)
        while rest:
            size = min(WORTH_COLUMNS - 10, len(rest))
            while size < len(rest) and rest[size][0] == rest[size - 1][0]:
                size += 1
            part, rest = rest[:size], rest[size:]
            applied.append(await apply_reports(connection, part, NOW, batch.mode))
        await _cover(connection, of, batch, load_id)
    return applied


async def _cover(connection: positions.Connection, of: Side, batch: Batch, load_id: int) -> None:
    if batch.mode == "snapshot":
        stores = sorted({store_id for _, store_id in of.keys})
        source_id = of.source_ids[batch.source]
        await snapshots.cover(connection, stores, source_id, at(batch.as_of), load_id, NOW)


async def held(pool: Pool, of: Side) -> list[Position | None]:
    """In the order of the side's positions, with what snapshots did not write."""
    async with transaction(pool, deadline_s=60) as connection:
        found = await positions.held(connection, of.keys)
        times = await positions.snapshot_times(connection, sorted({store_id for _, store_id in of.keys}))
    whole = {key: replace(one, history=stood_by(one, times[key[1]])) for key, one in found.items()}
    return [whole.get(key) for key in of.keys]


def anonymous(position: Position | None, of: Side) -> object:
    """All of a position but for its ids and for which load told a report.

    A count of none where a full file has just left the item out says the same: it may be kept or not.
    """
    if position is None:
        return None
    numbers = {source_id: number for number, source_id in enumerate(of.source_ids)}
    shown = position.level.shown and replace(position.level.shown, source_id=numbers[position.level.shown.source_id])
    level = replace(position.level, source_id=numbers[position.level.source_id], shown=shown)
    told = [replace(one, source_id=numbers[one.source_id]) for one in position.reports]
    kept = [one for at_once in groupby(told, lambda one: one.order[:-1]) for one in _once(list(at_once[1]))]
    return (level, [(one.order, one.kind) for one in kept], position.history.closed_at)


def _once(at_once: Sequence[Report]) -> Sequence[Report]:
    absent = [one for one in at_once if one.kind == "absence"]
    return absent or at_once


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(BATCHES, min_size=2, max_size=6), st.data())
async def test_the_fast_lane_comes_to_what_single_reports_come_to(
    sync: Syncer, batches: list[Batch], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(batches), max_size=2))
    number = await sync.value("SELECT count(*) FROM retailer")
    quick, slow = await side(sync, f"quick-{number}"), await side(sync, f"slow-{number}")
    for batch in [*batches, *again]:
        load_id = await _load_id(sync, slow)
        whole = await through_the_lane(sync.pool, quick, batch, load_id)
        parts = await one_by_one(sync.pool, slow, batch, load_id)
        assert whole.changed == sum(one.changed for one in parts)
        assert whole.unchanged == sum(one.unchanged for one in parts)
        assert len(whole.too_late) == sum(len(one.too_late) for one in parts)
    one, other = await held(sync.pool, quick), await held(sync.pool, slow)
    assert [anonymous(position, quick) for position in one] == [anonymous(position, slow) for position in other]


async def _load_id(sync: Syncer, of: Side) -> int:
    return int(
        await sync.value(
            "INSERT INTO load (source_id, file, kind, as_of, started_at) VALUES ($1, 'a', 'any', $2, $2)"
            " RETURNING load_id",
            of.source_ids[0],
            NOW,
        )
    )


async def test_a_long_series_of_counts_keeps_the_same_tail(sync: Syncer) -> None:
    rng = Random(4)
    quick, slow = await side(sync, "quick"), await side(sync, "slow")
    load_id = await _load_id(sync, slow)
    for minute in range(RECORDS_KEPT + 12, 0, -1):
        batch = Batch(rng.randrange(2**32), 0, minute, "delta", 1.0, has_clocks=False, repeats=0)
        await through_the_lane(sync.pool, quick, batch, load_id)
        await one_by_one(sync.pool, slow, batch, load_id)
        if minute % 5 == 0:
            for of in (quick, slow):
                await _left_out(sync.pool, of, minute - 0.5)
    one, other = await held(sync.pool, quick), await held(sync.pool, slow)
    assert [anonymous(position, quick) for position in one] == [anonymous(position, slow) for position in other]
    assert {len(position.reports) for position in one if position} == {RECORDS_KEPT - 1, RECORDS_KEPT}
    assert all(position.history.is_plain for position in one if position)
    assert {"absence", "record"} == {report.kind for position in one if position for report in position.reports}


async def _left_out(pool: Pool, of: Side, minute: float) -> None:
    """Every other position is not listed by a full file."""
    absence = Record(at(minute), at(minute), NONE_LEFT, of.source_ids[0], kind="absence")
    async with transaction(pool, deadline_s=60) as connection:
        await apply_reports(connection, [(key, absence) for key in of.keys[::2]], NOW)


async def test_only_what_is_plain_goes_through_the_lane(sync: Syncer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else the other tests would compare the fold with itself."""
    from inventory_service.storage import apply

    folded: list[int] = []
    fold_into = apply.fold_into

    def counted(*told: object) -> object:
        folded.append(1)
        return fold_into(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(apply, "fold_into", counted)
    quick = await side(sync, "quick")
    load_id = await _load_id(sync, quick)
    folded.clear()
    first = Batch(1, 0, 9, "delta", 1.0, has_clocks=False, repeats=0)
    for batch in (first, replace(first, seed=2, as_of=6), replace(first, seed=3, as_of=3, mode="snapshot")):
        await through_the_lane(sync.pool, quick, batch, load_id)
    assert folded == []
    await through_the_lane(sync.pool, quick, replace(first, source=1, as_of=1), load_id)
    assert len(folded) == 2 * ITEMS


async def test_a_replay_writes_nothing_and_is_logged_again(sync: Syncer) -> None:
    quick = await side(sync, "quick")
    load_id = await _load_id(sync, quick)
    batch = Batch(7, 0, 9, "delta", 1.0, has_clocks=True, repeats=0)
    first = await through_the_lane(sync.pool, quick, batch, load_id)
    before = await sync.versions()
    again = await through_the_lane(sync.pool, quick, batch, load_id)
    assert (first.changed, again.changed, again.unchanged, again.duplicates) == (2 * ITEMS, 0, 2 * ITEMS, 2 * ITEMS)
    assert await sync.versions() == before
    *_, logged, relogged = await sync.log("levels")
    assert set(zip(relogged["ids"], relogged["store_ids"], strict=True)) == set(before)
    assert len(logged["ids"]) == len(relogged["ids"]) == 2 * ITEMS


async def test_a_snapshot_that_repeats_everything_writes_nothing(sync: Syncer) -> None:
    quick = await side(sync, "quick")
    load_id = await _load_id(sync, quick)
    batch = Batch(7, 0, 9, "snapshot", 1.0, has_clocks=False, repeats=0)
    await through_the_lane(sync.pool, quick, batch, load_id)
    before = await sync.versions()
    again = await through_the_lane(sync.pool, quick, replace(batch, as_of=5), load_id)
    assert (again.changed, again.unchanged) == (0, 2 * ITEMS)
    assert await sync.versions() == before


async def test_records_of_two_loads_in_one_call_are_each_their_own_loads(sync: Syncer) -> None:
    quick = await side(sync, "quick")
    told = [
        (key, Record(at(5), at(5), Stock.exactly(3), quick.source_ids[0], load_id=1 + place % 2))
        for place, key in enumerate(islice(quick.keys, 2 * WORTH_COLUMNS))
    ]
    async with transaction(sync.pool, deadline_s=60) as connection:
        await apply_reports(connection, told, NOW)
    found = [position.reports[0].load_id for position in await held(sync.pool, quick) if position]
    assert found == [1 + place % 2 for place in range(2 * WORTH_COLUMNS)]


async def test_moments_are_kept_to_the_microsecond(sync: Syncer) -> None:
    quick = await side(sync, "quick")
    moments = [NOW - timedelta(days=3, microseconds=step * 333_331) for step in range(2 * WORTH_COLUMNS)]
    for later, quantity in ((timedelta(), 3), (timedelta(microseconds=1), 4)):
        told = [
            (key, Record(moment + later, moment + later, Stock.exactly(quantity), quick.source_ids[0]))
            for key, moment in zip(quick.keys, moments, strict=False)
        ]
        async with transaction(sync.pool, deadline_s=60) as connection:
            await apply_reports(connection, told, NOW)
    found = [position for position in await held(sync.pool, quick) if position]
    assert [[one.observed_at for one in position.reports] for position in found] == [
        [moment, moment + timedelta(microseconds=1)] for moment in moments
    ]

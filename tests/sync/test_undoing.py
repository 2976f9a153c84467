"""A bad load is taken back: every level is as if it had not been, and nothing is deleted."""

import pytest

from inventory_service.domain.errors import ConfigurationError
from inventory_service.domain.feed import MovementRow, Row
from store_sync.undoing import undo
from tests.sync.world import NOW, Syncer, at, count, order, shop, stopped_clock

ITEMS = [f"item {number}" for number in range(30)]


async def world(sync: Syncer) -> None:
    await sync.load([shop("1"), shop("2")])
    for code in "12":
        await sync.load([count(code, one, 5) for one in ITEMS], as_of=at(60))


async def test_levels_return_to_what_they_were_and_the_load_says_so(sync: Syncer) -> None:
    await world(sync)
    before = await sync.shelves()
    bad = await sync.load([count("1", one, 0) for one in ITEMS], as_of=at(10))
    undone = await undo(sync.pool, bad.load_id, stopped_clock())
    after = await sync.shelves()
    assert (undone.positions, undone.changed) == (30, 30)
    assert {key: (one.stock, one.observed_at) for key, one in after.items()} == {
        key: (one.stock, one.observed_at) for key, one in before.items()
    }
    assert await sync.value("SELECT undone_at FROM load WHERE load_id = $1", bad.load_id) == NOW
    assert len(after["acme", "1", "item item 1"].records) == 2


async def test_undoing_again_changes_nothing_more(sync: Syncer) -> None:
    await world(sync)
    bad = await sync.load([count("1", "item 1", 0)], as_of=at(10))
    await undo(sync.pool, bad.load_id, stopped_clock())
    shelves, versions = await sync.shelves(), await sync.versions()
    again = await undo(sync.pool, bad.load_id, stopped_clock())
    assert (again.positions, again.changed) == (1, 0)
    assert await sync.shelves() == shelves
    assert {key: version for key, (version, _) in (await sync.versions()).items()} == {
        key: version for key, (version, _) in versions.items()
    }


async def test_what_came_after_a_bad_load_stands(sync: Syncer) -> None:
    await world(sync)
    bad = await sync.load([count("1", "item 1", 0), count("1", "item 2", 0)], as_of=at(10))
    await sync.load([count("1", "item 1", 9)], as_of=at(5))
    await undo(sync.pool, bad.load_id, stopped_clock())
    assert await sync.quantities() | {("1", "item item 1"): 9, ("1", "item item 2"): 5} == await sync.quantities()


async def test_what_a_later_full_file_repeated_stands_although_the_first_to_tell_it_is_taken_back(sync: Syncer) -> None:
    await world(sync)
    bad = await sync.load([count("1", "item 1", 2)], as_of=at(40))
    lines = [count("1", one, 2 if one == "item 1" else 5) for one in ITEMS]
    assert (await sync.snapshot(lines, at(30))).unchanged == 30
    await undo(sync.pool, bad.load_id, stopped_clock())
    assert (await sync.quantities())["1", "item item 1"] == 2


async def test_the_same_file_loaded_again_after_all_counts_again(sync: Syncer) -> None:
    await world(sync)
    lines = [count("1", "item 1", 2)]
    bad = await sync.load(lines, as_of=at(10))
    await undo(sync.pool, bad.load_id, stopped_clock())
    assert (await sync.load(lines, as_of=at(10))).applied == 1
    assert (await sync.quantities())["1", "item item 1"] == 2


async def test_a_position_that_only_the_bad_load_spoke_of_is_unknown(sync: Syncer) -> None:
    await world(sync)
    bad = await sync.load([count("1", "new", 4)], as_of=at(10))
    await undo(sync.pool, bad.load_id, stopped_clock())
    stock = (await sync.shelves())["acme", "1", "item new"].stock
    assert (stock.low, stock.high) == (0, None)


async def test_a_snapshot_taken_back_gives_back_what_it_left_out_and_its_coverage(sync: Syncer) -> None:
    await world(sync)
    good = [count("1", one, 5) for one in ITEMS]
    await sync.snapshot(good, at(30))
    covered = await sync.coverage()
    bad = await sync.snapshot(good[:20], at(20))
    assert bad.emptied == 10
    await undo(sync.pool, bad.load_id, stopped_clock())
    assert set((await sync.quantities()).values()) == {5}
    assert await sync.coverage() == covered


async def test_stores_that_a_bad_snapshot_held_wait_no_more(sync: Syncer) -> None:
    await world(sync)
    bad = await sync.snapshot([count("1", "item 1", 5)], at(20))
    assert bad.held == 1
    await undo(sync.pool, bad.load_id, stopped_clock())
    assert await sync.value("SELECT count(*) FROM held") == 0


async def test_reports_parked_by_a_bad_load_are_never_applied(sync: Syncer) -> None:
    await world(sync)
    bad = await sync.load([count("7", "item 1", 3)], as_of=at(10))
    await undo(sync.pool, bad.load_id, stopped_clock())
    await sync.load([shop("7")])
    assert ("7", "item item 1") not in await sync.quantities()


async def test_sales_taken_back_can_be_sent_again(sync: Syncer) -> None:
    await world(sync)
    sale = Row(1, movement=MovementRow("1", "sale", 2, at(10), "receipt 1", item_id="item 1"))
    live = order(source="till", file="events")
    taken = await sync.loader.take(live, [sale])
    await undo(sync.pool, taken.load_id, stopped_clock())
    assert (await sync.quantities())["1", "item item 1"] == 5
    await sync.loader.take(live, [sale])
    assert (await sync.quantities())["1", "item item 1"] == 3


async def test_a_load_that_nobody_knows_is_told_in_a_sentence(sync: Syncer) -> None:
    with pytest.raises(ConfigurationError, match="No load 77"):
        await undo(sync.pool, 77, stopped_clock())

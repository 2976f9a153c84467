"""Live events: each takes effect once, in one transaction, whoever sends it how often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from inventory_service.domain.errors import PausedError
from inventory_service.domain.feed import Loaded, MovementKind, MovementRow, Refusal, Row, StockRow
from inventory_service.domain.stock import Stock
from tests.sync.world import GTIN, NOW, OTHER_GTIN, Syncer, at, count, item, order, shop

FAULT = Refusal(3, "quantity", "invalid_number", "“x” is not a whole number of pieces.", '{"quantity": "x"}')


def event(
    kind: MovementKind,
    quantity: int,
    minutes: float,
    event_id: str | None = None,
    *,
    code: str = "1",
    item_id: str | None = "cola",
    gtin: str | None = None,
    line: int = 1,
) -> Row:
    told = event_id or f"{kind} {minutes}"
    row = MovementRow(code, kind, quantity, at(minutes), told, item_id, gtin)
    return Row(line, movement=row, raw=f"{kind} {quantity}")


def sale(quantity: int, minutes: float, event_id: str | None = None, **more: str | int | None) -> Row:
    return event("sale", quantity, minutes, event_id, **more)  # type: ignore[arg-type]


def counted(quantity: int, minutes: float, *, code: str = "1", item_id: str | None = "cola", **more: str) -> Row:
    return Row(1, stock=StockRow(code, item_id, Stock.exactly(quantity), observed_at=at(minutes), **more))  # type: ignore[arg-type]


async def take(sync: Syncer, lines: Sequence[Row | Refusal], *, source: str = "till", kind: str = "events") -> Loaded:
    told = replace(order(source=source, file=f"{kind} of {source}"), kind=kind)
    return await sync.loader.take(told, lines)


async def stocked(sync: Syncer, quantity: int = 5, minutes: float = 60) -> None:
    """A count by the nightly feed."""
    await sync.load([shop("1"), item("cola", GTIN), count("1", "cola", quantity, at(minutes))], as_of=at(minutes))


async def cola(sync: Syncer) -> tuple[int | None, datetime]:
    shelf = (await sync.shelves())["acme", "1", GTIN]
    return shelf.quantity, shelf.observed_at


# Several senders at once


def told_each(loaded: Sequence[Loaded]) -> list[tuple[int, int, int]]:
    return [(one.applied, one.unchanged, one.rejected) for one in loaded]


async def test_each_of_several_senders_hears_what_became_of_his_own_lines(sync: Syncer) -> None:
    await stocked(sync)
    live = replace(order(source="till", file="till"), kind="events")
    assert told_each(await sync.loader.take_each(live, [[sale(1, 30)], [sale(1, 20), sale(1, 10)]])) == [
        (1, 0, 0),
        (2, 0, 0),
    ]
    bodies = [[sale(1, 30)], [sale(1, 5), sale(1, 4, code="nowhere")], [FAULT], [sale(1, 20), sale(-1, 3)]]
    assert told_each(await sync.loader.take_each(live, bodies)) == [(0, 1, 0), (1, 0, 1), (0, 0, 1), (1, 1, 0)]
    assert await cola(sync) == (2, at(3))


async def test_the_tally_of_the_day_counts_each_senders_line_once(sync: Syncer) -> None:
    await stocked(sync)
    live = replace(order(source="till", file="till"), kind="events")
    for bodies in ([[sale(1, 30)], [sale(1, 20)]], [[sale(1, 30)], [sale(1, 10)]]):
        loaded = await sync.loader.take_each(live, bodies)
    row = await sync.pool.fetchrow("SELECT rows, applied, unchanged FROM load WHERE load_id = $1", loaded[0].load_id)
    assert tuple(row) == (4, 3, 1)


# What each kind does


async def test_a_sale_lowers_the_count(sync: Syncer) -> None:
    await stocked(sync)
    taken = await take(sync, [sale(2, 30)])
    assert (taken.rows, taken.applied, taken.unchanged, taken.rejected) == (1, 1, 0, 0)
    assert await cola(sync) == (3, at(30))


async def test_a_delivery_adds_to_it(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [event("delivery", 12, 30)])
    assert await cola(sync) == (17, at(30))


async def test_a_return_puts_back(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(2, 30), sale(-1, 20)])
    assert await cola(sync) == (4, at(20))


async def test_a_count_is_a_new_anchor(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(2, 30), counted(9, 20), sale(1, 10)])
    assert await cola(sync) == (8, at(10))


async def test_a_sale_from_before_a_count_means_nothing_to_it(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [counted(9, 20)])
    taken = await take(sync, [sale(2, 30)])
    assert (taken.applied, taken.unchanged, taken.duplicates, taken.rejected) == (0, 1, 0, 0)
    assert await cola(sync) == (9, at(20))


async def test_an_event_may_name_its_product_by_gtin_alone(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(2, 30, item_id=None, gtin=GTIN), counted(7, 20, item_id=None, gtin=GTIN)])
    await take(sync, [event("delivery", 1, 10, item_id=None, gtin=GTIN)])
    assert await cola(sync) == (8, at(10))
    assert len(await sync.shelves()) == 1


async def test_a_gtin_that_no_item_has_becomes_an_item_of_that_name(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [counted(7, 20, item_id=None, gtin=OTHER_GTIN)])
    assert await sync.quantities() == {("1", GTIN): 5, ("1", OTHER_GTIN): 7}
    assert await sync.value("SELECT count(*) FROM item WHERE item_id = $1", OTHER_GTIN) == 1


async def test_an_item_that_nobody_told_of_has_no_count_until_it_is_counted(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(2, 30, item_id="tea")])
    assert (await sync.shelves())["acme", "1", "item tea"].stock == Stock(0, None)
    await take(sync, [counted(4, 40, item_id="tea")])
    assert (await sync.quantities())["1", "item tea"] == 2


async def test_each_change_is_logged_once_for_all_events_of_a_call(sync: Syncer) -> None:
    await stocked(sync)
    before = len(await sync.log("levels"))
    await take(sync, [sale(1, minutes) for minutes in range(10, 50, 5)])
    assert len(await sync.log("levels")) == before + 1
    assert (await cola(sync))[0] == 0


# Again and again


async def test_an_event_that_is_sent_again_has_no_further_effect(sync: Syncer) -> None:
    await stocked(sync)
    lines = [sale(2, 30), event("delivery", 1, 20), counted(3, 40)]
    first = await take(sync, lines)
    before = await sync.versions(), await sync.shelves()
    for _ in range(3):
        again = await take(sync, lines)
        assert (again.rows, again.applied, again.unchanged, again.duplicates) == (3, 0, 3, 3)
    assert (await sync.versions(), await sync.shelves()) == before
    assert (first.applied, first.duplicates) == (3, 0)
    assert (await cola(sync))[0] == 2


async def test_an_event_that_stands_twice_in_one_call_counts_once(sync: Syncer) -> None:
    await stocked(sync)
    taken = await take(sync, [sale(2, 30), sale(2, 30, line=2), sale(2, 30, line=3)])
    assert (taken.rows, taken.applied, taken.unchanged, taken.duplicates) == (3, 1, 2, 2)
    assert (await cola(sync))[0] == 3


async def test_two_sales_of_one_moment_are_two_by_their_ids(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(2, 30, "receipt 1"), sale(2, 30, "receipt 2")])
    assert (await cola(sync))[0] == 1


async def test_one_receipt_that_names_several_products_is_an_event_of_each(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [counted(5, 60, item_id="tea")])
    await take(sync, [sale(2, 30, "receipt 1"), sale(1, 30, "receipt 1", item_id="tea")])
    assert await sync.quantities() == {("1", GTIN): 3, ("1", "item tea"): 4}


async def test_events_come_to_the_same_in_any_order_and_batches(sync: Syncer) -> None:
    await stocked(sync)
    lines = [sale(1, 50), counted(9, 40), event("delivery", 2, 30), sale(4, 20)]
    for batch in (lines[2:], lines[:1], lines[1:3], lines[::-1]):
        await take(sync, batch)
    assert await cola(sync) == (7, at(20))


async def test_a_refused_line_does_not_keep_the_others_out(sync: Syncer) -> None:
    await stocked(sync)
    taken = await take(sync, [sale(2, 30), FAULT, sale(1, 20)])
    assert (taken.rows, taken.applied, taken.rejected, taken.reasons) == (3, 2, 1, {"invalid_number": 1})
    (listed,) = await sync.rejected()
    assert (listed["line"], listed["field"], listed["raw"]) == (3, "quantity", '{"quantity": "x"}')
    assert (await cola(sync))[0] == 2


# What has to wait, and what comes too late


async def test_events_of_a_store_that_nobody_knows_wait_for_it_and_are_applied_once(sync: Syncer) -> None:
    await stocked(sync)
    lines = [counted(6, 30, code="7"), sale(2, 20, code="7"), event("delivery", 1, 10, code="7")]
    taken = await take(sync, lines)
    assert (taken.applied, taken.reasons) == (0, {"unknown_store": 3})
    assert ("7", GTIN) not in await sync.quantities()
    await take(sync, lines)
    await sync.load([shop("7")])
    assert (await sync.quantities())["7", GTIN] == 5
    assert {row["resolved_at"] for row in await sync.rejected()} == {NOW}
    before = await sync.versions()
    await sync.load([shop("7"), shop("8")])
    again = await take(sync, lines)
    assert (again.unchanged, again.duplicates) == (3, 3)
    assert await sync.versions() == before


async def test_a_sale_of_more_than_seven_days_before_the_count_is_listed_as_too_late(sync: Syncer) -> None:
    await stocked(sync)
    week = 7 * 24 * 60
    taken = await take(sync, [sale(1, week + 59), sale(2, week + 61, line=4)])
    assert (taken.rows, taken.applied, taken.unchanged, taken.rejected) == (2, 0, 1, 1)
    assert taken.reasons == {"too_late": 1}
    (listed,) = await sync.rejected()
    assert (listed["line"], listed["field"], listed["raw"]) == (4, "observed_at", "sale 2")
    assert await cola(sync) == (5, at(60))


async def test_an_event_from_the_future_is_refused(sync: Syncer) -> None:
    await stocked(sync)
    taken = await take(sync, [sale(2, -6), sale(1, -4)])
    assert (taken.applied, taken.reasons) == (1, {"future": 1})
    assert await cola(sync) == (4, at(-4))


# Sources and their loads of the day


async def test_a_paused_source_takes_nothing_and_lists_nothing(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(1, 30)])
    await sync.fetch("UPDATE source SET paused = true WHERE slug = 'till'")
    before = await sync.shelves(), await sync.versions(), await sync.fetch("SELECT * FROM load ORDER BY load_id")
    with pytest.raises(PausedError, match="till"):
        await take(sync, [sale(1, 20), sale(1, 10, code="7"), FAULT])
    assert (await sync.shelves(), await sync.versions()) == before[:2]
    assert await sync.fetch("SELECT * FROM load ORDER BY load_id") == before[2]
    assert await sync.rejected() == []
    await sync.fetch("UPDATE source SET paused = false WHERE slug = 'till'")
    await take(sync, [sale(1, 20)])
    assert (await cola(sync))[0] == 3


async def test_another_source_of_the_retailer_is_not_paused_with_it(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(1, 30)])
    await sync.fetch("UPDATE source SET paused = true WHERE slug = 'till'")
    await take(sync, [sale(1, 20)], source="web-shop")
    assert (await cola(sync))[0] == 3


async def test_the_events_of_a_day_count_under_one_load(sync: Syncer) -> None:
    await stocked(sync)
    one = await take(sync, [sale(1, 30), FAULT])
    two = await take(sync, [sale(1, 30), sale(1, 20)])
    assert one.load_id == two.load_id
    (load,) = await sync.fetch("SELECT * FROM load WHERE load_id = $1", one.load_id)
    assert (load["rows"], load["applied"], load["unchanged"], load["rejected"]) == (4, 2, 1, 1)
    assert (load["duplicates"], load["reasons"], load["newest_observed_at"]) == (1, {"invalid_number": 1}, at(20))
    assert load["day"] == NOW.date()


async def test_webhooks_the_next_day_and_another_source_have_loads_of_their_own(sync: Syncer) -> None:
    await stocked(sync)
    tomorrow = Syncer(sync.pool, NOW + timedelta(days=1))
    taken = [
        await take(sync, [sale(1, 30)]),
        await take(sync, [sale(1, 29)], kind="webhooks"),
        await take(sync, [sale(1, 28)], source="web-shop"),
        await take(tomorrow, [sale(1, 27)]),
    ]
    assert len({one.load_id for one in taken}) == 4
    assert (await cola(sync))[0] == 1


async def test_two_sources_at_one_store_sell_from_one_shelf(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(1, 30, "1")], source="till")
    await take(sync, [sale(1, 30, "1")], source="web-shop")
    assert (await cola(sync))[0] == 3


async def test_a_feed_that_repeats_its_count_does_not_take_a_tills_sale_back(sync: Syncer) -> None:
    await stocked(sync)
    await take(sync, [sale(1, 30)])
    await sync.load([count("1", "cola", 5, at(10))], as_of=at(10))
    assert await cola(sync) == (4, at(30))
    await sync.load([count("1", "cola", 3, at(5))], as_of=at(5))
    assert await cola(sync) == (3, at(5))


async def test_a_sale_that_comes_late_finds_its_place_behind_a_snapshots_count(sync: Syncer) -> None:
    await stocked(sync)
    await sync.snapshot([count("1", "cola", 5)], at(20))
    await take(sync, [sale(1, 30)], source="feed")
    assert (await cola(sync))[0] == 5
    await take(sync, [sale(1, 10)], source="feed")
    assert (await cola(sync))[0] == 4


async def test_what_could_not_be_committed_has_not_happened(sync: Syncer) -> None:
    await stocked(sync)
    before = await sync.shelves(), len(await sync.log("levels")), await sync.value("SELECT count(*) FROM load")
    impossible = sale(1, 20, "\0 is no text that a database keeps")
    with pytest.raises(asyncpg.DataError):
        await take(sync, [sale(1, 30), impossible])
    after = await sync.shelves(), len(await sync.log("levels")), await sync.value("SELECT count(*) FROM load")
    assert after == before

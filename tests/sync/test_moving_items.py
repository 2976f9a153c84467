"""An item that is given another GTIN takes its stock along: nothing stays under the old one, nothing counts twice."""

import pytest

from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.feed import MovementRow, Row
from inventory_service.domain.report import Record
from inventory_service.domain.stock import NOTHING_KNOWN, Stock
from inventory_service.storage import stores
from inventory_service.storage.apply import apply_reports
from inventory_service.storage.postgres import transaction
from store_sync.undoing import undo
from tests.sync.world import GTIN, NOW, OTHER_GTIN, OWN_GTIN, Syncer, at, count, item, shop, stopped_clock

STOCK = [count("1", "d11", 4), count("1", "d12", 90)]


async def two_items(sync: Syncer) -> None:
    await sync.load([shop("1"), item("d11", GTIN), item("d12", OTHER_GTIN)], as_of=at(90))
    await sync.snapshot(STOCK, at(60))


async def swap(sync: Syncer) -> None:
    await sync.load([item("d11", OTHER_GTIN), item("d12", GTIN)], as_of=at(50))


async def ranks(sync: Syncer) -> dict[str, int]:
    return {row["item_id"]: row["rank"] for row in await sync.fetch("SELECT item_id, rank FROM item")}


async def test_two_items_that_swap_their_gtins_swap_their_stock(sync: Syncer) -> None:
    await two_items(sync)
    await swap(sync)
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 90}
    assert await ranks(sync) == {"d11": 0, "d12": 0}


async def test_after_the_next_snapshot_the_levels_are_the_files(sync: Syncer) -> None:
    await two_items(sync)
    await swap(sync)
    loaded = await sync.snapshot([count("1", "d11", 3), count("1", "d12", 80)], at(30))
    assert (loaded.shared_gtin, loaded.emptied) == (0, 0)
    assert await sync.quantities() == {("1", OTHER_GTIN): 3, ("1", GTIN): 80}
    await sync.snapshot([count("1", "d11", 0), count("1", "d12", 0)], at(20))
    assert await sync.quantities() == {("1", OTHER_GTIN): 0, ("1", GTIN): 0}


async def test_a_swap_in_two_files_ends_as_a_swap_in_one(sync: Syncer) -> None:
    await two_items(sync)
    await sync.load([item("d11", OTHER_GTIN)], as_of=at(50))
    assert await sync.quantities() == {("1", OTHER_GTIN): 94, ("1", GTIN): None}
    await sync.load([item("d12", GTIN)], as_of=at(49))
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 90}
    assert await ranks(sync) == {"d11": 0, "d12": 0}
    loaded = await sync.snapshot([count("1", "d11", 3), count("1", "d12", 80)], at(30))
    assert loaded.shared_gtin == 0
    assert await sync.quantities() == {("1", OTHER_GTIN): 3, ("1", GTIN): 80}


async def test_a_gtin_that_goes_from_one_item_to_another_leaves_no_stock_behind(sync: Syncer) -> None:
    await sync.load([shop("1"), item("i4", GTIN), item("i7", OTHER_GTIN)], as_of=at(90))
    await sync.snapshot([count("1", "i4", 5), count("1", "i7", 7)], at(60))
    await sync.load([item("i4", OWN_GTIN), item("i7", GTIN)], as_of=at(50))
    assert await sync.quantities() == {("1", OWN_GTIN): 5, ("1", GTIN): 7, ("1", OTHER_GTIN): None}
    await sync.snapshot([count("1", "i4", 1), count("1", "i7", 2)], at(30))
    assert await sync.quantities() == {("1", OWN_GTIN): 1, ("1", GTIN): 2, ("1", OTHER_GTIN): None}


async def test_of_what_nobody_tells_any_more_nothing_is_known(sync: Syncer) -> None:
    await sync.load([shop("1"), item("cola", GTIN)], as_of=at(90))
    await sync.load([count("1", "cola", 5, at(60))])
    await sync.load([item("cola", OTHER_GTIN)], as_of=at(50))
    left = (await sync.shelves())["acme", "1", GTIN]
    assert (left.stock, left.records) == (NOTHING_KNOWN, ())


async def test_a_place_that_was_left_is_taken_by_the_next_item_alone(sync: Syncer) -> None:
    await sync.load([shop("1"), item("cola", GTIN)], as_of=at(90))
    await sync.load([count("1", "cola", 5)], as_of=at(60))
    await sync.load([item("cola", OTHER_GTIN), item("kola", GTIN)], as_of=at(50))
    loaded = await sync.load([count("1", "kola", 2)], as_of=at(70))
    assert (loaded.applied, loaded.shared_gtin) == (1, 0)
    assert await sync.quantities() == {("1", OTHER_GTIN): 5, ("1", GTIN): 2}
    await sync.snapshot([count("1", "kola", 1)], at(30))
    assert await sync.quantities() == {("1", OTHER_GTIN): 0, ("1", GTIN): 1}


async def test_the_item_that_stays_is_no_longer_told_to_share(sync: Syncer) -> None:
    await sync.load([shop("1"), item("a", GTIN), item("b", GTIN)], as_of=at(90))
    first = await sync.snapshot([count("1", "a", 5), count("1", "b", 2)], at(60))
    await sync.load([item("a", OTHER_GTIN)], as_of=at(50))
    assert await sync.quantities() == {("1", OTHER_GTIN): 5, ("1", GTIN): 2}
    second = await sync.snapshot([count("1", "a", 4), count("1", "b", 1)], at(30))
    assert (first.shared_gtin, second.shared_gtin) == (1, 0)
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 1}


async def test_sales_go_with_their_item(sync: Syncer) -> None:
    await two_items(sync)
    sale = Row(2, movement=MovementRow("1", "sale", 3, at(55), "s1", "d12"), raw="sale")
    await sync.load([sale], source="till")
    await swap(sync)
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 87}
    await sync.load([sale], source="till")
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 87}


async def test_what_somebody_saw_stays_with_the_product(sync: Syncer) -> None:
    await two_items(sync)
    (product_id, store_id), *_ = [
        (row["product_id"], row["store_id"])
        for row in await sync.fetch("SELECT * FROM position JOIN product USING (product_id) WHERE gtin = $1", GTIN)
    ]
    async with transaction(sync.pool, deadline_s=5) as connection:
        retailer_id = await connection.fetchval("SELECT retailer_id FROM retailer WHERE slug = 'acme'")
        source_id = await stores.ensure_source(connection, retailer_id, STAFF, NOW)
        look = Record(at(40), at(40), Stock.exactly(7), source_id, kind="confirmation", load_id=-1)
        await apply_reports(connection, [((product_id, store_id), look)], NOW)
    await swap(sync)
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 7}


async def test_every_place_that_moved_is_logged_and_has_a_new_version(sync: Syncer) -> None:
    await two_items(sync)
    before = await sync.versions()
    await swap(sync)
    after = await sync.versions()
    assert {key: version - before[key][0] for key, (version, _) in after.items()} == dict.fromkeys(before, 1)
    entry = (await sync.log("levels"))[-1]
    assert set(zip(entry["ids"], entry["store_ids"], strict=True)) == set(before)


async def test_what_a_snapshot_only_repeated_is_not_forgotten(sync: Syncer) -> None:
    await two_items(sync)
    await sync.snapshot(STOCK, at(55))
    await swap(sync)
    await sync.load([count("1", "d11", 9, at(58))], as_of=at(58))
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 90}


async def test_a_load_can_still_be_taken_back(sync: Syncer) -> None:
    await two_items(sync)
    loaded = await sync.load([count("1", "d11", 5, at(58))], as_of=at(58))
    await swap(sync)
    assert await sync.quantities() == {("1", OTHER_GTIN): 5, ("1", GTIN): 90}
    await undo(sync.pool, loaded.load_id, stopped_clock())
    assert await sync.quantities() == {("1", OTHER_GTIN): 4, ("1", GTIN): 90}


async def test_other_retailers_are_not_touched(sync: Syncer) -> None:
    await sync.load([shop("9"), item("x", GTIN), count("9", "x", 6, at(60))], "bolt")
    await two_items(sync)
    await swap(sync)
    assert (await sync.shelves())["bolt", "9", GTIN].quantity == 6


async def test_a_file_that_changes_no_gtin_moves_nothing(sync: Syncer) -> None:
    await two_items(sync)
    before = await sync.versions()
    await sync.load([item("d11", GTIN, name="Cola"), item("d12", OTHER_GTIN, name="Soda"), item("new", OWN_GTIN)])
    assert await sync.versions() == before


@pytest.mark.parametrize("emptied", [22, 30])
async def test_places_that_were_left_do_not_hide_that_a_store_would_be_emptied(sync: Syncer, emptied: int) -> None:
    def gtin(number: int) -> str:
        body = f"0400000{number:06}"
        return body + str(-sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(body)) % 10)

    items = [f"i{number}" for number in range(40)]
    await sync.load([shop("1"), *(item(one, gtin(place)) for place, one in enumerate(items))], as_of=at(90))
    await sync.snapshot([count("1", one, 3) for one in items], at(60))
    await sync.load([item(one, gtin(place + 100)) for place, one in enumerate(items)], as_of=at(50))
    loaded = await sync.snapshot([count("1", one, 3) for one in items[emptied:]], at(40))
    assert (loaded.held, loaded.emptied) == (1, 0)

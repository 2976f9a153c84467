"""Stock that stayed under a product which its item is no longer is found by `verify`, and counts no more."""

from inventory_service.domain.stock import NOTHING_KNOWN
from inventory_service.storage.postgres import connected
from store_sync.strays import clear_strays
from tests.sync.world import GTIN, OTHER_GTIN, Syncer, at, count, item, shop, stopped_clock


async def cleared(sync: Syncer) -> tuple[int, list[str]]:
    lines: list[str] = []
    async with connected(sync.pool, deadline_s=5) as connection:
        return await clear_strays(connection, lines.append, stopped_clock()), lines


async def left_behind(sync: Syncer) -> None:
    """Two items that swapped their GTINs at a time when nothing moved with them."""
    await sync.load([shop("1"), item("a", GTIN), item("b", OTHER_GTIN)], as_of=at(90))
    await sync.snapshot([count("1", "a", 4), count("1", "b", 90)], at(60))
    await sync.fetch(
        "UPDATE item SET rank = 1, product_id = (SELECT product_id FROM item i WHERE i.item_id <> item.item_id)"
    )
    await sync.fetch("UPDATE retailer SET catalogue = catalogue + 1")
    await sync.load([count("1", "a", 3), count("1", "b", 80)], as_of=at(50))
    assert await sync.quantities() == {("1", GTIN): 84, ("1", OTHER_GTIN): 93}


async def test_leftovers_are_told_and_taken_out(sync: Syncer) -> None:
    await left_behind(sync)
    found, lines = await cleared(sync)
    assert found == 2
    assert [line.partition(": ")[2] for line in lines] == [
        "1 stores of acme counted an item that is another product now"
    ] * 2
    assert await sync.quantities() == {("1", GTIN): 80, ("1", OTHER_GTIN): 3}
    loaded = await sync.snapshot([count("1", "a", 2), count("1", "b", 70)], at(30))
    assert loaded.shared_gtin == 0
    assert await sync.quantities() == {("1", GTIN): 70, ("1", OTHER_GTIN): 2}


async def test_a_leftover_where_no_item_is_the_product_any_more_tells_nothing(sync: Syncer) -> None:
    await sync.load([shop("1"), item("a", GTIN), item("b", OTHER_GTIN)], as_of=at(90))
    await sync.load([count("1", "a", 4)], as_of=at(60))
    await sync.fetch("UPDATE item SET rank = 1, product_id = (SELECT product_id FROM item WHERE item_id = 'b')")
    assert (await cleared(sync))[0] == 1
    assert (await sync.shelves())["acme", "1", GTIN].stock == NOTHING_KNOWN
    assert await cleared(sync) == (0, [])


async def test_where_all_is_in_its_place_nothing_is_touched(sync: Syncer) -> None:
    await sync.load([shop("1"), item("a", GTIN), item("b", GTIN), count("1", "nameless", 2, at(60))], as_of=at(90))
    await sync.snapshot([count("1", "a", 4), count("1", "b", 2)], at(60))
    await sync.load([item("4711", OTHER_GTIN)], "bolt")
    await sync.load([item("nameless", OTHER_GTIN)], as_of=at(50))
    before = await sync.versions()
    assert await cleared(sync) == (0, [])
    assert await sync.versions() == before

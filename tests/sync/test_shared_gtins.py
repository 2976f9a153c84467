"""Two items of one retailer with one GTIN are one product, and what a store has of both adds up."""

from tests.sync.world import GTIN, Syncer, at, count, item, shop


async def test_counts_of_two_items_add_up_whichever_order_they_come_in(sync: Syncer) -> None:
    await sync.load([shop("1"), item("a", GTIN), item("b", GTIN)])
    loaded = await sync.load([count("1", "a", 5, at(60)), count("1", "b", 2, at(61))])
    assert (loaded.applied, loaded.unchanged, loaded.shared_gtin) == (2, 0, 1)
    assert await sync.quantities() == {("1", GTIN): 7}
    await sync.load([count("1", "b", 0, at(30))])
    assert await sync.quantities() == {("1", GTIN): 5}
    await sync.load([count("1", "a", 4, at(29))])
    assert await sync.quantities() == {("1", GTIN): 4}


async def test_they_add_up_when_the_gtin_arrives_after_the_stock(sync: Syncer) -> None:
    await sync.load(
        [shop("1"), shop("2"), count("1", "a", 5, at(60)), count("1", "b", 2, at(60)), count("2", "b", 1, at(60))]
    )
    await sync.load([item("a", GTIN), item("b", GTIN)])
    assert await sync.quantities() == {("1", GTIN): 7, ("2", GTIN): 1}
    await sync.load([count("1", "a", 6, at(50)), count("1", "b", 2, at(50))])
    assert await sync.quantities() == {("1", GTIN): 8, ("2", GTIN): 1}


async def test_a_snapshot_that_lists_neither_empties_both(sync: Syncer) -> None:
    await sync.load([shop("1"), item("a", GTIN), item("b", GTIN)])
    await sync.snapshot([count("1", "a", 5), count("1", "b", 2), count("1", "c", 1)], at(60))
    loaded = await sync.snapshot([count("1", "c", 1)], at(50))
    assert loaded.emptied == 1
    assert await sync.quantities() == {("1", GTIN): 0, ("1", "item c"): 1}

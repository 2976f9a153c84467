"""Items and products: what an item turns out to be, its stock follows."""

from decimal import Decimal
from typing import Any

from inventory_service.domain.offer import Money
from inventory_service.storage.offered import by_ids
from inventory_service.storage.postgres import connected
from tests.sync.world import GTIN, OTHER_GTIN, Shelf, Syncer, at, count, item, shop

STORES = [shop("1"), shop("2")]


async def product_ids(sync: Syncer) -> dict[str, tuple[int, int | None]]:
    """GTIN or name → (product_id, merged_into)."""
    rows = await sync.fetch("SELECT coalesce(gtin, name, '?') AS name, product_id, merged_into FROM product")
    return {row["name"]: (row["product_id"], row["merged_into"]) for row in rows}


async def shelf(sync: Syncer, code: str, product: str) -> Shelf:
    return (await sync.shelves())["acme", code, product]


async def test_a_gtin_that_arrives_later_is_given_to_the_items_own_product(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4, at(30))])
    before = await sync.value("SELECT product_id FROM item")
    await sync.load([item("cola", GTIN, name="Cola")])
    assert await product_ids(sync) == {GTIN: (before, None)}
    assert await sync.value("SELECT owner_id FROM product") is None
    assert (await shelf(sync, "1", GTIN)).quantity == 4


async def test_a_gtin_that_somebody_else_has_merges_the_product_and_the_stock_moves(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4, at(30)), count("2", "cola", 0, at(20))], as_of=at(9))
    old = await sync.value("SELECT product_id FROM item")
    await sync.load([item("4711", GTIN, name="Cola")], "bolt")
    new = await sync.value("SELECT product_id FROM product WHERE gtin = $1", GTIN)
    await sync.load([item("cola", GTIN, name="Acme cola")])
    assert await sync.value("SELECT merged_into FROM product WHERE product_id = $1", old) == new
    assert await sync.value("SELECT product_id FROM item WHERE item_id = 'cola'") == new
    moved = await shelf(sync, "1", GTIN)
    assert (moved.quantity, moved.observed_at, moved.as_of) == (4, at(30), at(9))
    assert (await shelf(sync, "2", GTIN)).quantity == 0


async def test_stock_and_gtin_in_one_file_end_alike_in_either_order(sync: Syncer) -> None:
    stock, described = count("1", "cola", 4, at(30)), item("cola", GTIN, name="Cola")
    await sync.load([*STORES, stock, described], "first")
    await sync.load([*STORES, described, stock], "second")
    shelves = await sync.shelves()
    assert shelves["first", "1", GTIN] == shelves["second", "1", GTIN]
    assert len(await product_ids(sync)) == 1


async def test_after_a_merge_what_the_store_has_of_both_items_adds_up(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "old", 4, at(30)), count("1", "new", 9, at(60), gtin=GTIN)], as_of=at(9))
    await sync.load([item("old", GTIN)])
    assert (await shelf(sync, "1", GTIN)).quantity == 13
    assert len((await shelf(sync, "1", GTIN)).records) == 2


async def test_a_merge_keeps_what_a_snapshot_stood_by(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4, at(60))], as_of=at(60))
    await sync.snapshot([count("1", "cola", 4)], at(20))
    await sync.load([item("4711", GTIN, name="Cola")], "bolt")
    await sync.load([item("cola", GTIN)], as_of=at(10))
    assert (await shelf(sync, "1", GTIN)).quantity == 4


async def test_the_merged_product_and_its_new_self_are_both_logged(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4, at(30))])
    old = await sync.value("SELECT product_id FROM item")
    await sync.load([item("4711", GTIN)], "bolt")
    new = await sync.value("SELECT product_id FROM product WHERE gtin = $1", GTIN)
    await sync.load([item("cola", GTIN)])
    assert (await sync.log("products"))[-1]["ids"] == sorted([old, new])
    assert (new, 1) in [
        (product, store) for entry in await sync.log("levels")
        for product, store in zip(entry["ids"], entry["store_ids"], strict=True)
    ]  # fmt: skip


async def test_an_item_that_is_given_another_gtin_changes_both_products(sync: Syncer) -> None:
    """The offers of the product that it leaves are no longer those that are cached."""
    await sync.load([item("cola", GTIN, price=Money(Decimal(1), "USD"))])
    before = await sync.value("SELECT product_id FROM item")
    await sync.load([item("cola", OTHER_GTIN)])
    after = await sync.value("SELECT product_id FROM item")
    assert after != before
    assert set((await sync.log("products"))[-1]["ids"]) == {before, after}


async def test_two_items_of_one_file_that_turn_out_to_be_one_product_become_one(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "a", 1, at(30)), count("2", "b", 2, at(30))])
    await sync.load([item("a", GTIN), item("b", GTIN)])
    assert await sync.quantities() == {("1", GTIN): 1, ("2", GTIN): 2}
    assert await sync.value("SELECT count(*) FROM product WHERE merged_into IS NULL") == 1


async def test_a_merge_that_is_replayed_changes_nothing(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4, at(30))])
    await sync.load([item("4711", GTIN)], "bolt")
    await sync.load([item("cola", GTIN)], as_of=at(5))
    before = await sync.versions(), await product_ids(sync)
    loaded = await sync.load([item("cola", GTIN)], as_of=at(5))
    assert (loaded.applied, loaded.unchanged) == (0, 1)
    assert (await sync.versions(), await product_ids(sync)) == before


async def test_the_first_retailer_to_name_a_product_keeps_its_name(sync: Syncer) -> None:
    await sync.load([item("cola", GTIN, name="Cola")], "acme")
    loaded = await sync.load([item("k", GTIN, name="Kola")], "bolt")
    assert loaded.applied == 1
    assert await sync.value("SELECT name FROM product") == "Cola"


async def test_an_older_file_does_not_rename_or_reprice(sync: Syncer) -> None:
    def told(name: str, amount: int) -> Any:
        return item("cola", GTIN, name=name, price=Money(Decimal(amount), "USD"))

    await sync.load([told("Cola new", 3)], as_of=at(10))
    loaded = await sync.load([told("Cola old", 2)], as_of=at(60))
    assert (loaded.applied, loaded.unchanged) == (0, 1)
    async with connected(sync.pool, deadline_s=5) as connection:
        (product,) = await by_ids(connection, [1])
    assert product.name == "Cola new"
    assert [offer.price for offer in product.offers.values()] == [Money(Decimal(3), "USD")]


async def test_a_row_that_leaves_a_field_out_does_not_take_it_back(sync: Syncer) -> None:
    await sync.load([item("cola", GTIN, name="Cola", brand="Acme")], as_of=at(10))
    await sync.load([item("cola", GTIN, name="Cola 1 l")], as_of=at(5))
    row = await sync.fetch("SELECT name, brand FROM product")
    assert tuple(row[0]) == ("Cola 1 l", "Acme")

"""Stock of stores that nobody has described yet: listed, kept, and applied once the store loads."""

from decimal import Decimal
from random import Random

from inventory_service.domain.offer import Details, Money
from tests.sync.world import GTIN, NOW, Syncer, at, count, item, shop


async def test_stock_of_an_unknown_store_is_listed_and_applied_when_the_store_loads(sync: Syncer) -> None:
    details = Details(price=Money(Decimal("2.50"), "USD"))
    loaded = await sync.load([count("7", "cola", 4, at(30), line=5, gtin=GTIN, details=details)], as_of=at(20))
    assert (loaded.applied, loaded.rejected, loaded.reasons) == (0, 1, {"unknown_store": 1})
    (listed,) = await sync.rejected()
    assert (listed["line"], listed["field"], listed["store_code"], listed["resolved_at"]) == (
        5,
        "store_code",
        "7",
        None,
    )
    await sync.load([shop("7")])
    shelf = (await sync.shelves())["acme", "7", GTIN]
    assert (shelf.quantity, shelf.observed_at, shelf.as_of, shelf.details) == (4, at(30), at(20), details)
    (listed,) = await sync.rejected()
    assert listed["resolved_at"] == NOW


async def test_what_was_parked_is_applied_once(sync: Syncer) -> None:
    await sync.load([count("7", "cola", 4, at(30))])
    await sync.load([shop("7")])
    before = await sync.versions()
    await sync.load([shop("7"), shop("8")])
    assert await sync.versions() == before


async def test_a_store_without_a_point_stays_unknown_until_some_row_tells_it(sync: Syncer) -> None:
    loaded = await sync.load([shop("7", point=None), count("7", "cola", 4, at(30))])
    assert loaded.reasons == {"invalid_point": 1, "unknown_store": 1}
    await sync.load([shop("7")])
    assert await sync.quantities() == {("7", "item cola"): 4}


async def test_a_row_without_a_point_is_applied_where_another_row_of_its_chunk_has_it(sync: Syncer) -> None:
    loaded = await sync.load([shop("7", point=None), count("7", "cola", 4, at(30)), shop("7")])
    assert loaded.rejected == 0
    assert await sync.quantities() == {("7", "item cola"): 4}


async def test_parked_stock_of_one_retailer_is_not_applied_to_a_namesake_of_another(sync: Syncer) -> None:
    await sync.load([count("7", "cola", 4, at(30))], "acme")
    await sync.load([shop("7")], "bolt")
    assert await sync.quantities() == {}


async def test_when_the_store_loads_makes_no_difference_to_the_levels(sync: Syncer) -> None:
    for seed in range(8):
        rng = Random(seed)
        feeds = [
            (
                [
                    count(rng.choice("12"), rng.choice("xy"), rng.randint(0, 2), at(rng.randint(5, 9)), line=n)
                    for n in range(5)
                ],
                at(rng.randint(1, 4)),
            )
            for _ in range(4)
        ]
        for retailer, place in ((f"first-{seed}", 0), (f"between-{seed}", rng.randint(1, 3)), (f"last-{seed}", 4)):
            for number, (lines, as_of) in enumerate([*feeds, ([], at(1))]):
                if number == place:
                    await sync.load([shop("1"), shop("2")], retailer)
                await sync.load(lines, retailer, as_of=as_of)
    shelves = await sync.shelves()
    firsts = {key: shelf for key, shelf in shelves.items() if key[0].startswith("first")}
    assert len(firsts) > 15
    for (retailer, *rest), shelf in firsts.items():
        assert shelves[retailer.replace("first", "between"), *rest] == shelf
        assert shelves[retailer.replace("first", "last"), *rest] == shelf


async def test_a_dry_run_does_not_release_what_is_parked(sync: Syncer) -> None:
    from tests.sync.world import order

    await sync.load([count("7", "cola", 4, at(30))])
    await sync.loader.rehearse(order(), [shop("7")])
    (listed,) = await sync.rejected()
    assert listed["resolved_at"] is None


async def test_parked_stock_of_an_item_whose_product_was_merged_meanwhile_finds_the_new_one(sync: Syncer) -> None:
    await sync.load([item("cola", GTIN, name="Cola")], "bolt")
    await sync.load([count("7", "c-1", 4, at(30))])
    await sync.load([item("c-1", GTIN)])
    await sync.load([shop("7")])
    assert await sync.quantities() == {("7", GTIN): 4}

"""Products as answers tell them: with the price of each retailer that lists them, and with what the snapshot saw."""

from decimal import Decimal

from inventory_service.domain.offer import Money
from inventory_service.domain.product import Product
from inventory_service.storage import changes, offered
from inventory_service.storage.postgres import connected
from tests.sync.world import GTIN, OTHER_GTIN, OWN_GTIN, Syncer, at, item


def dollars(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


async def test_each_retailer_that_lists_a_product_offers_it_at_the_first_price_that_it_tells(sync: Syncer) -> None:
    await sync.load(
        [item("a", GTIN, name="Cola"), item("c", GTIN, price=dollars("3")), item("b", GTIN, price=dollars("2"))]
    )
    for number in range(2, 12):
        await sync.load([item("x", GTIN, price=dollars(str(number)))], f"r{number}")
    await sync.load([item("y", GTIN)], "r12")
    found = await told(sync, GTIN, None)
    assert found is not None
    assert list(found.offers) == list(range(1, 13))
    amounts = [offer.price and offer.price.amount for offer in found.offers.values()]
    assert amounts == [2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, None]


async def test_a_product_is_the_same_by_whatever_it_is_found(sync: Syncer) -> None:
    await sync.load([item("a", GTIN, name="Cola", price=dollars("1")), item("o", OWN_GTIN, name="Bread")])
    for gtin, owner_id in ((GTIN, None), (OWN_GTIN, 1)):
        found = await told(sync, gtin, owner_id)
        assert found is not None
        async with connected(sync.pool, deadline_s=5) as connection:
            assert (await offered.by_id(connection, found.product_id)).product == found
            assert await offered.by_ids(connection, [found.product_id, 999]) == [found]


async def test_nobody_knows_anothers_own_number_or_what_is_not_there(sync: Syncer) -> None:
    await sync.load([item("o", OWN_GTIN, name="Bread")])
    asked = [(OWN_GTIN, None), (OWN_GTIN, 2), (OTHER_GTIN, None)]
    assert [await told(sync, *one) for one in asked] == [None] * 3
    async with connected(sync.pool, deadline_s=5) as connection:
        assert (await offered.by_id(connection, 999)).product is None


async def test_known_or_not_what_the_snapshot_saw_is_told_with_it(sync: Syncer) -> None:
    await sync.load([item("a", GTIN)])
    async with connected(sync.pool, deadline_s=5) as connection:
        before = await changes.horizon(connection)
        found = [await offered.by_gtin(connection, gtin, None) for gtin in (GTIN, OTHER_GTIN)]
        after = await changes.horizon(connection)
    assert all(one.horizon.covers(before) and after.covers(one.horizon) for one in found)


async def test_products_by_id_come_with_the_gtin_that_they_are_known_by_but_for_merged_ones(sync: Syncer) -> None:
    await sync.load([item("a", GTIN), item("b", OWN_GTIN), item("c")], as_of=at(60))
    await sync.load([item("d", name="Cola, loose")])
    await sync.load([item("d", GTIN)])
    async with connected(sync.pool, deadline_s=5) as connection:
        assert await offered.last_product(connection) == 4
        identities = dict(await offered.identities(connection, 1, 3))
        assert await offered.identities(connection, 4, 9) == []
    assert sorted(map(str, identities.values())) == sorted(map(str, [(GTIN, None), (OWN_GTIN, 1), None]))


async def told(sync: Syncer, gtin: str, owner_id: int | None) -> Product | None:
    async with connected(sync.pool, deadline_s=5) as connection:
        return (await offered.by_gtin(connection, gtin, owner_id)).product

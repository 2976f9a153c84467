"""Products themselves in Redis: filled under leases, and never told as they were before."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from random import Random

import pytest

from inventory_service.domain.feed import ProductRow, Row
from inventory_service.domain.offer import Money, SalePrice
from inventory_service.domain.product import Product
from inventory_service.lookup.products import Products
from inventory_service.storage import offered
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.product import decode, encode
from inventory_service.storage.postgres import connected
from store_sync.publish.fill import Rebuilt
from store_sync.publish.fill_products import ProductFiller
from store_sync.rebuild import rebuild
from tests.publish.house import House, caught_up, ended, running
from tests.sync.world import GTIN, OTHER_GTIN, OWN_GTIN, at, item

COLA, OWN = keys.gtin(GTIN, None), keys.gtin(OWN_GTIN, 1)

Happening = Callable[[House], Awaitable[None]]


def silent(_at: int, _of: int) -> None:
    """Nobody looks."""


async def cached(house: House) -> dict[str, bytes]:
    """Every cached product by its key."""
    names = [name.decode() async for name in house.redis.scan_iter(keys.EVERY_VALUE)]
    told = [name for name in names if "{g" in name or name.endswith(":p")]
    return {name: value for name in told if (value := await house.redis.get(name)) is not None}


async def held(house: House, name: str) -> bytes:
    """What Postgres would have a key hold."""
    kind, _, rest = name.removeprefix(keys.PREFIX + "{").partition("}:")
    async with connected(house.pool, deadline_s=5) as connection:
        if kind[0] != "g":
            return encode((await offered.by_id(connection, int(kind))).product)
        return encode((await offered.by_gtin(connection, kind[1:], int(rest) if rest else None)).product)


async def told(house: House, name: str) -> Product:
    value = await house.redis.get(name)
    assert value is not None
    product = decode(value)
    assert product is not None
    return product


async def products_are_true(house: House) -> bool:
    return all([value == await held(house, name) for name, value in (await cached(house)).items()])


async def listed(house: House) -> None:
    """One that anybody may have, one retailer's own number, one that only has an id."""
    price = Money(Decimal("1.50"), "USD")
    await house.sync.load(
        [
            item("cola", GTIN, name="Cola", price=price),
            item("own", OWN_GTIN, name="Bread"),
            item("loose", name="Nails"),
        ],
        as_of=at(600),
    )
    await house.sync.load([item("4711", GTIN, name="Coke")], "other", as_of=at(600))


async def id_of(house: House, item_id: str) -> int:
    return int(await house.sync.value("SELECT product_id FROM item WHERE item_id = $1", item_id))


async def test_a_rebuilding_fills_products_by_their_gtin_and_by_their_id_only_where_they_have_none(
    house: House,
) -> None:
    async with running(house.one.publisher):
        await listed(house)
        await caught_up(house)
        assert await rebuild(house.pool, house.one.cache, [], silent) == Rebuilt(0, 0, 0, 0, 3)
        loose = keys.product(await id_of(house, "loose"))
        assert set(await cached(house)) == {COLA, OWN, loose}
        assert await products_are_true(house)
        assert (await told(house, COLA)).name == "Cola"
        assert len((await told(house, COLA)).offers) == 2
        assert [await house.redis.pttl(name) for name in (COLA, OWN, loose)] == [-1, -1, -1]


async def test_what_was_filled_is_told_without_postgres(house: House) -> None:
    async with running(house.one.publisher):
        await listed(house)
        await caught_up(house)
        await rebuild(house.pool, house.one.cache, [], silent)
        loose = await id_of(house, "loose")
        await house.sync.fetch("ALTER TABLE product RENAME TO gone")
        worker = Products(house.one.through, house.pool, 5.0)
        found = [await worker.by_gtin(GTIN, None), await worker.by_gtin(OWN_GTIN, 1), await worker.by_id(loose)]
    assert [product and product.name for product in found] == ["Cola", "Bread", "Nails"]


async def test_a_rebuilding_stores_what_a_worker_would_have_stored(house: House) -> None:
    async with running(house.one.publisher):
        await listed(house)
        await caught_up(house)
        await rebuild(house.pool, house.one.cache, [], silent)
        filled = await cached(house)
        await house.one.cache.forget(list(filled))
        loose = await id_of(house, "loose")
        worker = Products(house.one.through, house.pool, 5.0)
        for read in (worker.by_gtin(GTIN, None), worker.by_gtin(OWN_GTIN, 1), worker.by_id(loose)):
            await read
        assert await cached(house) == filled
        assert [await house.redis.pttl(name) for name in filled] == [-1, -1, -1]


async def test_a_second_copy_by_id_is_not_kept_for_good(house: House) -> None:
    async with running(house.one.publisher):
        await listed(house)
        await caught_up(house)
        cola = await id_of(house, "cola")
        await Products(house.one.through, house.pool, 5.0).by_id(cola)
        assert 0 < await house.redis.pttl(keys.product(cola)) <= keys.SECOND_COPY_MS


async def test_only_products_named_are_filled(house: House) -> None:
    async with running(house.one.publisher):
        await listed(house)
        await caught_up(house)
        ids = [await id_of(house, "own"), 999_999]
        assert await rebuild(house.pool, house.one.cache, ids, silent) == Rebuilt(0, 0, 0, 0, 1)
        assert set(await cached(house)) == {OWN}


async def test_what_is_there_is_left_and_counts_as_filled(house: House) -> None:
    await listed(house)
    there = encode(Product(1, GTIN, "Cola", None, None))
    await house.redis.set(COLA, there)
    async with connected(house.pool, deadline_s=5) as connection:
        assert await ProductFiller(connection, house.one.cache).fill(1, 100) == (3, 0)
    assert await house.redis.get(COLA) == there


async def test_what_an_earlier_release_has_left_is_replaced(house: House) -> None:
    await listed(house)
    await house.redis.set(COLA, b'[1,"00300691085301","Cola",null,null,null,null,null,{}]', px=60_000)
    async with connected(house.pool, deadline_s=5) as connection:
        assert await ProductFiller(connection, house.one.cache).fill(1, 100) == (3, 0)
    assert await products_are_true(house)
    assert await house.redis.pttl(COLA) == -1


async def test_a_product_that_a_worker_fills_is_left_to_it(house: House) -> None:
    await listed(house)
    leases = await house.one.cache.lease([COLA])
    async with connected(house.pool, deadline_s=5) as connection:
        assert await ProductFiller(connection, house.one.cache).fill(1, 100) == (2, 1)
    assert set(await house.one.cache.fill(leases, {COLA: b"the worker's"}, 0)) == {COLA}


async def test_a_product_that_has_turned_out_to_be_another_is_not_filled(house: House) -> None:
    await house.sync.load([item("cola", GTIN, name="Cola"), item("loose", name="Cola, loose")])
    before = await id_of(house, "loose")
    await house.sync.load([item("loose", GTIN)])
    assert await id_of(house, "loose") != before
    async with connected(house.pool, deadline_s=5) as connection:
        assert await ProductFiller(connection, house.one.cache).fill(1, 100) == (1, 0)
    assert set(await cached(house)) == {COLA}


class Between(Cache):
    """Lets something happen, once, after products were read and before they are stored."""

    def __init__(self, house: House, happens: Happening) -> None:
        super().__init__(house.redis)
        self._house, self._happens = house, [happens]

    async def fill(self, leases: Mapping[str, str], values: Mapping[str, bytes], lifetime_ms: int) -> set[str]:
        while self._happens:
            await self._happens.pop()(self._house)
        return await super().fill(leases, values, lifetime_ms)


async def renamed(house: House) -> None:
    await house.sync.load([item("cola", GTIN, name="Cola, new"), item("own", OWN_GTIN, name="Bread, new")])
    await house.sync.load([item("loose", name="Nails, new")])


async def priced(house: House) -> None:
    for item_id, gtin in (("cola", GTIN), ("own", OWN_GTIN), ("loose", None)):
        await house.sync.load([item(item_id, gtin, price=Money(Decimal("7.77"), "USD"))])


async def listed_by_one_more(house: House) -> None:
    await house.sync.load([item("c1", GTIN)], "third")


async def known_by_a_gtin(house: House) -> None:
    await house.sync.load([item("loose", OTHER_GTIN)])


async def merged(house: House) -> None:
    await house.sync.load([item("loose", GTIN)])


async def leaving(house: House) -> None:
    """A retailer's item turns out to be something else."""
    await house.sync.load([item("4711", OTHER_GTIN, name="Tea")], "other")


CHANGES = [renamed, priced, listed_by_one_more, known_by_a_gtin, merged, leaving]


async def test_a_product_renamed_while_it_is_filled_is_told_by_its_new_name(house: House) -> None:
    async def renamed_and_published(house: House) -> None:
        await renamed(house)
        await caught_up(house)

    async with running(house.one.publisher), connected(house.pool, deadline_s=5) as connection:
        await listed(house)
        await caught_up(house)
        assert await ProductFiller(connection, Between(house, renamed_and_published)).fill(1, 100) == (3, 0)
        assert {(await told(house, name)).name for name in await cached(house)} == {
            "Cola, new",
            "Bread, new",
            "Nails, new",
        }


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changes_while_products_are_filled_is_not_told_as_it_was(house: House, change: Happening) -> None:
    async def changed_and_published(house: House) -> None:
        await change(house)
        await caught_up(house)

    async with running(house.one.publisher), connected(house.pool, deadline_s=5) as connection:
        await listed(house)
        await caught_up(house)
        await ProductFiller(connection, Between(house, changed_and_published)).fill(1, 100)
        assert await cached(house)
        assert await products_are_true(house)


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changes_and_is_published_after_products_were_filled_is_not_told_as_it_was(
    house: House, change: Happening
) -> None:
    await listed(house)
    async with running(house.one.publisher):
        await caught_up(house)
    async with connected(house.pool, deadline_s=5) as connection:
        assert await ProductFiller(connection, Between(house, change)).fill(1, 100) == (3, 0)
    assert not await products_are_true(house)
    async with running(house.one.publisher):
        await caught_up(house)
        assert await products_are_true(house)


GTINS = [GTIN, OTHER_GTIN, OWN_GTIN, "02000000000015"]
RETAILERS = ["acme", "other"]


def news(dice: Random) -> ProductRow:
    price = Money(Decimal(dice.randrange(1, 4)), "USD")
    return ProductRow(
        dice.choice("abcdef"),
        dice.choice([*GTINS, None, None]),
        name=dice.choice([None, "Cola", "Tea"]),
        brand=dice.choice([None, "B"]),
        price=dice.choice([None, price]),
        sale_price=dice.choice([None, SalePrice(price, at(100), None)]),
    )


async def everything_asked_for(house: House) -> None:
    """Every product by every key there may be, known or not."""
    worker = Products(house.one.through, house.pool, 5.0)
    for gtin in GTINS:
        for owner_id in (None, 1, 2):
            await worker.by_gtin(gtin, owner_id)
    for product_id in range(1, 1 + await house.sync.value("SELECT count(*) + 5 FROM product")):
        await worker.by_id(product_id)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_becomes_of_products_nothing_old_stays_cached(house: House, seed: int) -> None:
    """Named, priced, listed, given a GTIN, merged: everything is cached before, and nothing of it is untrue after."""
    dice = Random(seed)
    async with running(house.one.publisher):
        for step in range(15):
            await caught_up(house)
            await everything_asked_for(house)
            before = len(await cached(house))
            rows = [Row(line, product=news(dice), raw=f"{line}") for line in range(dice.randrange(1, 4))]
            await house.sync.load(rows, dice.choice(RETAILERS), as_of=at(900 - step))
            await caught_up(house)
            assert before >= len(GTINS) * 3
            assert await products_are_true(house)


async def test_products_that_change_while_they_are_filled_and_asked_for_stay_the_newer_ones(house: House) -> None:
    dice = Random(7)

    async def writing() -> None:
        for number in range(100_000):
            rows = [Row(line, product=news(dice), raw=f"{line}") for line in range(3)]
            await house.sync.load(rows, dice.choice(RETAILERS), as_of=at(900 - number / 1_000))

    async with running(house.one.publisher):
        await listed(house)
        await caught_up(house)
        writer = asyncio.create_task(writing())
        for _ in range(15):
            await rebuild(house.pool, house.one.cache, [], silent)
            await everything_asked_for(house)
        await ended(writer)
        await caught_up(house)
        assert await cached(house)
        assert await products_are_true(house)

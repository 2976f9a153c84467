"""Redis filled from Postgres while both serve."""

import asyncio

import pytest

from geo.point import Point
from inventory_service.domain.errors import ConfigurationError
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import encode
from store_sync.publish import fill
from store_sync.publish.fill import Rebuilt
from store_sync.rebuild import rebuild
from tests.publish.house import House, caught_up, ended, running
from tests.sync.world import at, count, shop

NAMES = [f"p{number}" for number in range(12)]


def silent(_at: int, _of: int) -> None:
    """Nobody looks."""


async def stocked(house: House) -> list[int]:
    """Twelve products at three stores; their ids."""
    await house.sync.load([count(code, name, 3) for name in NAMES for code in "123"], as_of=at(600))
    await caught_up(house)
    return [row["product_id"] for row in await house.sync.fetch("SELECT product_id FROM item ORDER BY 1")]


async def test_every_block_that_holds_something_is_filled_and_believed(house: House) -> None:
    async with running(house.one.publisher):
        await stocked(house)
        assert await rebuild(house.pool, house.one.cache, [], silent) == Rebuilt(12, 12, 36, 0, 12)
        assert len(await house.blocks()) == 12
        assert await house.cache_is_true()
        assert (await house.read("p7")).from_cache


async def test_neighbourhoods_of_who_lists_a_product_are_filled_though_nobody_there_has_it(house: House) -> None:
    async with running(house.one.publisher):
        await stocked(house)
        await house.sync.load([shop("far", point=Point(25.8, -80.2))])
        await caught_up(house)
        assert await rebuild(house.pool, house.one.cache, [], silent) == Rebuilt(12, 12, 36, 0, 12)
        blocks = await house.blocks()
        assert len(blocks) == 24
        assert list(blocks.values()).count(encode([])) == 12
        await house.sync.load([count("far", "p7", 5)])
        await caught_up(house)
        assert list((await house.blocks()).values()).count(encode([])) == 11
        assert await house.cache_is_true()


async def test_only_the_products_named_are_filled(house: House) -> None:
    async with running(house.one.publisher):
        ids = await stocked(house)
        told: list[tuple[int, int]] = []
        done = await rebuild(house.pool, house.one.cache, [ids[3], ids[5], 999_999], lambda *step: told.append(step))
        assert (done, told) == (Rebuilt(2, 2, 6, 0, 2), [(1, 3), (2, 3), (3, 3)])
        assert {name.partition("}")[0] for name in await house.blocks()} == {f"ns1:{{{ids[3]}", f"ns1:{{{ids[5]}"}


async def test_what_is_wrong_is_replaced(house: House) -> None:
    async with running(house.one.publisher):
        ids = await stocked(house)
        await rebuild(house.pool, house.one.cache, [], silent)
        right = await house.blocks()
        for name in list(right)[:6]:
            await house.redis.set(name, encode([]))
        assert (await rebuild(house.pool, house.one.cache, ids, silent)).left == 0
        assert await house.blocks() == right


async def test_an_interrupted_rebuilding_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut small, so that it can be interrupted between two steps; the size of a step is a constant of the module."""
    monkeypatch.setattr(fill, "LEVELS_AT_ONCE", 6)
    monkeypatch.setattr(fill, "PRODUCTS_AT_FIRST", 2)
    told: list[int] = []

    class InterruptedError(Exception):
        pass

    def interrupting(at: int, _of: int) -> None:
        told.append(at)
        if at >= ids[5]:
            raise InterruptedError

    async with running(house.one.publisher):
        ids = await stocked(house)
        with pytest.raises(InterruptedError):
            await rebuild(house.pool, house.one.cache, [], interrupting)
        left = sum(1 for one in ids if one > told[-1])
        assert 0 < left < 7
        resumed = await rebuild(house.pool, house.one.cache, [], silent)
        assert (resumed.products, resumed.blocks, resumed.levels) == (left, left, 3 * left)
        assert resumed.described + resumed.left == left, "a product's lease may be that of a step that was cut off"
        assert len(await house.blocks()) == 12
        async with asyncio.timeout(30):
            while (again := await rebuild(house.pool, house.one.cache, [], silent)).left:
                """Those leases have not ended yet."""
        assert again == Rebuilt(12, 12, 36, 0, 12)


async def test_products_of_more_levels_than_a_step_are_filled_one_by_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "LEVELS_AT_ONCE", 2)
    async with running(house.one.publisher):
        await stocked(house)
        assert await rebuild(house.pool, house.one.cache, [], silent) == Rebuilt(12, 12, 36, 0, 12)
        assert await house.cache_is_true()


async def test_a_redis_that_no_publisher_has_seen_is_not_filled(house: House) -> None:
    with pytest.raises(ConfigurationError, match="store_sync serve"):
        await rebuild(house.pool, house.one.cache, [], silent)
    assert await house.redis.keys("*") == []


async def test_levels_that_change_meanwhile_stay_the_newer_ones(house: House) -> None:
    async with running(house.one.publisher):
        await stocked(house)

        async def writing() -> None:
            for number in range(100_000):
                lines = [count("1", name, number % 7, line=line) for line, name in enumerate(NAMES)]
                await house.sync.load(lines, as_of=at(500 - number / 1_000))

        writer = asyncio.create_task(writing())
        for _ in range(15):
            await rebuild(house.pool, house.one.cache, [], silent)
        await ended(writer)
        await caught_up(house)
        assert await house.blocks()
        assert await house.cache_is_true()
        assert await house.redis.exists(keys.REBUILT) == 0

"""Whatever goes wrong in Redis is found, told and put right; what is merely under way is not."""

import asyncio
from random import Random

import orjson
import pytest

from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import ENTRY, Packed, assemble, encode, parts
from inventory_service.storage.postgres import connected
from store_sync.verify import Verified, Verifier
from tests.publish.house import House, caught_up, ended, running
from tests.sync.world import GTIN, at, count, item

DETAILED = [count("1", "cola", 5), count("2", "cola", 70_000), count("3", "cola", 0)]


async def verified(house: House) -> tuple[Verified, list[str]]:
    lines: list[str] = []
    async with connected(house.pool, deadline_s=30) as connection:
        return await Verifier(connection, house.one.cache, lines.append).run(), lines


async def filled(house: House) -> str:
    """Three levels in one cached block; its key."""
    await house.sync.load(DETAILED, as_of=at(60))
    await caught_up(house)
    await house.read()
    ((name, _),) = (await house.blocks()).items()
    return name


async def test_a_cache_that_is_right_is_left_as_it_is(house: House) -> None:
    async with running(house.one.publisher):
        await filled(house)
        before = await house.blocks()
        found, lines = await verified(house)
        assert lines == []
        assert (found.blocks, found.levels, found.different, found.live) == (1, 3, 0, True)
        assert await house.blocks() == before


def with_first(block: bytes, low: int, version: int = 0) -> bytes:
    """Slot 0 with that count; its version moved by so many."""
    held = parts(block)
    slot, flags, _, held_version, *moment = ENTRY.unpack(held[0].entry)
    return assemble({**held, 0: Packed(ENTRY.pack(slot, flags, low, held_version + version, *moment), held[0].extra)})


def other_count(block: bytes) -> bytes:
    """Slot 0 has another count under the same version."""
    return with_first(block, low=9)


def older(block: bytes) -> bytes:
    """Slot 0 is behind by one version."""
    return with_first(block, low=6, version=-1)


def newer(block: bytes) -> bytes:
    return with_first(block, low=6, version=7)


def in_another_slot(block: bytes) -> bytes:
    held = parts(block)
    moved = held.pop(0)
    held[99] = type(moved)(bytes([99]) + moved.entry[1:], moved.extra)
    return assemble(held)


def without_the_last(block: bytes) -> bytes:
    held = parts(block)
    del held[2]
    return assemble(held)


def with_one_too_many(block: bytes) -> bytes:
    held = parts(block)
    held[77] = type(held[0])(bytes([77]) + held[0].entry[1:], held[0].extra)
    return assemble(held)


def other_extra(block: bytes) -> bytes:
    return block.replace((70_000).to_bytes(4, "little"), (70_001).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("damage", "different", "missing", "phantom"),
    [
        (other_count, 1, 0, 0),
        (older, 1, 0, 0),
        (newer, 1, 0, 0),
        (in_another_slot, 2, 1, 1),
        (without_the_last, 1, 1, 0),
        (with_one_too_many, 1, 0, 1),
        (other_extra, 1, 0, 0),
        (lambda _: encode([]), 3, 3, 0),
        (lambda block: block[:-3], 1, 0, 0),
        (lambda block: block[:9], 1, 0, 0),
        (lambda block: b"\x09" + block[1:], 1, 0, 0),
        (lambda block: block + b"\x00", 1, 0, 0),
        (lambda _: b"", 1, 0, 0),
    ],
)
async def test_a_block_that_went_wrong_is_told_and_put_right(
    house: House, damage: object, different: int, missing: int, phantom: int
) -> None:
    async with running(house.one.publisher):
        name = await filled(house)
        right = await house.redis.get(name)
        await house.redis.set(name, damage(right))
        found, lines = await verified(house)
        assert (found.different, found.missing, found.phantom) == (different, missing, phantom)
        assert found.repaired == found.different == len(lines)
        assert all("Redis says" in line and "Postgres says" in line for line in lines)
        assert await house.redis.get(name) == right
        assert (await verified(house))[0].different == 0


async def test_a_difference_names_the_product_the_store_and_both_sides(house: House) -> None:
    async with running(house.one.publisher):
        name = await filled(house)
        await house.redis.set(name, other_count(await house.redis.get(name)))
        _, (line,) = await verified(house)
    product_id = await house.sync.value("SELECT product_id FROM item WHERE item_id = 'cola'")
    assert line.startswith(f"product {product_id}, store acme 1: Redis says 9 pieces observed 2026-11-22 11:00:00Z")
    assert "Postgres says 5 pieces observed" in line


async def test_blocks_of_what_nobody_knows_are_dropped(house: House) -> None:
    async with running(house.one.publisher):
        name = await filled(house)
        block = await house.redis.get(name)
        for product_id, neighbourhood_id in ((999_999, 1), (1, 999_999)):
            await house.redis.set(keys.block(product_id, neighbourhood_id), block)
        found, lines = await verified(house)
        assert (found.different, found.repaired, len(lines)) == (2, 2, 2)
        assert list(await house.blocks()) == [name]


async def test_products_that_went_wrong_are_dropped_by_id_and_by_gtin(house: House) -> None:
    await house.sync.load([item("cola", GTIN, name="Cola"), item("tea", name="Tea")])
    product_id = await house.sync.value("SELECT product_id FROM item WHERE item_id = 'cola'")
    wrong = orjson.dumps([product_id, GTIN, "Not Cola", None, None, None, None, None, {}])
    async with running(house.one.publisher):
        await caught_up(house)
        for name in (keys.product(product_id), keys.gtin(GTIN, None), keys.product(999_999)):
            await house.redis.set(name, wrong)
        await house.redis.set(keys.gtin("00000000000000", None), b"-")
        found, lines = await verified(house)
        assert (found.products, found.different, found.repaired) == (4, 3, 3)
        assert any("Not Cola" in line and "that nobody knows it" in line for line in lines)
        assert await house.redis.keys("ns1:{*p") == []
        assert await house.redis.exists(keys.gtin("00000000000000", None)) == 1


async def test_keys_that_none_of_ours_could_be_and_endless_leases_are_dropped(house: House) -> None:
    async with running(house.one.publisher):
        name = await filled(house)
        strangers = ["ns1:{17}", "ns1:{17}:x", "ns1:{99999999999}:1", "ns1:{g12}:", keys.lease(keys.block(3, 4))]
        for stranger in strangers:
            await house.redis.set(stranger, b"x")
        await house.redis.set(keys.lease(keys.block(3, 5)), b"x", px=60_000)
        found, _ = await verified(house)
        assert (found.different, found.phantom, found.repaired) == (5, 5, 5)
        assert await house.redis.exists(*strangers) == 0
        assert await house.redis.exists(name, keys.lease(keys.block(3, 5))) == 2


async def test_changes_under_way_are_no_differences(house: House) -> None:
    """While levels change as fast as they can, every comparison finds the cache right."""
    random = Random(5)
    await house.sync.load([count(code, name, 1) for code in "123" for name in "abc"], as_of=at(600))

    async def writing() -> None:
        for number in range(100_000):
            lines = [count(random.choice("123"), random.choice("abc"), random.randint(0, 5), line=n) for n in range(4)]
            await house.sync.load(lines, as_of=at(500 - number / 1_000))

    async with running(house.one.publisher):
        await caught_up(house)
        for name in "abc":
            await house.read(name)
        writer = asyncio.create_task(writing())
        for _ in range(8):
            found, lines = await verified(house)
            assert (found.blocks, lines) == (3, [])
        await ended(writer)


async def test_without_a_publisher_what_is_behind_is_no_difference_but_what_is_wrong_is(house: House) -> None:
    async with running(house.one.publisher):
        name = await filled(house)
    await house.sync.load([count("1", "cola", 4)], as_of=at(50))
    found, lines = await verified(house)
    assert (lines, found.live) == ([], False)
    await house.redis.set(name, newer(await house.redis.get(name)))
    found, _ = await verified(house)
    assert (found.different, found.repaired) == (1, 1)

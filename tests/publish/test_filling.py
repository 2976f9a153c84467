"""Whole products into Redis under leases of their own: only what is absent, and nothing that has become old."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from inventory_service.storage import shelves
from inventory_service.storage.cache import cache as commands
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache, Filled
from inventory_service.storage.postgres import connected
from store_sync.publish import fill
from store_sync.publish.fill import Filler, Reader, Rebuilt
from store_sync.publish.seats import Seats
from tests.publish.house import House
from tests.sync.world import at, count

ONE, TWO = keys.block(17, 1), keys.block(17, 2)


@pytest.fixture
def cache(house: House) -> Cache:
    return house.one.cache


@pytest_asyncio.fixture
async def reader_and_filler(house: House) -> AsyncIterator[tuple[Reader, Filler]]:
    await house.sync.load([count(code, name, 3) for name in ("cola", "tea", "milk") for code in "123"], as_of=at(600))
    async with connected(house.pool, deadline_s=5) as connection:
        neighbourhoods = await shelves.neighbourhoods(connection)
        yield Reader(connection, house.one.cache), Filler(connection, house.one.cache, Seats(), neighbourhoods)


async def test_a_products_blocks_are_stored_together_and_every_lease_is_gone(cache: Cache, house: House) -> None:
    token = await cache.lease_whole([17])
    assert await cache.fill_whole(token, {17: {ONE: b"one", TWO: b"two"}}) == Filled([], [])
    assert await house.blocks() == {ONE: b"one", TWO: b"two"}
    assert await house.redis.exists(keys.whole(17)) == 0


async def test_what_is_there_stays_and_is_told_if_it_differs(cache: Cache, house: House) -> None:
    three = keys.block(17, 3)
    await house.redis.mset({ONE: b"one", TWO: b"newer"})
    token = await cache.lease_whole([17])
    assert await cache.fill_whole(token, {17: {ONE: b"one", TWO: b"two", three: b"three"}}) == Filled([], [TWO])
    assert await house.blocks() == {ONE: b"one", TWO: b"newer", three: b"three"}


async def test_nothing_is_stored_once_any_change_of_the_product_is_being_published(cache: Cache, house: House) -> None:
    token = await cache.lease_whole([17, 18])
    await cache.cached([[TWO]])
    other = keys.block(18, 1)
    assert await cache.fill_whole(token, {17: {ONE: b"one"}, 18: {other: b"other"}}) == Filled([17], [])
    assert await house.blocks() == {other: b"other"}


async def test_of_two_rebuildings_the_one_that_read_first_stores_nothing(cache: Cache, house: House) -> None:
    first, second = await cache.lease_whole([17]), await cache.lease_whole([17])
    assert await cache.fill_whole(first, {17: {ONE: b"first"}}) == Filled([17], [])
    assert await cache.fill_whole(second, {17: {ONE: b"second"}}) == Filled([], [])
    assert await house.blocks() == {ONE: b"second"}


async def test_a_worker_that_read_before_stores_nothing_over_a_whole_product(cache: Cache, house: House) -> None:
    leases = await cache.lease([ONE])
    await cache.fill_whole(await cache.lease_whole([17]), {17: {ONE: b"whole"}})
    assert await cache.fill(leases, {ONE: b"older"}, 0) == set()
    assert await house.blocks() == {ONE: b"whole"}


async def test_more_blocks_than_a_script_takes_are_refused(
    cache: Cache, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BLOCKS_AT_ONCE", 1)
    token = await cache.lease_whole([17])
    assert await cache.fill_whole(token, {17: {ONE: b"one", TWO: b"two"}}) == Filled([17], [])
    assert await house.blocks() == {}


async def test_a_lease_does_not_outlive_its_time(cache: Cache, house: House) -> None:
    await cache.lease_whole([17])
    assert 0 < await house.redis.pttl(keys.whole(17)) <= keys.LEASE_MS


async def test_what_changed_while_it_was_read_is_filled_as_it_is_now(
    house: House, reader_and_filler: tuple[Reader, Filler]
) -> None:
    reader, filler = reader_and_filler
    leased = await reader.read(1, 100)
    await house.sync.load([count("2", "tea", 9)], as_of=at(500))
    product_id = await house.sync.value("SELECT product_id FROM item WHERE item_id = 'tea'")
    await house.one.cache.cached([[keys.block(product_id, 1)]])
    assert await filler.fill(leased) == Rebuilt(3, 3, 9, 0)
    assert await house.cache_is_true()


async def test_products_of_more_levels_than_a_step_are_read_alone(
    reader_and_filler: tuple[Reader, Filler], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "LEVELS_AT_ONCE", 2)
    reader, _ = reader_and_filler
    first = int((await reader.read(1, 100)).levels["product_id"].min())
    for product_id in (first, first + 1, first + 2):
        leased = await reader.read(product_id, 100)
        assert (leased.last, leased.levels["product_id"].tolist()) == (product_id, [product_id] * 3)


UNUSUAL = ("high = 9", "high = NULL", "low = 70000, high = 70000", "covered_at = covered_at + interval '1 hour'",
           "covered_at = observed_at + interval '300 milliseconds'", "observed_at = observed_at - interval '1 day'",
           """details = '{"a": "A1"}'""", "version = 70000, low = 0, high = 0", "leaning = -69")  # fmt: skip
"""Ranges, counts beyond two bytes, coverage of its own, details, no upper bound, half seconds, shoppers' words."""
EARLIER, LATER = "observed_at - interval '1 day'", "observed_at + interval '300 milliseconds'"
SHOWN = ("", f"shown_source_id = source_id, shown_at = {EARLIER}, shown_covered_at = {EARLIER}",
         f"shown_source_id = source_id, shown_at = {EARLIER}, shown_covered_at = covered_at",
         f"shown_source_id = source_id + 1, shown_at = {EARLIER}, shown_covered_at = {EARLIER}",
         "shown_source_id = source_id + 1, shown_at = observed_at, shown_covered_at = covered_at",
         f"shown_source_id = source_id, shown_at = {LATER}, shown_covered_at = {LATER}")  # fmt: skip
"""What is shown without counts: the level's own, an older one of the same source, repeated or not, of another one."""


@pytest.mark.parametrize("shown", SHOWN)
async def test_levels_of_every_kind_are_packed_as_one_by_one(
    house: House, reader_and_filler: tuple[Reader, Filler], shown: str
) -> None:
    unusual = [", ".join(filter(None, (one, shown))) for one in UNUSUAL]
    places = await house.sync.fetch("SELECT product_id, store_id FROM position ORDER BY product_id, store_id")
    for told, place in zip(unusual, places, strict=False):
        await house.sync.fetch(f"UPDATE position SET {told} WHERE product_id = $1 AND store_id = $2", *place)
    reader, filler = reader_and_filler
    assert await filler.fill(await reader.read(1, 100)) == Rebuilt(3, 3, 9, 0)
    assert await house.cache_is_true()

"""A worker beside a cache that lags: what it has told once it does not take back."""

import pytest

from inventory_service.domain.errors import StorageError
from inventory_service.lookup.fills import Loaded
from inventory_service.storage import changes
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import decode
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.postgres import connected
from tests.publish.house import FORM, House, caught_up, running
from tests.sync.world import at, count


async def lagging(house: House) -> Horizon:
    """Redis holds 5 pieces and says up to when that is known; 4 are committed and not published."""
    await house.sync.load([count("1", "cola", 5)], as_of=at(60))
    async with running(house.one.publisher):
        await caught_up(house)
        await house.read()
    async with connected(house.pool, deadline_s=5) as connection:
        before = await changes.horizon(connection)
    await house.redis.set(keys.LIVE, str(before))
    await house.sync.load([count("1", "cola", 4)], as_of=at(50))
    return before


async def test_within_its_time_a_sign_of_life_is_believed(house: House) -> None:
    await lagging(house)
    assert await house.quantities() == [5]
    assert (await house.read()).from_cache


async def test_what_was_read_from_postgres_is_not_taken_back_by_a_cache_that_lags(house: House) -> None:
    before = await lagging(house)
    await house.redis.delete(keys.LIVE)
    assert await house.quantities() == [4]
    await house.redis.set(keys.LIVE, str(before))
    assert await house.quantities() == [4]
    async with connected(house.pool, deadline_s=5) as connection:
        after = await changes.horizon(connection)
    await house.redis.set(keys.LIVE, str(after))
    assert (await house.read()).from_cache


async def test_a_miss_that_another_fills_with_less_is_not_taken_back(house: House) -> None:
    """The lease was another worker's, which had read before the commit."""
    before = await lagging(house)
    ((name, block),) = (await house.blocks()).items()
    await house.redis.delete(name)
    await house.redis.set(keys.lease(name), b"another worker's")
    assert await house.quantities() == [4]
    await house.redis.set(name, block)
    assert await house.redis.get(keys.LIVE) == str(before).encode()
    assert await house.quantities() == [4]


async def test_with_postgres_away_the_newest_that_is_known_is_told(house: House) -> None:
    await lagging(house)
    await house.redis.delete(keys.LIVE)
    ((name, _),) = (await house.blocks()).items()
    assert await house.quantities() == [4]

    async def away(_names: object) -> Loaded:
        raise StorageError("Postgres cannot be reached.")

    values = await house.one.through.read([name], away, FORM)
    assert [entry.level.stock.quantity for entry in decode(values.in_order[0])] == [4]
    with pytest.raises(StorageError):
        await house.one.through.read([keys.block(1, 999)], away, FORM)

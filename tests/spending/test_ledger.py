"""Workers decide by themselves, and settle what was spent with each other through a real Redis."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from inventory_service.domain.errors import CacheError
from inventory_service.domain.key import Key, Limits
from inventory_service.spending import ledger
from inventory_service.spending.ledger import Ledger
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis

HOUSE = "192.0.2.7"


@pytest_asyncio.fixture
async def cache(redis_url: str) -> AsyncIterator[Cache]:
    redis = open_redis(redis_url, deadline_s=10.0)
    yield Cache(redis)
    await redis.aclose()


@pytest_asyncio.fixture
async def lost(tmp_path: Path) -> AsyncIterator[Cache]:
    """Where no Redis is."""
    redis = open_redis(f"unix://{tmp_path}/none.sock")
    yield Cache(redis)
    await redis.aclose()


def key(key_id: int = 7, **limits: int) -> Key:
    return Key(key_id, "pk", "shop", "pk_shop", frozenset({"read"}), limits=Limits(**limits))


def spent(of: Ledger, whose: Key | None, network: str, now_s: float) -> Callable[[int], int]:
    """Spends so often, and tells how often that was allowed."""
    return lambda times: sum(of.purse(whose, network).spend(1, now_s) is None for _ in range(times))


@pytest.fixture
def now_s() -> float:
    """The tests' time stands still, so that no window ends while they run."""
    return time.time()


async def test_what_one_worker_lets_in_the_others_count(cache: Cache, now_s: float) -> None:
    one, other = Ledger(10), Ledger(10)
    assert spent(one, None, HOUSE, now_s)(6) == 6
    assert spent(other, None, HOUSE, now_s)(1) == 1
    await one.settle(cache)
    await other.settle(cache)
    assert spent(other, None, HOUSE, now_s)(10) == 3
    await other.settle(cache)
    assert spent(one, None, HOUSE, now_s)(1) == 1
    await one.settle(cache)
    assert spent(one, None, HOUSE, now_s)(1) == 0


async def test_no_more_is_let_in_than_workers_know_of_each_other(cache: Cache, now_s: float) -> None:
    """Between two settlings each may let in what it has; afterwards nobody lets in any more."""
    workers = [Ledger(10) for _ in range(3)]
    assert [spent(one, None, HOUSE, now_s)(50) for one in workers] == [10, 10, 10]
    for one in workers:
        await one.settle(cache)
    assert [spent(one, None, HOUSE, now_s)(50) for one in workers] == [0, 0, 0]


async def test_overshoot_is_what_is_asked_between_two_settlings(cache: Cache, now_s: float) -> None:
    """Two workers that are asked 5 each between settlings: together at most 5 more than the quota are let in."""
    one, other = Ledger(100), Ledger(100)
    let_in = 0
    for _ in range(20):
        let_in += spent(one, None, HOUSE, now_s)(5) + spent(other, None, HOUSE, now_s)(5)
        await one.settle(cache)
        await other.settle(cache)
    assert 100 <= let_in <= 100 + 5 * 2


async def test_while_redis_is_lost_each_worker_counts_by_itself(cache: Cache, lost: Cache, now_s: float) -> None:
    one, other = Ledger(10), Ledger(10)
    for _ in range(2):
        assert spent(one, None, HOUSE, now_s)(4) == 4
        with pytest.raises(CacheError):
            await one.settle(lost)
    assert spent(one, None, HOUSE, now_s)(4) == 2
    await one.settle(cache)
    spent(other, None, HOUSE, now_s)(1)
    await other.settle(cache)
    assert spent(other, None, HOUSE, now_s)(5) == 0


async def test_a_redis_that_forgot_all_gives_nobody_more_in_a_worker_that_remembers(
    cache: Cache, redis_url: str, now_s: float
) -> None:
    one = Ledger(10)
    spent(one, None, HOUSE, now_s)(9)
    await one.settle(cache)
    redis = open_redis(redis_url, deadline_s=10.0)
    await redis.flushdb()
    await redis.aclose()
    assert spent(one, None, HOUSE, now_s)(1) == 1
    await one.settle(cache)
    assert spent(one, None, HOUSE, now_s)(1) == 0


async def test_a_window_that_is_over_is_not_settled_into_the_next(cache: Cache, now_s: float) -> None:
    one, other = Ledger(10), Ledger(10)
    spent(one, None, HOUSE, now_s)(9)
    later_s = now_s + 60
    spent(one, None, HOUSE, later_s)(1)
    await one.settle(cache)
    spent(other, None, HOUSE, later_s)(1)
    await other.settle(cache)
    assert spent(other, None, HOUSE, later_s)(20) == 8


def test_a_publishable_key_is_limited_by_address_too(now_s: float) -> None:
    one, whose = Ledger(0), key(per_minute=5, per_address_per_minute=3)
    assert spent(one, whose, "192.0.2.1", now_s)(10) == 3
    assert spent(one, whose, "192.0.2.2", now_s)(10) == 2
    assert spent(one, whose, "192.0.2.3", now_s)(10) == 0


def test_keys_and_addresses_have_limits_of_their_own(now_s: float) -> None:
    one = Ledger(2)
    assert spent(one, None, HOUSE, now_s)(5) == 2
    assert spent(one, key(1, per_minute=3), HOUSE, now_s)(5) == 3
    assert spent(one, key(2, per_minute=3), HOUSE, now_s)(5) == 3
    assert spent(one, None, "192.0.2.8", now_s)(5) == 2


def test_only_so_many_identities_are_held(now_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_IDENTITIES", 100)
    one = Ledger(2)
    for number in range(1_000):
        assert spent(one, None, f"10.0.0.{number}", now_s)(1) == 1
        assert spent(one, None, HOUSE, now_s)(1) == (number < 2)
    assert len(one.strangers) <= 100

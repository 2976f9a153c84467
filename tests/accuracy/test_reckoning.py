"""The account of our answers: made once for all who ask, at most once a minute, and kept while Postgres is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from inventory_service.accuracy.reckoning import EVERYBODY, MOST_REACHES, Reach, Reckoner
from inventory_service.domain.errors import StorageError
from inventory_service.storage.postgres import Pool, open_pool
from tests.accuracy.world import Seen, confirm, found
from tests.staff.world import Time
from tests.sync.world import Syncer, at, count, item, shop

HORIZON = timedelta(days=14)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def own_pool(database_url: str) -> AsyncIterator[Pool]:
    """The reckoner's, which a test may close."""
    pool = await open_pool(database_url, deadline_s=10)
    yield pool
    await pool.close()


@pytest.fixture
async def reckoner(sync: Syncer, own_pool: Pool, time: Time) -> AsyncIterator[Reckoner]:
    await found(sync)
    reckoner = Reckoner(own_pool, time, HORIZON)
    yield reckoner
    await reckoner.close()


async def judged(reckoner: Reckoner, reach: Reach = EVERYBODY) -> int:
    return (await reckoner.account(reach)).period(7).fates["judged"]


async def test_who_asks_together_waits_for_one_account(reckoner: Reckoner) -> None:
    first, *others = await asyncio.gather(*(reckoner.account(EVERYBODY) for _ in range(5)))
    assert all(one is first for one in others)


async def test_it_stands_for_a_minute_and_no_longer(reckoner: Reckoner, pool: Pool, time: Time) -> None:
    assert await judged(reckoner) == 0
    await confirm(pool, Seen())
    time.passes(seconds=59)
    assert await judged(reckoner) == 0
    time.passes(seconds=2)
    assert await judged(reckoner) == 1


async def test_who_stops_waiting_stops_nobody_else(reckoner: Reckoner) -> None:
    impatient = asyncio.create_task(reckoner.account(EVERYBODY))
    patient = asyncio.create_task(reckoner.account(EVERYBODY))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).looks == ()


async def test_renewing_waits_for_nothing_and_is_told_later(reckoner: Reckoner) -> None:
    assert reckoner.told() is None
    reckoner.renew()
    assert reckoner.told() is None
    account = await reckoner.account(EVERYBODY)
    assert reckoner.told() is account
    reckoner.renew()
    assert await reckoner.account(EVERYBODY) is account


async def test_the_last_account_stands_while_postgres_is_away(reckoner: Reckoner, own_pool: Pool, time: Time) -> None:
    account = await reckoner.account(EVERYBODY)
    time.passes(minutes=5)
    await own_pool.close()
    assert await reckoner.account(EVERYBODY) is account


async def test_without_any_account_it_says_that_there_is_none(reckoner: Reckoner, own_pool: Pool) -> None:
    await own_pool.close()
    with pytest.raises(StorageError):
        await reckoner.account(EVERYBODY)


async def test_each_retailer_has_its_own(reckoner: Reckoner, pool: Pool) -> None:
    await confirm(pool, Seen(), Seen(), Seen(retailer="other"))
    acme, other = [
        await pool.fetchval("SELECT retailer_id FROM retailer WHERE slug = $1", slug) for slug in ("acme", "other")
    ]
    assert (await judged(reckoner, Reach(acme)), await judged(reckoner, Reach(other))) == (2, 1)
    assert {one.retailer for one in (await reckoner.account(Reach(acme))).freshness.sources} == {"acme"}
    assert await judged(reckoner) == 3


async def test_no_number_of_retailers_pushes_everybodys_out(reckoner: Reckoner) -> None:
    account = await reckoner.account(EVERYBODY)
    for place in range(MOST_REACHES + 3):
        await reckoner.account(Reach(1, frozenset([place + 1])))
    assert reckoner.told() is account


async def test_freshness_is_that_of_what_is_held(reckoner: Reckoner, sync: Syncer) -> None:
    rows = [count("1", f"i{place}", 3, at(place + 1), line=place + 2) for place in range(10)]
    await sync.load([shop("1"), *(item(f"i{place}") for place in range(10)), *rows], as_of=at(1))
    again = [count("1", f"i{place}", 3, line=place + 3) for place in range(10)]
    await sync.snapshot([count("1", "a", 3), *again], at(0))
    fresh = (await reckoner.account(EVERYBODY)).freshness
    assert fresh.evidence is not None
    assert (fresh.evidence.count, fresh.evidence.p50_s, fresh.evidence.p90_s) == (11, 300, 540)
    assert (fresh.stores.stores, fresh.stores.covered, fresh.stores.silent) == (3, 1, 0)
    assert fresh.stores.coverage is not None
    assert fresh.stores.coverage.p50_s == 0
    heard = {(one.retailer, one.source): one.heard_at for one in fresh.sources}
    assert heard == {("acme", "feed"): at(0), ("other", "feed"): None}


async def test_the_quietest_stores_are_told_to_their_retailer_alone(reckoner: Reckoner, sync: Syncer) -> None:
    await sync.snapshot([count("1", "a", 3)], at(90))
    acme = await sync.value("SELECT retailer_id FROM retailer WHERE slug = 'acme'")
    told = (await reckoner.account(Reach(acme))).freshness
    assert [(one.store_code, one.covered_at) for one in told.quietest] == [("1", at(90)), ("2", None)]
    assert (await reckoner.account(EVERYBODY)).freshness.quietest == ()


async def test_a_store_that_lost_its_coverage_long_ago_is_silent(reckoner: Reckoner, sync: Syncer, time: Time) -> None:
    await sync.snapshot([count("1", "a", 3)], at(0))
    time.passes(days=15)
    assert (await reckoner.account(EVERYBODY)).freshness.stores.silent == 1

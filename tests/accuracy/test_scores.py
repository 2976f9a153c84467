"""The database adds up confirmations exactly as the domain would one by one."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_service.domain.looks import Fate, Looks, period
from inventory_service.domain.scoring import Score, Tally, bin_of, record_says, score, tally_of
from inventory_service.storage import scores
from inventory_service.storage.postgres import Pool, connected
from tests.accuracy.world import Seen, confirm, found
from tests.sync.world import NOW, Syncer

SINCE = NOW - timedelta(days=90)
SEEN = st.builds(
    Seen,
    said=st.sampled_from(["seen", "low", "none"]),
    probability=st.none() | st.integers(0, 100).map(lambda percent: percent / 100),
    low=st.sampled_from([0, 1, 3]),
    high=st.sampled_from([None, 3]) | st.just(3),
)


@pytest.fixture(autouse=True)
async def _world(sync: Syncer) -> None:
    await found(sync)


async def looks(pool: Pool) -> list[Looks]:
    async with connected(pool, deadline_s=10) as connection:
        return await scores.looks(connection, SINCE)


async def fate_of(pool: Pool, seen: Seen) -> Fate:
    await confirm(pool, seen)
    (only,) = await looks(pool)
    return only.fate


def scored(seen: Sequence[Seen]) -> Score | None:
    bins: dict[int, Tally] = {}
    for one in seen:
        if one.probability is not None:
            place = bin_of(one.probability)
            told = tally_of(one.probability, record_says(one.low, one.high), there=one.said != "none")
            bins[place] = bins.get(place, Tally()) + told
    return score(bins)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(seen=st.lists(SEEN, min_size=25, max_size=60))
async def test_the_score_is_that_of_the_forecasts_one_by_one(pool: Pool, seen: list[Seen]) -> None:
    await pool.execute("TRUNCATE confirmation")
    await confirm(pool, *seen)
    told, expected = period(await looks(pool), 7, NOW.date()).score, scored(seen)
    assert (told is None) == (expected is None)
    if told is not None and expected is not None:
        assert (told.count, told.seen) == (expected.count, expected.seen)
        assert told.brier == pytest.approx(expected.brier, abs=1e-6)
        assert told.brier_of_record == pytest.approx(expected.brier_of_record)
        assert told.ece == pytest.approx(expected.ece, abs=1e-6)
        assert [line.count for line in told.table] == [line.count for line in expected.table]


@pytest.mark.parametrize(
    ("seen", "fate"),
    [
        (Seen(), "judged"),
        (Seen(probability=None), "unknown"),
        (Seen(undone=True), "undone"),
        (Seen(late_by=59), "judged"),
        (Seen(late_by=60), "late"),
        (Seen(source="staff", evidence_age=59), "repeated"),
        (Seen(source="staff", evidence_age=61), "judged"),
        (Seen(source="feed", evidence_age=1), "judged"),
        (Seen(probability=None, low=None), "unknown"),
        (Seen(probability=None, undone=True), "undone"),
    ],
)
async def test_a_confirmation_has_its_fate(pool: Pool, seen: Seen, fate: Fate) -> None:
    assert await fate_of(pool, seen) == fate


@pytest.mark.parametrize(
    ("seen", "there"),
    [
        (Seen("seen"), 1),
        (Seen("low"), 1),
        (Seen("none"), 0),
        (Seen("count", quantity=0), 0),
        (Seen("count", quantity=1), 1),
        (Seen("count", quantity=2_000_000_000), 1),
    ],
)
async def test_at_least_one_piece_is_what_is_judged(pool: Pool, seen: Seen, there: int) -> None:
    await confirm(pool, seen)
    assert [one.tally.seen for one in await looks(pool)] == [there]


async def test_days_are_cut_by_utc_and_older_ones_are_not_read(pool: Pool) -> None:
    midnight = 12 * 60
    await confirm(pool, Seen(told=midnight), Seen(told=midnight + 1), Seen(told=91 * 24 * 60))
    assert [(NOW.date() - one.day).days for one in await looks(pool)] == [1, 0]


async def test_the_demos_confirmations_are_told_apart(pool: Pool) -> None:
    await pool.execute("UPDATE retailer SET demo = true WHERE slug = 'other'")
    await confirm(pool, Seen(), Seen(retailer="other"), Seen(retailer="other"))
    assert [(one.is_simulated, one.tally.count) for one in await looks(pool)] == [(False, 1), (True, 2)]


@pytest.mark.parametrize(
    ("retailer", "codes", "count"), [("acme", (), 3), ("acme", ("1",), 1), ("other", (), 4), ("other", ("nowhere",), 0)]
)
async def test_a_retailer_has_its_own_and_a_store_too(
    pool: Pool, retailer: str, codes: tuple[str, ...], count: int
) -> None:
    await confirm(pool, Seen(), *[Seen(store="2")] * 2, *[Seen(retailer="other")] * 4)
    retailer_id = await pool.fetchval("SELECT retailer_id FROM retailer WHERE slug = $1", retailer)
    own = "SELECT array_agg(store_id) FROM store WHERE retailer_id = $1 AND store_code = ANY ($2::text[])"
    named = await pool.fetchval(own, retailer_id, list(codes)) or [0] * len(codes)
    async with connected(pool, deadline_s=10) as connection:
        told = await scores.looks_of(connection, SINCE, retailer_id, named)
    assert sum(one.tally.count for one in told) == count


async def test_of_a_busy_store_only_the_newest_are_looked_at_and_that_is_noted(pool: Pool) -> None:
    day = 24 * 60
    await confirm(pool, *(Seen(told=place * day + 1) for place in range(scores.LEAST_OF_A_STORE + 2)))
    await confirm(pool, Seen(store="2", told=80 * day))
    acme = await pool.fetchval("SELECT retailer_id FROM retailer WHERE slug = 'acme'")
    async with connected(pool, deadline_s=10) as connection:
        told = await scores.looks_of(connection, SINCE, acme, [], at_most=1)
    assert [(NOW.date() - one.day).days for one in told] == [80, *reversed(range(scores.LEAST_OF_A_STORE))]
    assert [(NOW.date() - one.day).days for one in told if one.is_cut] == [scores.LEAST_OF_A_STORE - 1]


async def test_anothers_store_is_never_among_ones_own(pool: Pool) -> None:
    await confirm(pool, Seen(retailer="other"))
    acme = await pool.fetchval("SELECT retailer_id FROM retailer WHERE slug = 'acme'")
    theirs = await pool.fetchval("SELECT store_id FROM store JOIN retailer USING (retailer_id) WHERE slug = 'other'")
    async with connected(pool, deadline_s=10) as connection:
        assert await scores.looks_of(connection, SINCE, acme, [theirs]) == []

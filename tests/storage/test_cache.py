"""Redis as we use it: versions decide what stays, leases decide who fills, epochs decide who publishes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from inventory_service.domain.errors import CacheError
from inventory_service.domain.level import Level, Shown
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.stock import Stock
from inventory_service.storage.cache import keys, naming
from inventory_service.storage.cache.block import ENTRY_BYTES, FORMAT, decode, encode, is_block, parts
from inventory_service.storage.cache.cache import Cache, Taken
from inventory_service.storage.cache.client import open_redis
from inventory_service.storage.changes import Cursor
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.positions import Shelf

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
BLOCK = keys.block(17, 3)
LEASE = keys.lease(BLOCK)
SEEN = Horizon(10, 12, frozenset({11}))


@pytest_asyncio.fixture
async def cache(redis_url: str) -> AsyncIterator[Cache]:
    client = open_redis(redis_url, deadline_s=5.0)
    cache = Cache(client)
    yield cache
    await cache.aclose()
    await client.aclose()


def shelf(
    slot: int,
    version: int,
    quantity: int = 5,
    *,
    covered: int = 0,
    aisle: str = "",
    observed: int = 0,
    source: int = 1,
    leaning: int = 0,
    shown: Shown | None = None,
) -> Shelf:
    details = Details(aisle=aisle) if aisle else NO_DETAILS
    observed_at = EPOCH + timedelta(seconds=observed)
    covered_at = observed_at + timedelta(seconds=covered)
    times = observed_at, observed_at, covered_at
    level = Level(Stock.exactly(quantity), *times, source, details, leaning=leaning, shown=shown)
    return Shelf(17, slot, 3, slot, version, level)


SHOWN = st.builds(
    Shown,
    st.sampled_from([1, 1, 256]),
    st.sampled_from([EPOCH - timedelta(days=1), EPOCH]),
    st.sampled_from([EPOCH - timedelta(days=1), EPOCH]),
)
SHELVES = st.builds(
    shelf,
    st.sampled_from([0, 1, 2, 60, 127]),
    st.sampled_from([1, 2, 255, 256, 2**31 - 1]),
    st.sampled_from([0, 1, 65_534, 65_535, 70_000]),
    covered=st.sampled_from([0, 0, 60]),
    aisle=st.sampled_from(["", "", "A1", "Gänge"]),
    observed=st.sampled_from([0, 0, 1, 256]),
    source=st.sampled_from([1, 1, 256]),
    leaning=st.sampled_from([0, 0, -69]),
    shown=st.none() | SHOWN,
)


@dataclass(frozen=True)
class Put:
    """A publication."""

    shelves: Sequence[Shelf]


class Drop:
    """The block is evicted."""


class Other:
    """A program of another format wrote the block."""


class Fill:
    """A worker filled an absent block with nothing in it."""


PLAIN_SHELVES = st.builds(
    shelf,
    st.integers(0, 127),
    st.sampled_from([1, 2, 255, 256, 2**31 - 1]),
    st.sampled_from([0, 1, 65_534]),
    observed=st.integers(0, 3) | st.integers(0, 10_000),
    shown=st.none() | st.none() | SHOWN,
)
"""Those whose extra tells at most what is shown."""


def puts(shelves: st.SearchStrategy[Shelf], at_most: int) -> st.SearchStrategy[Put]:
    return st.builds(Put, st.lists(shelves, min_size=1, max_size=at_most, unique_by=lambda one: one.slot))


STEPS = st.lists(
    st.one_of(
        *[puts(SHELVES, 4), puts(PLAIN_SHELVES, 100)] * 3,
        st.builds(Drop),
        st.builds(Other),
        st.builds(Fill),
    ),
    min_size=1,
    max_size=12,
)


def published(held: dict[int, Shelf] | None, shelves: Sequence[Shelf]) -> dict[int, Shelf] | None:
    """The script's rule in Python: into what is there, where it is not older."""
    if held is None:
        return None
    after = dict(held)
    for one in shelves:
        if one.slot not in after or one.version >= after[one.slot].version:
            after[one.slot] = one
    return after


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
async def test_publishing_keeps_what_the_versions_say(redis_url: str, steps: list[Put | Drop | Other | Fill]) -> None:
    client = Redis.from_url(redis_url)
    cache = Cache(client)
    try:
        await replay(client, cache, steps)
    finally:
        await cache.aclose()
        await client.aclose()


async def replay(client: Redis, cache: Cache, steps: list[Put | Drop | Other | Fill]) -> None:
    await client.set(BLOCK, encode([]))
    held: dict[int, Shelf] | None = {}
    for step in steps:
        match step:
            case Put(shelves):
                await cache.publish({BLOCK: encode(shelves)})
                held = published(held, shelves)
            case Drop():
                await client.delete(BLOCK)
                held = None
            case Other():
                await client.set(BLOCK, bytes((FORMAT + 1, 0)))
                held = None
            case Fill():
                await client.set(BLOCK, encode([]))
                held = {}
        stored = await client.get(BLOCK)
        if isinstance(step, Other):
            continue
        assert (None if stored is None else parts(stored)) == (None if held is None else parts(encode(held.values())))
        assert stored is None or moments_of(stored) <= len(held or {})


def moments_of(block: bytes) -> int:
    """How many it has, used or not."""
    return block[2]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 11), st.sampled_from([1, 1, 7]), st.booleans()), min_size=30, max_size=120))
async def test_changes_one_by_one_keep_a_block_as_small_as_its_levels(
    redis_url: str, changes: list[tuple[int, int, bool]]
) -> None:
    """Each comes at a moment of its own, or with the one before."""
    client = Redis.from_url(redis_url)
    cache = Cache(client)
    held: dict[int, Shelf] = {slot: shelf(slot, 1) for slot in range(10)}
    await client.set(BLOCK, encode(held.values()))
    try:
        observed = 1
        for version, (slot, source, together) in enumerate(changes, 2):
            observed += not together
            held[slot] = shelf(slot, version, observed=observed, source=source)
            await cache.publish({BLOCK: encode([held[slot]])})
            stored = await client.get(BLOCK)
            assert parts(stored) == parts(encode(held.values()))
            assert moments_of(stored) <= len(held)
    finally:
        await cache.aclose()
        await client.aclose()


async def test_a_feed_over_many_moments_leaves_its_own_alone(cache: Cache, redis: Redis) -> None:
    await redis.set(BLOCK, encode([shelf(slot, 1, observed=slot, covered=slot % 2) for slot in range(25)]))
    assert moments_of(await redis.get(BLOCK)) == 25
    feed = encode([shelf(slot, 2, observed=99, aisle="A" * (slot % 3)) for slot in range(25)])
    await cache.publish({BLOCK: feed})
    assert await redis.get(BLOCK) == feed


async def test_a_moment_that_the_block_has_is_not_written_again(cache: Cache, redis: Redis) -> None:
    await redis.set(BLOCK, encode([shelf(slot, 1, observed=slot % 3) for slot in range(9)]))
    await cache.publish({BLOCK: encode([shelf(slot, 2, observed=2) for slot in (1, 60)])})
    assert moments_of(await redis.get(BLOCK)) == 3
    assert len(await redis.get(BLOCK)) == 3 + 3 * 6 + 10 * ENTRY_BYTES


async def test_a_moment_is_not_found_astride_two_others(cache: Cache, redis: Redis) -> None:
    """Bytes of the second half of one and the first half of the next are no moment."""
    moments = [(0x01020304, 0x0506), (0x0708090A, 0x0B0C), (0x0708090A + 1, 9)]
    held = [
        shelf(slot, 1, observed=second - int(EPOCH.timestamp()), source=source)
        for slot, (second, source) in enumerate(moments)
    ]
    block = encode(held)
    astride = int.from_bytes(block[6:10], "little"), int.from_bytes(block[10:12], "little")
    await redis.set(BLOCK, block)
    one = shelf(7, 1, observed=astride[0] - int(EPOCH.timestamp()), source=astride[1])
    await cache.publish({BLOCK: encode([one])})
    assert await redis.get(BLOCK) == encode([*held, one])


async def test_publishing_over_a_block_of_the_format_before_takes_it_away(cache: Cache, redis: Redis) -> None:
    before = b"\x02\x01" + bytes((1, 0, 5, 0, 1, 1, 1, 1, 9, 0, 0, 0, 1, 0))
    assert not is_block(before)
    await redis.set(BLOCK, before)
    await cache.publish({BLOCK: encode([shelf(1, 2)])})
    assert await redis.get(BLOCK) is None


async def test_publishing_over_an_entry_without_its_moment_takes_the_block_away(cache: Cache, redis: Redis) -> None:
    await redis.set(BLOCK, encode([shelf(1, 1), shelf(2, 1)])[:-1] + b"\x01")
    await cache.publish({BLOCK: encode([shelf(1, 2, observed=5)])})
    assert await redis.get(BLOCK) is None


async def test_many_blocks_are_published_in_one_go(cache: Cache, redis: Redis) -> None:
    names = [keys.block(17, number) for number in range(1_100)]
    for name in names[::2]:
        await redis.set(name, encode([]))
    await cache.publish({name: encode([shelf(1, 1)]) for name in names})
    stored = await redis.mget(names)
    assert [value is not None for value in stored] == [number % 2 == 0 for number in range(1_100)]
    assert {value for value in stored if value} == {encode([shelf(1, 1)])}


async def test_publishing_goes_on_after_redis_forgot_the_scripts(cache: Cache, redis: Redis) -> None:
    await redis.set(BLOCK, encode([]))
    await cache.publish({BLOCK: encode([shelf(1, 1)])})
    await redis.script_flush()
    await cache.publish({BLOCK: encode([shelf(1, 2, 9)])})
    assert await redis.get(BLOCK) == encode([shelf(1, 2, 9)])


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\x03",
        b"\x03\x00",
        b"\x03\x00\x01",
        b"\x03\x02\x00" + b"x" * 9,
        b"\x03\x00\x00\x05\xff\xff{}",
        b"\x03\x00\x00\x05",
    ],
)
async def test_a_damaged_block_is_dropped_and_does_not_stop_the_publisher(
    cache: Cache, redis: Redis, damaged: bytes
) -> None:
    await redis.set(BLOCK, damaged)
    await cache.publish({BLOCK: encode([shelf(1, 1)])})
    assert await redis.get(BLOCK) is None


async def test_a_fill_under_its_lease_is_stored_and_the_lease_is_gone(cache: Cache, redis: Redis) -> None:
    leases = await cache.lease([BLOCK])
    await cache.fill(leases, {BLOCK: b"value"}, 0)
    assert await redis.get(BLOCK) == b"value"
    assert await redis.exists(LEASE) == 0
    assert await redis.pttl(BLOCK) == -1


async def test_a_fill_with_a_lifetime_has_it(cache: Cache, redis: Redis) -> None:
    await cache.fill(await cache.lease([BLOCK]), {BLOCK: b"value"}, 60_000)
    assert 50_000 < await redis.pttl(BLOCK) <= 60_000


async def test_a_fill_without_its_lease_is_not_stored(cache: Cache, redis: Redis) -> None:
    leases = await cache.lease([BLOCK])
    await redis.delete(LEASE)
    await cache.fill(leases, {BLOCK: b"stale"}, 0)
    assert await redis.get(BLOCK) is None


async def test_a_fill_under_the_lease_of_another_is_not_stored_and_leaves_that_lease(
    cache: Cache, redis: Redis
) -> None:
    expired = await cache.lease([BLOCK])
    await redis.delete(LEASE)
    await cache.lease([BLOCK])
    await cache.fill(expired, {BLOCK: b"stale"}, 0)
    assert await redis.get(BLOCK) is None
    assert await redis.exists(LEASE) == 1


async def test_only_one_of_many_gets_the_lease(cache: Cache) -> None:
    taken = await asyncio.gather(*(cache.lease([BLOCK]) for _ in range(20)))
    assert sum(BLOCK in leases for leases in taken) == 1


async def test_a_lease_ends_by_itself(cache: Cache, redis: Redis) -> None:
    await cache.lease([BLOCK])
    assert 0 < await redis.pttl(LEASE) <= keys.LEASE_MS


async def test_publishing_to_an_absent_block_takes_the_lease_away(cache: Cache, redis: Redis) -> None:
    """A worker that read Postgres before the commit must not store what it read."""
    leases = await cache.lease([BLOCK])
    await cache.publish({BLOCK: encode([shelf(1, 2)])})
    await cache.fill(leases, {BLOCK: encode([shelf(1, 1)])}, 0)
    assert await redis.get(BLOCK) is None


async def test_publishing_over_another_format_takes_block_and_lease_away(cache: Cache, redis: Redis) -> None:
    leases = await cache.lease([BLOCK])
    await redis.set(BLOCK, bytes((FORMAT + 1, 1)))
    await cache.publish({BLOCK: encode([shelf(1, 2)])})
    await cache.fill(leases, {BLOCK: b"stale"}, 0)
    assert await redis.get(BLOCK) is None


async def test_forgetting_takes_leases_along(cache: Cache, redis: Redis) -> None:
    leases = await cache.lease([keys.product(17)])
    await cache.forget([keys.product(17)])
    await cache.fill(leases, {keys.product(17): b"stale"}, 0)
    assert await redis.get(keys.product(17)) is None


async def test_forgetting_everything_leaves_the_publishers_place_and_what_is_not_ours(
    cache: Cache, redis: Redis
) -> None:
    assert await cache.advance(await taken(cache), Cursor(7, 8), SEEN, await soon(cache))
    await redis.set("theirs", "stays")
    for number in range(1_200):
        await redis.set(keys.block(number, 1), b"x")
    await cache.lease([BLOCK])
    await cache.forget_all()
    assert sorted(await redis.keys("*")) == sorted([keys.PUBLISHED.encode(), keys.LIVE.encode(), b"theirs"])


async def taken(cache: Cache, epoch: int = 1, lineage: str = "this database") -> Taken:
    found = await cache.take_over(epoch, lineage)
    assert found is not None
    return found


async def soon(cache: Cache) -> int:
    return await cache.now_ms() + 10_000


async def test_a_publisher_finds_the_place_where_the_last_one_was(cache: Cache) -> None:
    first = await taken(cache)
    assert (first.epoch, first.cursor) == (1, None)
    assert await cache.advance(first, Cursor(2**40, 2**41), SEEN, await soon(cache))
    assert (await taken(cache, 2)).cursor == Cursor(2**40, 2**41)


async def test_a_publisher_that_was_relieved_moves_nothing(cache: Cache, redis: Redis) -> None:
    old, new = await taken(cache, 1), await taken(cache, 2)
    assert await cache.advance(new, Cursor(5, 5), None, 0)
    assert not await cache.advance(old, Cursor(9, 9), SEEN, await soon(cache))
    assert (await taken(cache, 3)).cursor == Cursor(5, 5)
    assert await redis.exists(keys.LIVE) == 0


async def test_a_publisher_that_was_relieved_does_not_take_over_again(cache: Cache) -> None:
    await cache.advance(await taken(cache, 2), Cursor(5, 5), None, 0)
    assert await cache.take_over(1, "this database") is None
    assert (await taken(cache, 2)).cursor == Cursor(5, 5)


async def test_the_place_in_another_databases_log_is_not_taken_for_ours(cache: Cache) -> None:
    await cache.advance(await taken(cache, 9, "another database"), Cursor(5, 5), None, 0)
    assert (await taken(cache, 1)).cursor is None


async def test_a_publisher_whose_redis_was_emptied_moves_nothing(cache: Cache, redis: Redis) -> None:
    one = await taken(cache)
    await redis.flushdb()
    assert not await cache.advance(one, Cursor(9, 9), SEEN, await soon(cache))
    assert await redis.keys("*") == []


async def test_a_publisher_whose_redis_was_started_again_from_an_old_copy_moves_nothing(
    cache: Cache, redis: Redis
) -> None:
    one = await taken(cache)
    met_before = replace(one, run="0" * 40)
    assert not await cache.advance(met_before, Cursor(9, 9), SEEN, await soon(cache))
    assert await cache.advance(one, Cursor(9, 9), SEEN, await soon(cache))


async def test_the_sign_of_life_says_what_is_published_and_ends_when_it_was_told_to(cache: Cache, redis: Redis) -> None:
    one = await taken(cache)
    await cache.advance(one, Cursor(1, 1), None, await soon(cache))
    assert not (await cache.read([])).live
    await cache.advance(one, Cursor(1, 2), SEEN, await cache.now_ms() + keys.LIVE_MS)
    sign = (await cache.read([])).sign
    assert sign is not None
    assert Horizon.parse(sign.decode()) == SEEN
    assert 0 < await redis.pttl(keys.LIVE) <= keys.LIVE_MS


async def test_a_sign_of_life_that_comes_late_is_none(cache: Cache) -> None:
    """As when its sender was stopped between looking at the log and writing."""
    assert await cache.advance(await taken(cache), Cursor(1, 2), SEEN, await cache.now_ms() - 1)
    assert not (await cache.read([])).live


async def test_which_blocks_are_cached_is_told_product_by_product(cache: Cache, redis: Redis) -> None:
    names = {number: [keys.block(number, place) for place in (1, 2, 3)] for number in range(600)}
    for number in range(0, 600, 2):
        await redis.set(names[number][number % 3], encode([]))
    assert await cache.cached(list(names.values())) == [names[number][number % 3] for number in range(0, 600, 2)]


async def test_a_fill_under_way_is_refused_once_its_block_was_found_absent(cache: Cache, redis: Redis) -> None:
    leases = await cache.lease([BLOCK])
    assert await cache.cached([[BLOCK]]) == []
    assert await cache.fill(leases, {BLOCK: encode([shelf(1, 1)])}, 0) == set()
    assert await redis.get(BLOCK) is None


async def test_a_fill_that_began_before_the_block_was_there_is_not_stored_over_what_is_published(
    cache: Cache, redis: Redis
) -> None:
    """Two workers miss; one fills, then the other takes the lease and reads; a change is published meanwhile."""
    await cache.fill(await cache.lease([BLOCK]), {BLOCK: encode([shelf(1, 1)])}, 0)
    late = await cache.lease([BLOCK])
    await cache.publish({BLOCK: encode([shelf(1, 2, 9)])})
    await cache.fill(late, {BLOCK: encode([shelf(1, 1)])}, 0)
    assert await redis.get(BLOCK) == encode([shelf(1, 2, 9)])


async def test_values_are_read_in_the_order_asked_with_none_for_the_absent(cache: Cache, redis: Redis) -> None:
    await redis.set(keys.block(1, 2), b"two")
    read = await cache.read([keys.block(1, 1), keys.block(1, 2)])
    assert read.values == [None, b"two"]


async def test_a_redis_that_is_away_raises_our_error(tmp_path: object) -> None:
    client = open_redis(f"unix://{tmp_path}/nobody.sock")
    cache = Cache(client)
    for work in (
        cache.read([BLOCK]),
        cache.lease([BLOCK]),
        cache.publish({BLOCK: encode([shelf(1, 1)])}),
        cache.take_over(1, "this database"),
        cache.forget_all(),
        cache.ping(),
    ):
        with pytest.raises(CacheError):
            await work
    await client.aclose()


async def test_all_keys_of_a_product_live_in_one_slot_of_a_cluster(redis: Redis) -> None:
    names = [keys.block(17, 1), keys.block(17, 2), keys.product(17), keys.lease(keys.block(17, 1))]
    assert {name[name.index("{") : name.index("}") + 1] for name in names} == {"{17}"}


async def test_the_script_and_the_reader_agree_on_extras(cache: Cache, redis: Redis) -> None:
    await redis.set(BLOCK, encode([shelf(0, 1, aisle="A1"), shelf(127, 1, covered=60)]))
    await cache.publish({BLOCK: encode([shelf(0, 2), shelf(5, 1, 70_000)])})
    levels = {one.slot: one.level for one in decode(await redis.get(BLOCK))}
    assert levels[0].details == NO_DETAILS
    assert levels[5].stock == Stock.exactly(70_000)
    assert levels[127].covered_at == EPOCH + timedelta(seconds=60)


class Confused:
    """Understands nothing of what it hears."""

    def __init__(self) -> None:
        self.error: asyncio.Future[CacheError] = asyncio.get_running_loop().create_future()

    def heard(self, _sign: bytes | None, _values: object) -> None:
        raise RuntimeError("I do not understand.")

    def failed(self, error: CacheError) -> None:
        self.error.set_result(error)


async def test_who_does_not_understand_an_answer_is_told_so_and_disturbs_nobody(cache: Cache, redis: Redis) -> None:
    await redis.set("ns1:{1}:1", "one")
    confused = Confused()
    cache.tell(naming.single("ns1:{1}:1"), 1, confused)
    reads = [asyncio.create_task(cache.read(["ns1:{1}:1"])) for _ in range(3)]
    assert [(await one).values for one in reads] == [[b"one"]] * 3
    assert isinstance(await asyncio.wait_for(confused.error, 10), CacheError)

"""A file that lists everything a store has: what it leaves out is gone, for its own source alone."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest

from inventory_service.domain.errors import ConfigurationError, FeedRefusedError
from inventory_service.domain.feed import Row
from inventory_service.storage import snapshots
from inventory_service.storage.postgres import connected
from store_sync.holding import drop, held_store, release
from tests.sync.world import GTIN, NOW, Syncer, at, count, item, shop, stopped_clock

STORES = [shop("1"), shop("2")]
CLOCK = stopped_clock()


def full(code: str, number: int, quantity: int = 5) -> list[Row]:
    return [count(code, f"item{n:02}", quantity, line=n + 2) for n in range(number)]


async def held(sync: Syncer) -> list[tuple[str, int, int, int, int]]:
    """(store_code, load_id, store_id, would be emptied, positive)"""
    async with connected(sync.pool, deadline_s=5) as connection:
        found = await snapshots.listed(connection)
    return [
        tuple(one[name] for name in ("store_code", "load_id", "store_id", "would_empty", "positive")) for one in found
    ]  # type: ignore[misc]


async def positive(sync: Syncer) -> dict[str, int]:
    """store_code → how many products it has some of."""
    found: dict[str, int] = {}
    for (code, _), quantity in (await sync.quantities()).items():
        found[code] = found.get(code, 0) + bool(quantity)
    return found


async def test_what_a_snapshot_leaves_out_becomes_none(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 4), count("1", "tea", 2)], at(60))
    await sync.snapshot([count("1", "cola", 4)], at(30))
    shelf = (await sync.shelves())["acme", "1", "item tea"]
    assert (shelf.quantity, shelf.observed_at, shelf.as_of) == (0, at(30), at(30))
    assert (await sync.quantities())["1", "item cola"] == 4


async def test_a_snapshot_speaks_for_the_stores_that_it_lists_alone(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 4), count("2", "cola", 4), count("2", "tea", 4)], at(60))
    await sync.snapshot([count("1", "tea", 1)], at(30))
    assert await sync.quantities() == {
        ("1", "item cola"): 0, ("1", "item tea"): 1, ("2", "item cola"): 4, ("2", "item tea"): 4,
    }  # fmt: skip
    assert await sync.coverage() == {("1", "feed"): at(30), ("2", "feed"): at(60)}


async def test_a_snapshot_speaks_for_its_own_source_alone(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4, at(60)), count("1", "tea", 4, at(60))], source="till", as_of=at(60))
    await sync.load([count("1", "cola", 5, at(50)), count("1", "milk", 1, at(50))], source="night", as_of=at(50))
    await sync.snapshot([count("1", "rice", 4)], at(30), source="night")
    quantities = await sync.quantities()
    assert quantities == {("1", "item cola"): 0, ("1", "item tea"): 4, ("1", "item milk"): 0, ("1", "item rice"): 4}


async def test_a_delta_leaves_alone_what_it_does_not_list(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 4), count("1", "tea", 2)], as_of=at(60))
    await sync.load([count("1", "cola", 3)], as_of=at(30))
    assert (await sync.quantities())["1", "item tea"] == 2
    assert await sync.coverage() == {}


async def test_what_was_seen_after_the_snapshots_time_stays(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 4), count("1", "tea", 2)], at(60))
    await sync.load([count("1", "tea", 7, at(10))], as_of=at(10))
    await sync.snapshot([count("1", "cola", 4)], at(30))
    assert (await sync.quantities())["1", "item tea"] == 7


async def test_a_repeated_snapshot_moves_coverage_and_rewrites_no_row(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 5)], at(60))
    before = await sync.versions()
    loaded = await sync.snapshot(full("1", 5), at(30))
    assert (loaded.applied, loaded.unchanged) == (0, 5)
    assert await sync.versions() == before
    assert await sync.coverage() == {("1", "feed"): at(30)}
    (first, second) = await sync.log("coverage")
    assert first["ids"] == second["ids"]


async def test_the_same_snapshot_again_changes_nothing(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 5)], at(60))
    await sync.snapshot(full("1", 3), at(30))
    before = await sync.versions(), await sync.shelves(), await sync.coverage()
    await sync.snapshot(full("1", 3), at(30))
    assert (await sync.versions(), await sync.shelves(), await sync.coverage()) == before


async def test_zeros_that_are_left_out_stay_as_they_are(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 0), count("1", "tea", 2)], at(60))
    before = await sync.shelves()
    await sync.snapshot([count("1", "tea", 2)], at(30))
    assert await sync.shelves() == before


async def test_coverage_never_goes_back(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 5)], at(30))
    await sync.snapshot(full("1", 5), at(60))
    assert await sync.coverage() == {("1", "feed"): at(30)}


SERIES = [
    [("cola", 4), ("tea", 2)],
    [("cola", 4), ("milk", 1)],
    [("cola", 3), ("tea", 2)],
    [("cola", 4), ("tea", 2), ("milk", 1)],
]


@pytest.mark.parametrize("times", [*permutations(range(3)), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)])
async def test_snapshots_in_any_order_end_in_the_same_quantities(sync: Syncer, times: tuple[int, ...]) -> None:
    for retailer, order in (("sorted", sorted(times)), ("shuffled", times)):
        await sync.load(STORES, retailer)
        for time in order:
            listed = [count("1", name, quantity) for name, quantity in SERIES[time]]
            await sync.snapshot(listed, at(60 - 10 * time), retailer)
    shelves = await sync.shelves()
    told = {
        name: {key[2]: one.quantity for key, one in shelves.items() if key[0] == name}
        for name in ("sorted", "shuffled")
    }
    assert told["shuffled"] == told["sorted"]


async def test_a_late_delta_between_two_equal_snapshots_changes_nothing(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 4)], at(60))
    await sync.snapshot([count("1", "cola", 4)], at(20))
    await sync.load([count("1", "cola", 9, at(40))], as_of=at(40))
    assert (await sync.quantities())["1", "item cola"] == 4


async def test_a_late_delta_about_what_a_newer_snapshot_left_out_changes_nothing(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "tea", 4)], at(20))
    await sync.load([count("1", "cola", 9, at(40))], as_of=at(40))
    assert (await sync.quantities())["1", "item cola"] == 0


async def test_a_newer_snapshot_whose_rows_have_older_clocks_is_news(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 5, at(100))], at(60))
    await sync.snapshot([count("1", "cola", 5, at(100))], at(30))
    await sync.snapshot([count("1", "cola", 3, at(50)), count("1", "tea", 2, at(50))], at(10))
    assert await sync.quantities() == {("1", "item cola"): 3, ("1", "item tea"): 2}


async def test_a_store_that_a_snapshot_would_empty_is_held_alone(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40), *full("2", 40)], at(60))
    await sync.snapshot([*full("1", 19), *full("2", 20)], at(30))
    assert await positive(sync) == {"1": 40, "2": 20}
    assert [one[0] for one in await held(sync)] == ["1"]
    assert await sync.coverage() == {("1", "feed"): at(60), ("2", "feed"): at(30)}


@pytest.mark.parametrize(
    ("had", "left", "is_held"), [(39, 19, True), (39, 20, False), (38, 19, False), (40, 20, False), (41, 20, True)]
)
async def test_more_than_half_and_at_least_20_must_go_for_a_store_to_be_held(
    sync: Syncer, had: int, left: int, *, is_held: bool
) -> None:
    await sync.snapshot([*STORES, *full("1", had)], at(60))
    await sync.snapshot(full("1", left), at(30))
    assert [one[3:] for one in await held(sync)] == ([(had - left, had)] if is_held else [])


async def test_counts_that_the_held_snapshot_did_list_are_applied(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot([count("1", "item00", 1)], at(30))
    assert (await sync.quantities())["1", "item item00"] == 1
    assert await positive(sync) == {"1": 40}


async def test_a_released_store_is_emptied_and_covered(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(30))
    ((_, load_id, store_id, *_),) = await held(sync)
    assert await release(sync.pool, load_id, store_id, CLOCK) == 30
    assert await positive(sync) == {"1": 10}
    assert await sync.coverage() == {("1", "feed"): at(30)}
    assert await held(sync) == []


async def test_what_was_told_since_is_not_emptied_by_a_release(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(30))
    await sync.load([count("1", "item39", 7, at(5))], as_of=at(5))
    ((_, load_id, store_id, *_),) = await held(sync)
    assert await release(sync.pool, load_id, store_id, CLOCK) == 29
    assert (await sync.quantities())["1", "item item39"] == 7


async def test_a_dropped_store_keeps_what_it_had_and_is_not_covered(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(30))
    ((_, load_id, store_id, *_),) = await held(sync)
    await drop(sync.pool, load_id, store_id)
    assert await positive(sync) == {"1": 40}
    assert await sync.coverage() == {("1", "feed"): at(60)}
    assert await held(sync) == []


async def test_a_store_is_released_or_dropped_once(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(30))
    ((_, load_id, store_id, *_),) = await held(sync)
    outcomes = await asyncio.gather(
        *(release(sync.pool, load_id, store_id, CLOCK) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["ConfigurationError", "ConfigurationError", "int"]
    with pytest.raises(ConfigurationError, match="holds no store"):
        await drop(sync.pool, load_id, store_id)


async def test_a_newer_snapshot_supersedes_the_held_one(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(30))
    await sync.snapshot(full("1", 35), at(10))
    assert await held(sync) == []
    assert await positive(sync) == {"1": 35}


async def test_a_newer_snapshot_that_is_held_too_takes_the_place_of_the_older(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(30))
    await sync.snapshot(full("1", 5), at(10))
    ((_, load_id, _, gone, _),) = await held(sync)
    assert (load_id, gone) == (3, 35)


async def test_an_older_snapshot_that_comes_late_does_not_supersede_the_held_one(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 10), at(10))
    for late in (full("1", 38), full("1", 5)):
        await sync.snapshot(late, at(30))
        assert [(one[1], one[3]) for one in await held(sync)] == [(2, 30)]


async def test_an_older_snapshot_does_not_hold_a_store_that_a_newer_one_covered(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 40)], at(60))
    await sync.snapshot(full("1", 40), at(10))
    await sync.snapshot(full("1", 5), at(30))
    assert await held(sync) == []
    assert await positive(sync) == {"1": 40}


async def test_a_snapshot_that_breaks_off_empties_nothing_and_covers_nothing(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 10)], at(60))

    def broken() -> Iterator[Row]:
        yield count("1", "item00", 5)
        raise FeedRefusedError("The file is cut off.")

    with pytest.raises(FeedRefusedError):
        await sync.snapshot(broken(), at(30))
    assert await positive(sync) == {"1": 10}
    assert await sync.coverage() == {("1", "feed"): at(60)}


async def test_what_a_broken_snapshot_listed_does_not_count_for_the_next(sync: Syncer) -> None:
    """The next one may come through the same connection, about other stores."""
    await sync.snapshot([*STORES, *full("1", 10), *full("2", 10)], at(60))

    def broken() -> Iterator[Row]:
        yield count("1", "item00", 5)
        raise FeedRefusedError("The file is cut off.")

    with pytest.raises(FeedRefusedError):
        await sync.snapshot(broken(), at(30))
    await sync.snapshot(full("2", 10), at(20))
    assert await positive(sync) == {"1": 10, "2": 10}
    assert await sync.coverage() == {("1", "feed"): at(60), ("2", "feed"): at(20)}


async def test_a_row_that_is_refused_for_its_time_does_not_empty_its_position(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 4), count("1", "tea", 4)], at(60))
    ahead = count("1", "tea", 3, NOW + timedelta(hours=1))
    await sync.snapshot([count("1", "cola", 4), ahead], at(30))
    assert (await sync.quantities())["1", "item tea"] == 4


async def test_products_that_turned_out_to_be_others_are_not_missed_by_a_snapshot(sync: Syncer) -> None:
    gtins = [f"040063810{n:04}" for n in range(30)]
    gtins = [body + check(body) for body in gtins]
    await sync.load([item(gtin, gtin) for gtin in gtins], "bolt")
    await sync.snapshot([*STORES, *full("1", 30)], at(60))
    await sync.load([item(f"item{n:02}", gtin) for n, gtin in enumerate(gtins)], as_of=at(50))
    await sync.snapshot(full("1", 29), at(30))
    assert await held(sync) == []
    assert await positive(sync) == {"1": 29}


def check(body: str) -> str:
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


async def test_two_snapshots_at_once_end_as_one_after_the_other(sync: Syncer) -> None:
    await sync.snapshot([*STORES, *full("1", 12), *full("2", 12)], at(60))
    await asyncio.gather(
        sync.snapshot([*full("1", 8), *full("2", 9)], at(30)), sync.snapshot([*full("2", 7), *full("1", 10)], at(20))
    )
    assert await positive(sync) == {"1": 10, "2": 7}
    assert await sync.coverage() == {("1", "feed"): at(20), ("2", "feed"): at(20)}


async def test_a_gtin_in_one_snapshot_and_none_in_the_next_is_one_item(sync: Syncer) -> None:
    await sync.snapshot([*STORES, count("1", "cola", 4, gtin=GTIN)], at(60))
    await sync.snapshot([count("1", "cola", 3)], at(30))
    assert await sync.quantities() == {("1", GTIN): 3}


async def test_a_held_store_goes_by_its_code_its_retailers_name_and_its_id(sync: Syncer) -> None:
    await sync.load([shop("TKY-001")])
    await sync.snapshot(full("TKY-001", 40), at(60))
    await sync.snapshot(full("TKY-001", 10), at(50))
    ((_, load_id, store_id, _, _),) = await held(sync)
    for name in ("TKY-001", "acme/TKY-001", str(store_id)):
        assert await held_store(sync.pool, load_id, name) == store_id
    with pytest.raises(ConfigurationError, match=f"Load {load_id} holds no store OSA-002"):
        await held_store(sync.pool, load_id, "OSA-002")


async def test_a_code_that_is_another_stores_id_is_asked_about(sync: Syncer) -> None:
    """Emptying the wrong one of two stores would be found out by shoppers."""
    await sync.load([shop("2")])
    await sync.load([shop("1")])
    await sync.snapshot([*full("1", 40), *full("2", 40)], at(60))
    await sync.snapshot([*full("1", 10), *full("2", 10)], at(50))
    ids = {code: store_id for code, _, store_id, _, _ in await held(sync)}
    assert ids == {"2": 1, "1": 2}
    load_id = (await held(sync))[0][1]
    with pytest.raises(ConfigurationError, match="1 may be the code of one store and our id of another: write acme/"):
        await held_store(sync.pool, load_id, "1")
    assert await held_store(sync.pool, load_id, "acme/1") == 2

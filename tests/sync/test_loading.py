"""What loading a file does to the levels: the fold decides, not the order of files, chunks or loaders."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import asyncpg
import pytest

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from inventory_service.domain.offer import NO_DETAILS, Details, Money
from inventory_service.domain.stock import Stock
from inventory_service.storage import loads
from inventory_service.storage.postgres import connected
from store_sync import ahead as reading
from store_sync.load import Loader
from tests.sync.world import GTIN, NOW, OTHER_GTIN, Syncer, at, count, item, order, shop, stopped_clock

STORES = [shop("1", line=2), shop("2", line=3), shop("3", line=4)]
FAULT = Refusal(9, "quantity", "invalid_number", "“x” is not a whole number of pieces.", "1\tcola\tx")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """A chunk is a setting of the module, not a part that could be passed in."""
    monkeypatch.setattr(reading, "CHUNK", 4)
    return 4


async def test_a_count_becomes_the_level_of_its_position(sync: Syncer) -> None:
    await sync.load(STORES)
    loaded = await sync.load([count("1", "cola", 7, at(30), gtin=GTIN)], as_of=at(20))
    assert (loaded.rows, loaded.applied, loaded.unchanged, loaded.rejected) == (1, 1, 0, 0)
    shelf = (await sync.shelves())["acme", "1", GTIN]
    assert (shelf.stock, shelf.observed_at, shelf.as_of, shelf.covered_at, shelf.source) == (
        Stock.exactly(7), at(30), at(20), at(30), "feed",
    )  # fmt: skip


async def test_a_row_without_a_time_has_the_files(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 7)], as_of=at(20))
    assert (await sync.shelves())["acme", "1", "item cola"].observed_at == at(20)


async def test_a_file_without_a_time_has_its_modification_or_else_our_clock(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 7)], modified_at=at(20))
    await sync.load([count("2", "cola", 7)])
    shelves = await sync.shelves()
    assert shelves["acme", "1", "item cola"].observed_at == at(20)
    assert shelves["acme", "2", "item cola"].observed_at == NOW


async def test_a_modification_time_before_any_feed_is_not_believed(sync: Syncer) -> None:
    """Such as the 1980 of a zip file."""
    loaded = await sync.load([*STORES, count("1", "cola", 7)], modified_at=datetime(1980, 1, 1, tzinfo=UTC))
    shelf = (await sync.shelves())["acme", "1", "item cola"]
    assert (loaded.rejected, shelf.observed_at, shelf.as_of) == (0, NOW, NOW)


async def test_a_modification_time_ahead_of_our_clock_orders_files_and_observes_nothing(sync: Syncer) -> None:
    """As with files copied yesterday, when our clock replays history: which is newer must not depend on arrival."""
    newer, older = NOW + timedelta(days=400), NOW + timedelta(days=399)
    await sync.load([*STORES, count("1", "cola", 7, at(60)), count("2", "cola", 5)], modified_at=newer)
    loaded = await sync.load([count("1", "cola", 9, at(60))], modified_at=older)
    shelves = await sync.shelves()
    assert (loaded.applied, shelves["acme", "1", "item cola"].quantity) == (0, 7)
    assert shelves["acme", "2", "item cola"].observed_at == NOW


async def test_a_replay_changes_no_version_and_rewrites_nothing_but_publishes_again(sync: Syncer) -> None:
    lines = [*STORES, count("1", "cola", 7, at(30)), count("2", "cola", 0, at(31)), count("1", "tea", 2, at(32))]
    await sync.load(lines, as_of=at(20))
    before = await sync.versions()
    loaded = await sync.load(lines, as_of=at(20))
    assert (loaded.rows, loaded.applied, loaded.unchanged, loaded.rejected) == (6, 0, 6, 0)
    assert await sync.versions() == before
    first, second = await sync.log("levels")
    assert sorted(zip(first["ids"], first["store_ids"], strict=True)) == sorted(before)
    assert (second["ids"], second["store_ids"]) == (first["ids"], first["store_ids"])


async def test_each_change_of_a_level_raises_its_version_by_one(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 7, at(30))], as_of=at(30))
    for minutes, quantity in ((29, 6), (28, 5), (27, 5), (26, 9)):
        await sync.load([count("1", "cola", quantity, at(minutes))], as_of=at(minutes))
    assert [version for version, _ in (await sync.versions()).values()] == [5]


async def test_a_batch_logs_one_row_and_not_a_row_a_change(sync: Syncer) -> None:
    await sync.load([*STORES, *(count("1", f"item{n}", n, at(30), line=n + 5) for n in range(50))])
    (entry,) = await sync.log("levels")
    assert len(entry["ids"]) == len(entry["store_ids"]) == 50


async def test_a_position_told_of_twice_in_a_file_is_applied_once_and_the_rest_is_unchanged(sync: Syncer) -> None:
    loaded = await sync.load([*STORES, count("1", "cola", 7, at(9)), count("1", "cola", 4, at(9), line=3)], as_of=at(5))
    assert (loaded.rows, loaded.applied, loaded.unchanged) == (5, 4, 1)
    assert await sync.quantities() == {("1", "item cola"): 4}


async def test_an_older_count_that_arrives_late_leaves_the_level_alone(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 7, at(10))], as_of=at(10))
    loaded = await sync.load([count("1", "cola", 3, at(60))], as_of=at(60))
    assert (loaded.applied, loaded.unchanged) == (0, 1)
    assert await sync.quantities() == {("1", "item cola"): 7}


async def test_an_echo_moves_coverage_alone(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 7, at(60))], as_of=at(60))
    await sync.load([count("1", "cola", 7, at(10))], as_of=at(10))
    shelf = (await sync.shelves())["acme", "1", "item cola"]
    assert (shelf.observed_at, shelf.as_of, shelf.covered_at) == (at(60), at(60), at(10))


async def test_details_are_kept_and_told_again_by_the_newest_row(sync: Syncer) -> None:
    priced = Details(price=Money(Decimal("2.50"), "USD"), aisle="A1")
    await sync.load([*STORES, count("1", "cola", 7, at(60), details=priced)], as_of=at(60))
    assert (await sync.shelves())["acme", "1", "item cola"].details == priced
    await sync.load([count("1", "cola", 7, at(10))], as_of=at(10))
    assert (await sync.shelves())["acme", "1", "item cola"].details == NO_DETAILS


def files(rng: Random) -> list[tuple[list[Row], datetime, str]]:
    """(lines, as_of, source) of a few files about a few positions, with few counts, so that much coincides."""
    made = []
    for _ in range(rng.randint(2, 7)):
        lines = [
            count(rng.choice("12"), rng.choice(["cola", "tea"]), rng.randint(0, 2), at(10 * rng.randint(1, 6)), line=n)
            for n in range(2, 2 + rng.randint(1, 9))
        ]
        made.append((lines, at(rng.randint(1, 5)), rng.choice(["till", "night"])))
    return made


async def test_files_in_any_order_and_any_repetition_end_in_the_same_rows(sync: Syncer, small_chunks: int) -> None:
    for seed in range(12):
        rng = Random(seed)
        feeds = files(rng)
        again = feeds + rng.sample(feeds, rng.randint(0, len(feeds)))
        rng.shuffle(again)
        for retailer, order_of_loading in ((f"one-{seed}", feeds), (f"other-{seed}", again)):
            await sync.load(STORES, retailer, source="till")
            await sync.load([], retailer, source="night")
            for lines, as_of, source in order_of_loading:
                await sync.load(rng.sample(lines, len(lines)), retailer, as_of=as_of, source=source)
    shelves = await sync.shelves()
    ones = {key: shelf for key, shelf in shelves.items() if key[0].startswith("one")}
    assert len(ones) > 20
    for (retailer, code, product), shelf in ones.items():
        assert shelves[retailer.replace("one", "other"), code, product] == shelf


async def test_the_size_of_chunks_does_not_matter(sync: Syncer, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [*STORES, *(line for lines, _, _ in files(Random(99)) for line in lines)]
    for chunk in (1, 3, 1_000):
        monkeypatch.setattr(reading, "CHUNK", chunk)
        await sync.load(lines, f"chunk-{chunk}", as_of=at(1))
    shelves = await sync.shelves()
    by_chunk = [
        {key[1:]: shelf for key, shelf in shelves.items() if key[0] == f"chunk-{chunk}"} for chunk in (1, 3, 1_000)
    ]
    assert by_chunk[0]
    assert by_chunk[0] == by_chunk[1] == by_chunk[2]


async def test_every_row_is_applied_unchanged_or_rejected(sync: Syncer, small_chunks: int) -> None:
    lines = [
        *STORES,
        item("cola", GTIN, name="Cola"),
        item("cola", GTIN, name="Cola"),
        shop("1"),
        shop("4", point=None),
        FAULT,
        count("1", "cola", 5, at(9)),
        count("1", "cola", 5, at(9)),
        count("1", "cola", 6, NOW + timedelta(minutes=6)),
        count("9", "cola", 6, at(9)),
    ]
    loaded = await sync.load(lines)
    assert loaded.rows == len(lines) == loaded.applied + loaded.unchanged + loaded.rejected
    assert (loaded.applied, loaded.rejected) == (5, 4)
    assert loaded.reasons == {"invalid_point": 1, "invalid_number": 1, "future": 1, "unknown_store": 1}
    (row,) = await sync.fetch("SELECT rows, applied, unchanged, rejected, failure, finished_at FROM load")
    assert tuple(row) == (loaded.rows, loaded.applied, loaded.unchanged, loaded.rejected, None, NOW)


async def test_refused_lines_are_listed_with_file_line_field_reason_and_the_line(sync: Syncer) -> None:
    await sync.load([*STORES, FAULT, count("1", "cola", 1, at(60 * 24 * 365 * 30), line=12, raw="old")], file="a/b.tsv")
    listed = [(row["file"], row["line"], row["field"], row["reason"], row["raw"]) for row in await sync.rejected()]
    assert listed == [
        ("a/b.tsv", 9, "quantity", "invalid_number", "1\tcola\tx"),
        ("a/b.tsv", 12, "observed_at", "too_old", "old"),
    ]


async def test_rows_of_the_future_are_refused_and_5_minutes_are_forgiven(sync: Syncer) -> None:
    ahead = [count("1", name, 1, NOW + timedelta(seconds=s)) for name, s in (("cola", 300), ("tea", 301))]
    loaded = await sync.load([*STORES, *ahead])
    assert loaded.reasons == {"future": 1}
    assert await sync.quantities() == {("1", "item cola"): 1}


async def test_rows_before_the_year_2000_are_refused(sync: Syncer) -> None:
    edge = datetime(2000, 1, 1, tzinfo=UTC)
    rows = [count("1", name, 1, moment) for name, moment in (("cola", edge), ("tea", edge - timedelta(seconds=1)))]
    loaded = await sync.load([*STORES, *rows])
    assert loaded.reasons == {"too_old": 1}
    assert await sync.quantities() == {("1", "item cola"): 1}


@pytest.mark.parametrize("as_of", [NOW + timedelta(minutes=6), datetime(1999, 12, 31, tzinfo=UTC)])
async def test_a_file_whose_time_cannot_be_true_is_refused_as_a_whole(sync: Syncer, as_of: datetime) -> None:
    with pytest.raises(FeedRefusedError, match="as_of"):
        await sync.load(STORES, as_of=as_of)
    assert await sync.value("SELECT count(*) FROM store") == 0


@pytest.mark.parametrize("nasty", ["a\0b", "\ud800 alone", "\udcff", "x" * 5_000, "𝄞 ü \x01"])
async def test_whatever_stands_in_a_refused_line_the_load_goes_on(sync: Syncer, nasty: str) -> None:
    refused = Refusal(5, nasty[:20], "encoding", f"Detail {nasty}", nasty)
    late = count("1", "cola", 1, NOW + timedelta(days=1), raw=nasty)
    loaded = await sync.load([*STORES, refused, late, count("1", "tea", 3)], file=f"feed {nasty}.tsv")
    assert (loaded.applied, loaded.rejected) == (4, 2)
    assert await sync.quantities() == {("1", "item tea"): 3}
    assert len(await sync.rejected()) == 2


async def test_a_dry_run_tells_what_a_load_would_and_changes_nothing(sync: Syncer, small_chunks: int) -> None:
    await sync.load([*STORES, count("1", "cola", 7, at(60))], as_of=at(60))
    tables = ("retailer", "store", "product", "item", "source", "load", "rejected", "position", "coverage", "change")
    query = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) FROM {name}" for name in tables)
    before = [tuple(row) for row in await sync.fetch(query)], await sync.versions()
    lines = [FAULT, shop("5"), *(count(code, "cola", 3, at(5)) for code in "1259"), count("1", "tea", 3, at(5))]
    told = await sync.loader.rehearse(order(source="other", as_of=at(5)), lines)
    assert ([tuple(row) for row in await sync.fetch(query)], await sync.versions()) == before
    done = await sync.load(lines, source="other", as_of=at(5))
    assert replace(told, load_id=done.load_id) == done


async def test_a_dry_run_of_a_snapshot_changes_nothing_either(sync: Syncer) -> None:
    await sync.load([*STORES, count("1", "cola", 7, at(60)), count("1", "tea", 1, at(60))], as_of=at(60))
    before = await sync.versions()
    await sync.loader.rehearse(order(as_of=at(5), snapshot=True), [count("1", "cola", 7, at(5))])
    assert await sync.versions() == before
    assert await sync.coverage() == {}


async def test_two_loaders_of_one_retailer_at_once_end_as_one_after_the_other(sync: Syncer, small_chunks: int) -> None:
    rng = Random(5)
    feeds = [
        [
            count(rng.choice("123"), f"item{rng.randint(1, 8)}", rng.randint(0, 3), at(rng.randint(1, 50)), line=n)
            for n in range(60)
        ]
        for _ in range(2)
    ]
    await sync.load(STORES, "apart")
    for number, feed in enumerate(feeds):
        await sync.load(feed, "apart", as_of=at(number))
    await sync.load(STORES, "at-once")
    await asyncio.gather(*(sync.load(feed, "at-once", as_of=at(number)) for number, feed in enumerate(feeds)))
    shelves = await sync.shelves()
    apart = {key[1:]: shelf for key, shelf in shelves.items() if key[0] == "apart"}
    at_once = {key[1:]: shelf for key, shelf in shelves.items() if key[0] == "at-once"}
    assert len(apart) > 10
    assert apart == at_once


async def test_loaders_that_share_products_and_retailers_do_not_lock_each_other_out(
    sync: Syncer, small_chunks: int
) -> None:
    """Files that name several retailers, in opposite order, with new stores and the same new products."""
    gtins = [f"{n:013d}" for n in range(400_638_000_000, 400_638_000_024)]
    gtins = [body + check(body) for body in gtins]

    def lines(seed: int) -> list[Row]:
        rng, names = Random(seed), ["a", "b", "c", "d"]
        made: list[Row] = []
        for line, gtin in enumerate(rng.sample(gtins, len(gtins)), start=2):
            code, retailer = f"{seed}-{line}", rng.choice(names)
            made.append(shop(code, line=line, retailer=retailer))
            made.append(count(code, gtin, 1, at(9), line=line, gtin=gtin, retailer=retailer))
        return made

    loaded = await asyncio.gather(*(sync.load(lines(seed), f"loader-{seed}", as_of=at(9)) for seed in range(4)))
    assert [one.applied for one in loaded] == [48] * 4
    assert await sync.value("SELECT count(*) FROM product") == len(gtins)
    assert await sync.value("SELECT count(*) FROM position") == 4 * len(gtins)


def check(body: str) -> str:
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


async def test_a_load_that_is_killed_half_way_leaves_whole_chunks_and_can_be_repeated(
    sync: Syncer, small_chunks: int
) -> None:
    await sync.load(STORES)
    lines = [count("1", f"item{n:02}", n, at(30), line=n + 2) for n in range(20)]
    reached = asyncio.Event()

    def stopping() -> Iterator[Row]:
        for number, line in enumerate(lines):
            if number == 10:
                reached.set()
            yield line

    task = asyncio.create_task(sync.load(stopping(), as_of=at(30)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    there = await sync.quantities()
    assert 0 < len(there) < len(lines)
    assert len(there) % small_chunks == 0
    (row,) = await sync.fetch("SELECT * FROM load ORDER BY load_id DESC LIMIT 1")
    assert (row["rows"], row["applied"]) == (len(there), len(there))
    assert row["finished_at"] is None or row["failure"] is not None
    before = await sync.versions()
    again = await sync.load(lines, as_of=at(30))
    assert (again.applied, again.unchanged) == (len(lines) - len(there), len(there))
    assert before.items() <= (await sync.versions()).items()


async def test_a_file_that_breaks_off_keeps_what_came_before_and_says_why(sync: Syncer, small_chunks: int) -> None:
    def broken() -> Iterator[Row]:
        yield from STORES
        yield from (count("1", f"item{n}", n, at(30)) for n in range(7))
        raise FeedRefusedError("The file is cut off.")

    with pytest.raises(FeedRefusedError, match="cut off"):
        await sync.load(broken())
    assert len(await sync.quantities()) == 7
    (row,) = await sync.fetch("SELECT rows, failure FROM load")
    assert tuple(row) == (10, "The file is cut off.")


async def test_progress_is_reported_after_each_chunk(sync: Syncer, small_chunks: int) -> None:
    seen: list[int] = []
    lines = [*STORES, *(count("1", f"item{n}", n, at(30)) for n in range(7))]
    await sync.loader.load(order(), lines, lambda loaded: seen.append(loaded.rows))
    assert seen == [4, 8, 10]
    assert all(before < after for before, after in pairwise(seen))


async def test_retailers_named_in_the_rows_own_their_stores(sync: Syncer) -> None:
    lines = [shop("1", retailer="north"), shop("1", retailer="south"), count("1", "cola", 4, at(9), retailer="south")]
    loaded = await sync.load(lines, "whole-sale")
    assert (loaded.applied, loaded.rejected) == (3, 0)
    assert list(await sync.shelves()) == [("south", "1", "item cola")]


async def test_restricted_numbers_of_two_retailers_stay_apart_and_others_are_one_product(sync: Syncer) -> None:
    own = "0200000000000" + check("0200000000000")
    for retailer, quantity in (("acme", 3), ("bolt", 8)):
        await sync.load([*STORES, count("1", "loaf", quantity, at(9), gtin=own)], retailer)
        await sync.load([count("1", "cola", quantity, at(9), gtin=OTHER_GTIN)], retailer)
    products = await sync.fetch("SELECT gtin, owner_id IS NULL AS everyones FROM product ORDER BY product_id")
    assert [tuple(row) for row in products] == [(own, False), (OTHER_GTIN, True), (own, False)]
    shelves = await sync.shelves()
    assert {key[0]: shelf.quantity for key, shelf in shelves.items() if key[2] == own} == {"acme": 3, "bolt": 8}


async def test_a_loader_of_another_clock_refuses_by_that_clock(sync: Syncer) -> None:
    history = Loader(sync.pool, stopped_clock(at(60 * 24)))
    loaded = await history.load(order(), [*STORES, count("1", "cola", 1, at(60))])
    assert loaded.reasons == {"future": 1}


def codes(rows: Sequence[Row]) -> list[str]:
    return [row.store.store_code for row in rows if row.store]


async def test_store_codes_keep_their_case_and_their_length(sync: Syncer) -> None:
    long = [shop("12345678901234567890"), shop("00042"), shop("a"), shop("A")]
    await sync.load(long)
    assert [row["store_code"] for row in await sync.fetch("SELECT store_code FROM store ORDER BY store_id")] == codes(
        long
    )


async def test_a_load_whose_program_died_is_told_as_interrupted_once_another_begins(
    sync: Syncer, database_url: str
) -> None:
    """Whatever load of the same number is under way in another database of that server."""
    await sync.load(STORES)
    dead = await sync.value(
        "INSERT INTO load (source_id, file, kind, as_of, started_at) SELECT source_id, 'a', 'any', $1, $1 FROM source"
        " LIMIT 1 RETURNING load_id",
        at(30),
    )
    neighbour = await asyncpg.connect(database_url, database="postgres")
    await neighbour.execute("SELECT pg_advisory_lock($1, $2)", loads.LOCK_LOAD, dead)
    async with connected(sync.pool, deadline_s=20) as elsewhere:
        source_id = await sync.value("SELECT min(source_id) FROM source")
        alive = await loads.begin(elsewhere, source_id, "b", "any", at(20), at(20))
        await sync.load([count("1", "cola", 5)], as_of=at(10))
        rows = await sync.fetch(
            "SELECT load_id, finished_at, failure FROM load WHERE load_id = ANY ($1)", [dead, alive]
        )
    await neighbour.close()
    told = {row["load_id"]: (row["finished_at"], row["failure"]) for row in rows}
    assert told == {dead: (NOW, "The load was interrupted."), alive: (None, None)}


async def test_rows_that_contradict_each_other_are_told(sync: Syncer) -> None:
    """The smaller count holds, and somebody should know that there was another."""
    rows = [count("1", "a", 3), count("1", "a", 30), count("1", "b", 5), count("1", "b", 5), count("1", "c", 1)]
    loaded = await sync.load([shop("1"), *rows], as_of=at(30))
    assert (loaded.conflicting, loaded.rejected) == (1, 0)
    assert (await sync.quantities())["1", "item a"] == 3
    assert (await sync.load([count("1", "a", 7), count("1", "c", 2)], as_of=at(20))).conflicting == 0
    assert (await sync.load([count("1", "c", 9)], as_of=at(20))).conflicting == 1

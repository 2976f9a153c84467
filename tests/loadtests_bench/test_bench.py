"""The benchmark's pure parts: sizes, plans, medians, batches."""

from itertools import islice
from pathlib import Path

import pytest

from loadtests.bench import worlds
from loadtests.bench.ceiling import medians
from loadtests.bench.changing import BATCH, batched, of_shops
from loadtests.bench.options import named, options, positions
from loadtests.bench.plan import Room, plan, times
from loadtests.bench.soak import growth, sliced
from loadtests.bench.steady import is_steady
from loadtests.world.assortment import Assortment
from loadtests.world.model import World
from loadtests.world.places import fingerprint
from loadtests.world.room import Needs
from loadtests.world.stored import Stored

GIB = 1 << 30


def test_a_size_is_read_and_named() -> None:
    assert [named(positions(text)) for text in ("500k", "1M", "300M", "1500000", "17")] == [
        "500k",
        "1M",
        "300M",
        "1500k",
        "17",
    ]
    for wrong in ("", "M", "10m", "-1M", "1.5M", "301M", "0"):
        with pytest.raises(ValueError, match="positions"):
            positions(wrong)


def test_the_largest_size_is_measured_in_full_and_milo_is_the_whole_curve() -> None:
    assert options([]).sizes == (10_000_000,)
    assert options(["--sizes", "10M,1M,10M"]).sizes == (1_000_000, 10_000_000)
    assert options(["--milo"]).sizes == (1_000_000, 10_000_000, 100_000_000, 300_000_000)


@pytest.mark.parametrize("words", [["--sizes", "many"], ["--soak", "601"], ["--rounds", "0"], ["--changes", "-1"]])
def test_options_that_do_not_fit_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(words)
    assert "error:" in capsys.readouterr().err


def test_what_does_not_fit_is_said_before_and_the_largest_that_fits_takes_its_place() -> None:
    sizes = [positions(text) for text in ("1M", "10M", "300M")]
    found = plan(sizes, [], Room(40 * GIB, 20 * GIB, discards=False))
    *small, largest = found.sizes
    assert small == [1_000_000, 10_000_000]
    assert 10_000_000 < largest < 300_000_000
    assert found.dropped == (300_000_000,)
    assert "1M, 10M" in found.sentence
    assert "Not 300M" in found.sentence
    assert plan([*small, largest], [], Room(40 * GIB, 20 * GIB, discards=False)).dropped == ()
    more = [*small, largest + 1_000_000]
    assert plan(more, [], Room(40 * GIB, 20 * GIB, discards=False)).dropped == (more[-1],)


def test_where_nothing_larger_fits_nothing_takes_the_place() -> None:
    found = plan([1_000_000, 10_000_000], [1_000_000], Room(1 * GIB, 20 * GIB, discards=False))
    assert (found.sizes, found.dropped) == ((1_000_000,), (10_000_000,))


def test_the_time_of_each_part_is_told_and_a_usual_run_takes_no_more_than_twelve_minutes() -> None:
    told = times((10_000_000,), options([]))
    assert "ratio" in told[0]
    assert "warming Redis" in told[0]
    minutes = int(told[-1].split("about ")[1].split()[0])
    assert 5 <= minutes <= 12
    assert len(times((1_000_000, 10_000_000), options(["--no-sync"]))) == 3


def test_a_world_that_is_there_or_is_removed_needs_no_room_beside_the_next() -> None:
    two = [10_000_000, 100_000_000]
    disk = Needs(two[1], 150).disk_bytes
    assert plan(two, [], Room(disk, 20 * GIB, discards=False)).dropped == (100_000_000,), "disk"
    assert plan(two, [], Room(disk, 20 * GIB, discards=True)).dropped == ()
    assert plan(two, two[:1], Room(disk, 20 * GIB, discards=False)).dropped == ()
    assert plan(two, two, Room(0, 5 * GIB, discards=False)).dropped == (100_000_000,), "memory"


def test_a_ratio_is_of_one_round_and_a_client_that_was_the_limit_is_told() -> None:
    rounds = [(heard(30_000, 0.98), heard(15_000, 1)), (heard(20_000, 0.97), heard(14_000, 1))]
    rounds.append((heard(40_000, 0.99), heard(16_000, 1)))
    found = medians(rounds)
    assert (found["noop_rps"], found["lookup_rps"], found["ratio"]) == (30_000, 15_000, 0.5)
    assert found["cpu_ratio"] == 0.5
    assert found["noop_core_held"]
    assert not medians([*rounds, (heard(20_000, 0.8), heard(9_000, 1))])["noop_core_held"]


def heard(rps: float, share: float) -> dict[str, object]:
    times = {"p50_ms": 1.0, "p99_ms": 2.0, "results_per_answer": 10.0, "broken": 0, "unanswered": 0}
    return {
        "rps": rps,
        "server_cpu_share": share,
        "server_cpu_us": 1e6 / rps,
        "statuses": {"200": 9, "503": 1},
        **times,
    }


def test_batches_are_of_one_retailer_and_lose_nothing() -> None:
    changes = [(f"r{number % 3}", {"quantity": number}) for number in range(4 * BATCH)]
    found = list(batched(changes))
    assert sorted((retailer, line["quantity"]) for retailer, lines in found for line in lines) == sorted(
        (retailer, line["quantity"]) for retailer, line in changes
    )
    assert max(len(lines) for _, lines in found) == BATCH


def test_a_position_of_the_shops_never_repeats_its_count() -> None:
    counts: dict[tuple[str, str], int] = {}
    for _, line in islice(of_shops("r", 3, 4), 200):
        position = (line["store_code"], line["item_id"])
        assert counts.get(position) != line["quantity"]
        counts[position] = line["quantity"]


def test_memory_that_was_taken_at_the_start_is_no_growth() -> None:
    assert growth([50, 90, 100, 100, 100, 100, 100, 100])["soak_rss_growth_bytes"] == 0
    assert growth([50, 60, 70, 80, 90, 100, 110, 120])["soak_rss_growth_bytes"] == 20


def test_a_rate_is_steady_once_it_rises_no_longer() -> None:
    assert not is_steady([])
    assert not is_steady([100.0])
    assert not is_steady([100.0, 150.0])
    assert is_steady([100.0, 150.0, 151.0])
    assert is_steady([100.0, 95.0])
    assert not is_steady([100.0, 40.0]), "other work came between"
    assert not is_steady([0.0, 0.0])


def test_a_soak_is_asked_in_slices() -> None:
    assert sliced(600) == [60.0] * 10
    assert sliced(90) == [45.0, 45.0]


def test_the_stores_of_a_world_that_is_there_are_those_wanted(tmp_path: Path) -> None:
    stores, others = tmp_path / "stores.tsv", tmp_path / "others.tsv"
    stores.write_text("a")
    others.write_text("b")
    made = named_places(fingerprint(stores))
    worlds.check_places(made, options(["--stores", str(stores)]))
    worlds.check_places(made, options([]))
    with pytest.raises(SystemExit, match="has stores of stores"):
        worlds.check_places(made, options(["--stores", str(others)]))


def named_places(places: str) -> Stored:
    world = World(1_000, 1, 10, 2, places=places)
    return Stored(Assortment(world), geography=None, rows=0)  # type: ignore[arg-type]

"""Everything is killed in the middle of everything, and nothing is lost, doubled or written by the dead."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loadtests.crash_answers import Levels, expected, judged
from loadtests.crash_oracle import Kind, Said, fault, level
from loadtests.crash_world import World

PROJECT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS, KILLS, SEED = 8_000, 6, 3
DEADLINE_S = 600


def said(kind: Kind, quantity: int, minutes: int, source: str = "feed") -> Said:
    at = NOON + timedelta(minutes=minutes)
    return Said(kind, source, at, at, quantity, f"{kind} {minutes} {quantity}")


def test_after_seeded_kills_of_everything_the_levels_are_those_of_an_oracle() -> None:
    words = (sys.executable, "-m", "loadtests.crash", "--rows", ROWS, "--kills", KILLS, "--seed", SEED)
    done = subprocess.run(
        [*map(str, words)], cwd=PROJECT, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.stdout.endswith("}\n"), done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    faults = ("lost", "doubled", "other", "zombie_writes", "cache_differences")
    assert {name: told[name] for name in faults} == dict.fromkeys(faults, 0), done.stdout
    assert told["breakdowns"] == []
    assert told["zombies_ended"] == [2, 2]
    assert told["kills"] == KILLS
    assert {"postgres", "redis"} < told["killed"].keys()
    assert told["rows"] >= ROWS * 0.95
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("story", "pieces"),
    [
        ([], None),
        ([said("sale", 1, 5)], None),
        ([said("record", 5, 0), said("sale", 2, 5)], 3),
        ([said("sale", 2, 5), said("record", 5, 0)], 3),
        ([said("record", 5, 0), said("sale", 2, 5), said("record", 5, 10)], 5),
        ([said("record", 5, 0), said("sale", 2, 5, "till"), said("record", 5, 10)], 3),
        ([said("record", 5, 0), said("sale", 2, 5), said("record", 4, 10)], 4),
        ([said("record", 5, 0), said("sale", 2, 5, "till"), said("record", 3, 10)], 3),
        ([said("record", 5, 0), said("record", 9, 5, "shop"), said("record", 5, 10)], 9),
        ([said("record", 2, 0), said("sale", 3, 5), said("delivery", 4, 6)], 4),
        ([said("sale", 1, 10), said("record", 5, 10)], 4),
        ([said("record", 7, 10), said("record", 3, 10, "shop")], 3),
    ],
)
def test_the_oracle_folds_by_when_things_were_observed(story: list[Said], pieces: int | None) -> None:
    assert level(story) == pieces


def test_the_oracle_tells_what_was_lost_from_what_was_counted_twice() -> None:
    story = [said("record", 9, 0), said("sale", 2, 5), said("delivery", 1, 6)]
    assert [fault(story, found) for found in (8, 10, 7, 6, 9, 5, None)] == [
        *(None, "lost", "lost", "doubled", "doubled", "other", "lost")
    ]


def test_every_position_that_differs_is_counted(tmp_path: Path) -> None:
    world = World(500, 1, NOON)
    world.full_file(tmp_path / "feed.tsv", range(world.stores), 0)
    right = expected(world)
    wrong: Levels = dict(right)
    del wrong[3, 4]
    wrong[1, 2] = (right[1, 2] or 0) + 1
    assert judged(world, right, right).wrong == 0
    assert judged(world, right, wrong).wrong == 2


def test_a_second_full_file_leaves_out_what_only_the_first_and_the_till_speak_of(tmp_path: Path) -> None:
    world = World(5_000, 1, NOON)
    for number in (0, 1):
        world.full_file(tmp_path / f"{number}.tsv", range(world.stores), number)
    list(world.webhooks(1_000))
    world.counts_file(tmp_path / "counts.jsonl", 0, 1_000)
    assert world.absent
    levels = expected(world)
    assert {levels[position] for position in world.absent} == {0}
    listed = {tuple(line.split("\t")[:2]) for line in (tmp_path / "1.tsv").read_text().splitlines()[1:]}
    assert len(listed) == world.stores * world.items - len(world.absent)

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from loadtests.world.feeds import Feeds
from loadtests.world.loading import FILES_A_STEP, Loading, Retailer
from loadtests.world.model import World
from loadtests.world.progress import Reached, told
from loadtests.world.state import begun, opened_state
from loadtests.world.wording import retailer_slug
from tests.loadtests_world.worlds import SMALL, stored


class Loader:
    """Takes files in place of our command; gives up at those whose name has `fails_at` in it."""

    def __init__(self, fails_at: str = "nothing") -> None:
        self._fails_at = fails_at
        self.loaded: list[str] = []
        self.lines = 0

    def __call__(self, slug: str, paths: Sequence[Path]) -> dict[str, Any]:
        for path in paths:
            if self._fails_at in path.name:
                raise SystemExit(f"{slug}: killed")
            self.loaded.append(path.name)
            self.lines += path.read_bytes().count(b"\n") - 1 if "stock" in path.name else 0
        return {"rejected": 0}


def load(folder: Path, loader: Loader, rows_a_file: int = 1_000_000) -> list[Reached]:
    made, world = stored(SMALL), SMALL
    state = begun(folder / "world" / "state.json", world)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    feeds = [Feeds(made.assortment, made.geography, state.began_at, number) for number in range(world.retailers)]
    reached: list[Reached] = []
    Loading(state, scratch, loader, reached.append).run(
        [Retailer(one.slug, partial(one.all, rows_a_file)) for one in feeds], jobs=1
    )
    return reached


def test_a_load_goes_on_where_it_was_interrupted_and_repeats_no_retailer_that_was_finished(tmp_path: Path) -> None:
    slugs = [retailer_slug(number) for number in range(6)]
    killed, rest = Loader(fails_at=f"{slugs[3]}-stock"), Loader()
    with pytest.raises(SystemExit, match="killed"):
        load(tmp_path, killed)
    reached = load(tmp_path, rest)
    finished = {name for name in killed.loaded if not name.startswith(slugs[3])}
    assert {f"{slug}-products.tsv" for slug in slugs[:3]} <= finished
    assert not finished & set(rest.loaded)
    assert [name for name in rest.loaded if name.startswith(slugs[3])]
    assert reached[-1] == Reached(killed.lines + rest.lines, 6)


def test_a_world_that_is_loaded_is_not_loaded_again(tmp_path: Path) -> None:
    load(tmp_path, Loader())
    again = Loader()
    load(tmp_path, again)
    assert again.loaded == []


def test_many_stores_are_loaded_in_steps_and_an_interrupted_step_alone_is_repeated(tmp_path: Path) -> None:
    lengths = stored(SMALL).assortment.list_lengths.tolist()
    largest = retailer_slug(lengths.index(max(lengths)))
    first = Loader(fails_at=f"{largest}-stock-00002")
    with pytest.raises(SystemExit):
        load(tmp_path, first, rows_a_file=1_000)
    rest = Loader()
    load(tmp_path, rest, rows_a_file=1_000)
    mine = [name for name in first.loaded if name.startswith(largest)]
    assert len(mine) >= FILES_A_STEP
    assert not set(mine[:FILES_A_STEP]) & set(rest.loaded)
    assert {f"{largest}-stock-00002.tsv"} <= set(rest.loaded)


def test_files_lie_on_the_disk_only_while_they_are_loaded(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        load(tmp_path, Loader(fails_at="stock"))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_file_bears_the_moment_that_it_speaks_of(tmp_path: Path) -> None:
    seen: dict[str, float] = {}

    class Looking(Loader):
        def __call__(self, slug: str, paths: Sequence[Path]) -> dict[str, Any]:
            seen.update({path.name: path.stat().st_mtime for path in paths})
            return super().__call__(slug, paths)

    load(tmp_path, Looking())
    began_at = opened_state(tmp_path / "world" / "state.json").began_at
    ages_s = [began_at.timestamp() - moment for name, moment in seen.items() if "stock" in name]
    assert len(ages_s) == 6
    assert all(0 <= age_s <= 86_400 for age_s in ages_s)


def test_a_line_that_is_refused_stops_the_load(tmp_path: Path) -> None:
    class Refusing(Loader):
        def __call__(self, slug: str, paths: Sequence[Path]) -> dict[str, Any]:
            return {"rejected": 1}

    with pytest.raises(SystemExit, match="not everything was taken"):
        load(tmp_path, Refusing())


def test_another_world_is_not_loaded_over_one(tmp_path: Path) -> None:
    begun(tmp_path / "world" / "state.json", SMALL)
    with pytest.raises(SystemExit, match="holds another world"):
        begun(tmp_path / "world" / "state.json", World(positions=31_000, stores=600, retailers=6))


def test_progress_counts_retailers_too_since_each_takes_a_while() -> None:
    half = told(Reached(400_000, 10), Reached(0, 0), Reached(800_000, 20), seconds=30.0)
    assert half == "400,000 of about 800,000 rows, 10 of 20 retailers, 13,333 rows/s, 0.5 minutes left"
    all_rows = told(Reached(800_000, 10), Reached(0, 0), Reached(800_000, 20), seconds=30.0)
    assert not all_rows.endswith(" 0.0 minutes left")


def test_progress_of_a_run_that_goes_on_counts_what_it_did_itself() -> None:
    line = told(Reached(600_000, 15), Reached(400_000, 10), Reached(800_000, 20), seconds=60.0)
    assert line.endswith(" 3,333 rows/s, 1.0 minutes left")

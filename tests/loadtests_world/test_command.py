import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.world.stored import opened

PROJECT = Path(__file__).resolve().parents[2]
WITHIN_S = 240


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, since sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="nearshelf-world-") as name:
        yield Path(name)


def test_a_small_world_is_loaded_by_our_own_commands_warmed_and_kept(folder: Path) -> None:
    words = ["--positions", "6k", "--store-count", "60", "--retailers", "3", "--jobs", "1", "--data-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.world", *words], cwd=PROJECT, capture_output=True, text=True, timeout=WITHIN_S
    )
    assert done.returncode == 0, done.stderr
    assert "6,000 positions need about" in done.stdout.splitlines()[0]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["rows"] == figures["rebuild"]["levels"] == pytest.approx(6_000, rel=0.05)
    assert figures["rebuild"]["left"] == 0
    made = opened(folder)
    assert made.rows == figures["rows"]
    assert made.assortment.world.as_json() == figures["world"]
    assert len(made.geography.places) == 60
    assert not (folder / "world" / "scratch").exists()

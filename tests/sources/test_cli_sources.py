"""`python -m store_sync sources`: what a person and a script see, and what pausing does."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from store_sync.declared import Declared, DeclaredSource
from store_sync.sources.showing import shown, span, with_declared
from tests.sources.world import DEADLINE_S, Sources
from tests.sync.world import NOW, at, count

PROJECT = Path(__file__).resolve().parents[2]
FILE = """
[[source]]
retailer = "acme"
source = "tills"

[[source]]
retailer = "acme"
source = "shop"
vendor = "shopify"
secrets = ["ACME_SHOPIFY_SECRET"]

[[source]]
retailer = "acme"
source = "stock"
watch = "incoming"
format = "google-local-inventory"
snapshot = true
"""

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "sources.toml").write_text(FILE)
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1",
        "DATA_DIR": str(tmp_path / "data"),
        "SOURCES": str(tmp_path / "sources.toml"),
        "COLUMNS": "100",
    }


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", "store_sync", "sources", *words]
        return subprocess.run(
            arguments, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


async def test_elsewhere_than_on_a_terminal_each_source_is_a_line_of_json(sources: Sources, command: Command) -> None:
    await sources.sync.load([count("1", "cola", 5), count("nowhere", "cola", 5)], as_of=at(30))
    rows = {row["source"]: row for row in map(json.loads, command().stdout.splitlines())}
    assert {name: row["way"] for name, row in rows.items()} == {
        "feed": None,
        "shop": "webhook",
        "shops": None,
        "stock": "watch",
        "tills": "send",
    }
    assert (rows["feed"]["rows"], rows["feed"]["last_run"]["file"]) == (2, "feed.tsv")
    assert rows["stock"]["last_run"] is None


async def test_a_source_is_paused_and_resumed_and_the_decisions_are_kept(sources: Sources, command: Command) -> None:
    await sources.sync.load([count("1", "cola", 5)], as_of=at(30))
    assert command("pause", "acme/feed").stdout == "acme/feed is paused.\n"
    assert (await sources.row())["paused"] is True
    assert command("resume", "acme", "feed").stdout == "acme/feed goes on.\n"
    assert (await sources.row())["paused"] is False
    rows = await sources.sync.fetch("SELECT paused, decided_by FROM source_pause ORDER BY source_pause_id")
    assert [row["paused"] for row in rows] == [True, False]
    assert all("@" in row["decided_by"] for row in rows)


async def test_a_declared_source_can_be_paused_before_its_first_file(sources: Sources, command: Command) -> None:
    assert command("pause", "acme/stock").returncode == 0
    assert (await sources.row("stock"))["paused"] is True


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pause", "acme/nope"), "There is no source acme/nope."),
        (("pause", "acme"), "Name one source: RETAILER SOURCE, or RETAILER/SOURCE."),
        (("resume", "a", "b", "c"), "Name one source: RETAILER SOURCE, or RETAILER/SOURCE."),
    ],
)
def test_a_source_nobody_knows_is_one_sentence(command: Command, words: tuple[str, ...], sentence: str) -> None:
    ended = command(*words)
    assert (ended.returncode, ended.stderr.strip(), ended.stdout) == (2, sentence, "")


def test_check_tells_what_each_source_does_and_which_variables_are_missing(command: Command, tmp_path: Path) -> None:
    ended = command("check")
    assert ended.returncode == 0
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("acme/tills: takes files at /v1/feeds/tills")
    assert lines[1] == "acme/shop: takes webhooks of shopify at /v1/webhooks/shopify/shop."
    assert lines[2] == "acme/shop: the environment variable ACME_SHOPIFY_SECRET is not set."
    assert lines[3].startswith(f"acme/stock: looks at {tmp_path / 'incoming'} every 2 s")


def test_check_of_a_faulty_file_ends_with_status_2(command: Command, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(FILE + 'colour = "red"\n')
    ended = command("check", str(other))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{other}: [[source]] 3 (acme/stock): colour: ")


def test_watch_shows_a_table_on_a_terminal_until_ctrl_c(environment: dict[str, str]) -> None:
    try:
        ours, theirs = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal can be made here: {error}")
    process = subprocess.Popen(
        [sys.executable, "-m", "store_sync", "sources", "--watch"],
        cwd=PROJECT,
        env={**environment, "TERM": "xterm", "LINES": "30"},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    try:
        screen = _read_until(ours, b"acme/tills", times=2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"last run" in screen


def _read_until(terminal: int, mark: bytes, times: int) -> bytes:
    """What stands on the terminal once `mark` came so many times: the table was drawn again."""
    screen, ends_at = b"", time.monotonic() + DEADLINE_S
    os.set_blocking(terminal, False)
    while screen.count(mark) < times:
        assert time.monotonic() < ends_at, screen
        try:
            screen += os.read(terminal, 1 << 16)
        except BlockingIOError:
            time.sleep(0.02)
    return screen


def drawn(rows: list[dict[str, Any]]) -> list[str]:
    """The lines of the table on a terminal of 100 columns."""
    screen = io.StringIO()
    Console(file=screen, width=100, color_system=None).print(shown(rows, NOW))
    return screen.getvalue().splitlines()


async def test_a_busy_source_fits_a_line_of_100_columns(sources: Sources) -> None:
    await sources.sync.load([count("1", "cola", 5)], as_of=at(30))
    row = await sources.row()
    row |= {"way": "webhook", "lag_s": 86_399.0, "source": "a-source-with-a-name"}
    row |= dict.fromkeys(("rows", "applied", "unchanged", "rejected"), 123_456_789) | {"rows": 9_999_999}
    head, line, *_ = drawn([row])
    assert len(head.rstrip()) <= 100
    assert line.split()[0] == "acme/a-source-with-a-name"
    assert line.rstrip().endswith("123.5 M")
    assert "23 h" in line


async def test_what_wants_looking_at_stands_below_the_table(sources: Sources, tmp_path: Path) -> None:
    await sources.sync.load([count("nowhere", "cola", 5, line=7)], as_of=at(30))
    row = (await sources.row()) | {"way": "watch", "look_failure": "There is no file or folder /in.", "held_stores": 2}
    row["reasons"] = {
        "negative": {"count": 4, "examples": [{"file": "/in/a.txt", "line": 7, "detail": "Less than nothing."}]}
    }
    row["unknown_stores"] = {"count": 1, "examples": ["nowhere"]}
    told = "\n".join(drawn([row]))
    assert "failed" in told
    assert "acme/feed: There is no file or folder /in." in told
    assert "acme/feed: 4 × negative in a.txt line 7: Less than nothing." in told
    assert "acme/feed: 1 unknown store codes, such as nowhere." in told
    assert "acme/feed: 2 stores wait for a person" in told


def test_without_sources_a_person_is_told_what_to_do() -> None:
    assert drawn([]) == ["There is no source yet: declare one in sources.toml, or load a file."]


def test_a_declared_source_is_listed_before_it_has_run() -> None:
    declared = Declared([DeclaredSource("acme", "till", "auto")])
    [row] = with_declared(declared, [])
    assert (row["retailer"], row["source"], row["way"], row["last_run"]) == ("acme", "till", "send", None)
    assert "waiting" in drawn([row])[1]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59, "59 s"), (61, "1 min"), (7_300, "2 h"), (200_000, "2 d")]
)
def test_spans_are_told_in_whole_units(seconds: float, words: str) -> None:
    assert span(seconds) == words

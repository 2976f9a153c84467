"""`python -m inventory_service explain` as a person and a script see it."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.explaining.world import Day
from tests.sync.world import GTIN, NOW, Syncer, at

PROJECT = Path(__file__).resolve().parents[2]
USUAL = ("--gtin", GTIN, "--store", "acme/1")
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    here = {"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1", "DATA_DIR": str(tmp_path)}
    return {**os.environ, **here, "CLOCK": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "COLUMNS": "160", "TERM": "xterm"}


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", "inventory_service", "explain", *words]
        return subprocess.run(
            arguments, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture
async def day(sync: Syncer) -> Day:
    """Five pieces ten hours ago, and staff who found none eight hours ago."""
    day = Day(sync)
    await day.opened()
    await day.file(5, 600)
    await day.look(0, 500)
    return day


def moment(minutes: float) -> str:
    return f"{at(minutes):%Y-%m-%dT%H:%M:%SZ}"


def on_a_terminal(environment: dict[str, str], *words: str) -> str:
    """What stands on the screen afterwards."""
    try:
        ours, theirs = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal can be made here: {error}")
    arguments = [sys.executable, "-m", "inventory_service", "explain", *words]
    with subprocess.Popen(arguments, cwd=PROJECT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown = b""
        with suppress(OSError):
            while part := os.read(ours, 65_536):
                shown += part
    os.close(ours)
    return shown.decode()


async def test_programs_read_what_was_said_before_and_after_somebody_looked(day: Day, command: Command) -> None:
    told = [json.loads(command(*USUAL, "--at", moment(minutes), "--json").stdout) for minutes in (550, 100)]
    assert [one["availability"] for one in told] == ["in_stock", "out_of_stock"]
    assert [one["reports"][-1]["kind"] for one in told] == ["record", "confirmation"]
    assert told[1]["reports"][-1]["by"] == "key st_ab12cd Ann"


async def test_without_a_time_it_tells_of_now(day: Day, command: Command) -> None:
    told = json.loads(command(*USUAL, "--json").stdout)
    assert told["at"].startswith("2026-11-22T12:00")
    assert told["availability"] == "out_of_stock"


async def test_a_pipe_gets_plain_lines(day: Day, command: Command) -> None:
    plain = command(*USUAL, "--at", moment(100))
    assert plain.returncode == 0
    assert "We said out_of_stock" in plain.stdout
    assert not {"\x1b", "│"} & set(plain.stdout)


async def test_a_terminal_gets_a_table(day: Day, environment: dict[str, str]) -> None:
    shown = await asyncio.to_thread(on_a_terminal, environment, *USUAL, "--at", moment(100))
    assert "│" in shown
    assert "key st_ab12cd Ann" in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--at", "2026-11-23T00:00:00Z"), "is yet to come"),
        (("--at", "yesterday"), "is no ISO 8601 time"),
        (("--at", "2026-11-01T00:00:00Z"), "what is kept of it begins at 2026-11-22 02:00:00Z"),
        (("--store", "acme/2"), "acme has no store 2."),
        (("--gtin", "00300691085302"), "The check digit"),
    ],
)
async def test_what_cannot_be_told_is_one_sentence(
    day: Day, command: Command, words: tuple[str, ...], sentence: str
) -> None:
    ended = command(*USUAL, *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert sentence in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1

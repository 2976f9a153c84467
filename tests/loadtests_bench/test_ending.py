"""However the benchmark ends, so do the programs that it has started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from loadtests import usage
from tests.programs.running import PROJECT

WITHIN_S = 120.0
OBEDIENT = "import time; time.sleep(300)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(300)"
)
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {OBEDIENT!r}], start_new_session=True)
print("ready", flush=True)
time.sleep(300)
"""
RUN = """
import asyncio, os, sys, time
from loadtests import usage
from loadtests.bench import children
children.STOP_WITHIN_S = 1.0
def waited():
    for words in sys.argv[2:]:
        stack.enter_context(children.program([sys.executable, "-c", words])).stdout.readline()
    print("all", *usage.tree(os.getpid())[1:], flush=True)
    if sys.argv[1] == "fails":
        raise RuntimeError
    if sys.argv[1] == "thread":
        asyncio.run(asyncio.to_thread(children.printed, [sys.executable, "-c", "import time; time.sleep(300)"], 300))
    time.sleep(300)
from contextlib import ExitStack
with children.all_ended(), ExitStack() as stack:
    waited()
"""


@pytest.fixture
def bench() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts Python with words, in a session of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **settings: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=PROJECT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        for pid in usage.tree(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize(
    ("number", "mode"), [(signal.SIGTERM, "waits"), (signal.SIGINT, "waits"), (signal.SIGTERM, "thread")]
)
def test_a_signal_ends_programs_their_children_and_those_that_will_not_stop(
    bench: Callable[..., "subprocess.Popen[str]"], number: signal.Signals, mode: str
) -> None:
    process = bench("-c", RUN, mode, PARENT, STUBBORN)
    below = begun(process)
    process.send_signal(number)
    assert process.wait(timeout=WITHIN_S) == 128 + number
    assert alive(below) == []


def test_an_error_ends_programs_too(bench: Callable[..., "subprocess.Popen[str]"]) -> None:
    process = bench("-c", RUN, "fails", PARENT, STUBBORN)
    below = begun(process)
    assert len(below) == 3
    assert process.wait(timeout=WITHIN_S) == 1
    assert alive(below) == []
    assert "RuntimeError" in process.communicate()[1]


def test_programs_are_asked_to_stop_when_the_benchmark_is_killed(
    bench: Callable[..., "subprocess.Popen[str]"],
) -> None:
    process = bench("-c", RUN, "waits", *[f"print('ready', flush=True); {OBEDIENT}"] * 2)
    below = begun(process)
    assert len(below) == 2
    process.kill()
    until(lambda: alive(below) == [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_benchmark_leaves_neither_programs_nor_servers(
    bench: Callable[..., "subprocess.Popen[str]"], tmp_path: Path, number: signal.Signals
) -> None:
    words = ("-m", "loadtests.bench", "--demo", "--no-sync", "--folder", str(tmp_path))
    process = bench(*words, TMPDIR=str(tmp_path))
    until(lambda: any(b"inventory_service\0serve" in usage.command_line(pid) for pid in usage.tree(process.pid)))
    until(lambda: ours(tmp_path) != [])
    below = [*usage.tree(process.pid)[1:], *ours(tmp_path)]
    process.send_signal(number)
    _, error = process.communicate(timeout=WITHIN_S)
    until(lambda: alive(below) == [] == ours(tmp_path))
    if number == signal.SIGTERM:
        assert process.returncode == 128 + number
        assert error.splitlines()[-1].startswith("The benchmark was ended by SIGTERM;")


def begun(process: "subprocess.Popen[str]") -> list[int]:
    """All below it, once it has started all of them."""
    assert process.stdout is not None
    name, *pids = process.stdout.readline().split()
    assert name == "all"
    return list(map(int, pids))


def ours(folder: Path) -> list[int]:
    """Servers over a folder."""
    pids = (int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())
    wanted = os.fsencode(folder)
    return [
        pid for pid in pids if wanted in usage.command_line(pid) and b"loadtests.bench" not in usage.command_line(pid)
    ]


def alive(pids: list[int]) -> list[int]:
    """Those that still run: what has ended and waits for its parent has no command line."""
    return [pid for pid in pids if usage.command_line(pid)]


def until(holds: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < give_up_s
        time.sleep(0.05)

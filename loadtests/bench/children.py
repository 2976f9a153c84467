"""The programs that we start: each ends when we do, however we end.

Each runs in a session of its own, so that Ctrl-C is for us alone. SIGTERM and SIGINT ask all of them to stop, and end
the run; what is left then is asked again, and killed where that takes too long. Killed outright we can ask nothing: the
kernel then sends them SIGTERM (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from loadtests import usage

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
STOP_WITHIN_S, KILL_WITHIN_S, LOOK_EVERY_S = 60.0, 10.0, 0.05
ENDING = (signal.SIGTERM, signal.SIGINT)

_libc = ctypes.CDLL(None)
_running: set["subprocess.Popen[str]"] = set()


class StoppedError(SystemExit):
    """A signal ended the run; passes through an event loop as SystemExit does."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.name = signal.Signals(number).name


@contextmanager
def all_ended() -> Iterator[None]:
    """However the block ends, so has each program begun in it, and whatever those have left behind."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number in ENDING:
            signal.signal(number, _too_late)
        _end(_direct, signal.SIGTERM, STOP_WITHIN_S)
        _end(_below, signal.SIGKILL, KILL_WITHIN_S)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def program(line: Sequence[str], **how: Any) -> Iterator["subprocess.Popen[str]"]:
    """A process, what it prints being piped; stopped at the end of the block."""
    tied = partial(_end_with, os.getpid())
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=tied, **how)
    _running.add(process)
    try:
        yield process
    finally:
        _stop(process)
        _running.discard(process)


def printed(line: Sequence[str], within_s: float, **how: Any) -> str:
    """What a command prints. Raises SystemExit with its error where it fails or takes too long."""
    with program(line, stderr=subprocess.PIPE, **how) as process:
        try:
            told, error = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"{_named(line)} was not done within {within_s:g} s.") from None
    if process.returncode:
        raise SystemExit(f"{_named(line)}: {error.strip()}")
    return told.strip()


def shown(line: Sequence[str], **how: Any) -> tuple[int, str]:
    """Exit status and last line of a command whose other lines are passed on as they come."""
    last = ""
    with program(line, **how) as process:
        assert process.stdout is not None
        for text in process.stdout:
            if last:
                print(last, flush=True)
            last = text.rstrip()
        return process.wait(timeout=STOP_WITHIN_S), last


def _named(line: Sequence[str]) -> str:
    return " ".join(line[1:]).removeprefix("-m ")


def _interrupt(number: int, _frame: object) -> NoReturn:
    """All are asked to stop at once: a thread may be waiting for one of them."""
    for other in ENDING:
        signal.signal(other, _too_late)
    for process in tuple(_running):
        process.terminate()
    raise StoppedError(number)


def _too_late(_number: int, _frame: object) -> None:
    """We are ending already, within a bounded time."""


def _end_with(parent: int) -> None:
    """The thread that starts a program has to last as long as it."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _stop(process: "subprocess.Popen[str]") -> None:
    """All below it too, where it does not end in time."""
    below = usage.tree(process.pid)
    process.terminate()
    try:
        process.wait(timeout=STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        print(f"Process {process.pid} did not stop within {STOP_WITHIN_S:g} s and is killed.", file=sys.stderr)
        _send(signal.SIGKILL, below)
        process.wait(timeout=KILL_WITHIN_S)
    if process.stdout is not None:
        process.stdout.close()


def _end(found: Callable[[], list[int]], number: signal.Signals, within_s: float) -> None:
    """Sends each that is found a signal, once, until none is left or the time is up."""
    told: set[int] = set()
    until_s = time.monotonic() + within_s
    while (left := found()) and time.monotonic() < until_s:
        _send(number, set(left) - told)
        told.update(left)
        time.sleep(LOOK_EVERY_S)


def _below() -> list[int]:
    """Whatever has come from us and is alive."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return usage.tree(os.getpid())[1:]


def _direct() -> list[int]:
    """Ours, and those whose parents have ended: servers are left to the program that owns them."""
    return [pid for pid in _below() if _parent(pid) == os.getpid()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _send(number: signal.Signals, pids: set[int] | list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

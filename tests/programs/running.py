"""Our programs as a person starts them, and the end of them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 240.0
RUN = (sys.executable, "-m", "inventory_service", "run")


@dataclass(frozen=True)
class Running:
    """`make run`'s program: its address, and the environment in which other commands join it."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]
    receiver: str = ""
    """Where `store_sync` answers, if the program started it."""

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def command(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        return command(self.environment, module, *words)


def command(environment: dict[str, str], module: str, *words: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", module, *words]
    return subprocess.run(
        arguments, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(data_dir), "PORT": "0", "SYNC_PORT": "0", **settings}


@contextmanager
def running(
    settings: dict[str, str], words: Sequence[str] = RUN, log: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[Running]:
    """Until the block ends: then it is asked to stop, and has to within a minute. `log` takes what it logs."""
    process = subprocess.Popen(
        words,
        cwd=PROJECT,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        url, receiver = _ready(process)
        yield Running(url, settings, process, receiver)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def processes_of(data_dir: Path) -> list[str]:
    """Command lines of living processes that work in `data_dir`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            working = f"DATA_DIR={data_dir}".encode() in (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(data_dir) in line or working:
            found.append(line)
    return found


def gone_within(seconds: float, data_dir: Path) -> list[str]:
    """What still lives after at most `seconds`."""
    until = time.monotonic() + seconds
    while (left := processes_of(data_dir)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _ready(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Its own address and the receiver's."""
    assert process.stdout is not None
    until, receiver = time.monotonic() + READY_WITHIN_S, ""
    for line in process.stdout:
        if line.startswith("receiver "):
            receiver = line.split()[1]
        if line.startswith("ready "):
            return line.split()[1], receiver
        assert time.monotonic() < until
    raise AssertionError("the program ended before it was ready")

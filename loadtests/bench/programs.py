"""Our programs as a person starts them, on a folder of the benchmark's own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests import usage
from loadtests.bench.cores import Cores, keep_to

READY_WITHIN_S, COMMAND_WITHIN_S, STOP_WITHIN_S = 600.0, 4 * 3600.0, 120.0
SERVERS_OF_OTHERS = ("DATABASE_URL", "REDIS_URL", "LISTEN_FD", "CLOCK", "HOST")
SOCKET = re.compile(rb"(/[^\s\0]+redis\.sock)")


@dataclass(frozen=True, slots=True)
class House:
    """Both programs at work. `workers`: the answering processes; `seconds_to_ready`: from the start of all."""

    url: str
    receiver: str
    data: Path
    environment: dict[str, str]
    launcher: int
    workers: list[int]
    seconds_to_ready: float

    @property
    def processes(self) -> list[int]:
        """All of ours, the servers included."""
        return [*usage.tree(self.launcher), *usage.tree(supervisor(self.data))]

    @property
    def redis_socket(self) -> str:
        lines = (SOCKET.search(usage.command_line(pid)) for pid in usage.tree(supervisor(self.data)))
        return next(found[1].decode() for found in lines if found)


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Embedded servers in `data`, whatever the caller's own environment says."""
    inherited = {name: value for name, value in os.environ.items() if name not in SERVERS_OF_OTHERS}
    return {**inherited, "DATA_DIR": str(data), "PORT": "0", "SYNC_PORT": "0", "LOG_LEVEL": "warning", **settings}


@contextmanager
def house(settings: dict[str, str], cores: Cores) -> Iterator[House]:
    """From start to stop. Once ready, one answering process has its core to itself; several share all with the rest."""
    keep_to(cores.all)
    began_s = time.perf_counter()
    with _program(["-m", "inventory_service", "run"], settings) as (process, addresses):
        took_s = time.perf_counter() - began_s
        workers, data = _answering(process.pid), Path(settings["DATA_DIR"])
        own = House(addresses["ready"], addresses["receiver"], data, settings, process.pid, workers, took_s)
        keep_to(cores.others)
        if len(workers) == 1:
            for pid in own.processes:
                keep_to(cores.answering if pid in workers else cores.others, pid)
        yield own


@contextmanager
def ceiling(body_bytes: int, cores: Cores) -> Iterator[tuple[str, int]]:
    """The constant-body handler on the answering core: its address and process."""
    with _program(["-m", "loadtests.noop", str(body_bytes)], dict(os.environ)) as (process, addresses):
        keep_to(cores.answering, process.pid)
        yield addresses["ready"], process.pid


def command(settings: dict[str, str], module: str, *words: str) -> str:
    """What a command of ours prints. Ends the program with its error."""
    line = [sys.executable, "-m", module, *words]
    done = subprocess.run(line, env=settings, capture_output=True, text=True, timeout=COMMAND_WITHIN_S, check=False)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def told(settings: dict[str, str], module: str, *words: str) -> dict[str, Any]:
    """The JSON object that a command ends with."""
    return dict(json.loads(command(settings, module, *words).splitlines()[-1]))


def supervisor(data: Path) -> int:
    """The process that owns the servers over `data`. Raises LookupError."""
    for folder in Path("/proc").glob("[0-9]*"):
        line = usage.command_line(int(folder.name))
        if b"inventory_service.embedded.supervisor" in line and os.fsencode(data.resolve()) in line.split(b"\0"):
            return int(folder.name)
    raise LookupError(f"No servers run over {data}.")


@contextmanager
def _program(words: list[str], settings: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    """A process, and the addresses that it names up to its line `ready URL`; asked to stop at the end."""
    process = subprocess.Popen([sys.executable, *words], env=settings, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        addresses: dict[str, str] = {}
        for line in process.stdout:
            name, _, rest = line.strip().partition(" ")
            addresses[name] = rest
            if name == "ready":
                break
        else:
            raise SystemExit(f"{' '.join(words)} ended before it was ready.")
        yield process, addresses
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STOP_WITHIN_S)


def _answering(launcher: int) -> list[int]:
    return [pid for pid in usage.tree(launcher)[1:] if b"inventory_service\0serve" in usage.command_line(pid)]

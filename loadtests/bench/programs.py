"""Our programs as a person starts them, on a folder of the benchmark's own."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests import usage
from loadtests.bench import children
from loadtests.bench.cores import Cores, keep_to

COMMAND_WITHIN_S, GONE_WITHIN_S, LOOK_EVERY_S = 4 * 3600.0, 120.0, 0.1
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
    own = {"DATA_DIR": str(data), "PORT": "0", "SYNC_PORT": "0", "ANONYMOUS_PER_MINUTE": "0", "LOG_LEVEL": "warning"}
    return {**inherited, **own, **settings}


@contextmanager
def house(settings: dict[str, str], cores: Cores) -> Iterator[House]:
    """From start to stop, alone, so that Redis is empty at first.

    Once ready, one answering process has its core to itself; several share all with the rest.
    """
    data = Path(settings["DATA_DIR"])
    _alone(data, GONE_WITHIN_S)
    keep_to(cores.all)
    began_s = time.perf_counter()
    with _program(["-m", "inventory_service", "run"], settings) as (process, addresses):
        took_s = time.perf_counter() - began_s
        workers = _answering(process.pid)
        own = House(addresses["ready"], addresses["receiver"], data, settings, process.pid, workers, took_s)
        keep_to(cores.others)
        if len(workers) == 1:
            for pid in own.processes:
                keep_to(cores.answering if pid in workers else cores.others, pid)
        yield own
    _alone(data, GONE_WITHIN_S)


@contextmanager
def ceiling(body_bytes: int, cores: Cores) -> Iterator[tuple[str, int]]:
    """The constant-body handler on the answering core: its address and process."""
    with _program(["-m", "loadtests.noop", str(body_bytes)], dict(os.environ)) as (process, addresses):
        keep_to(cores.answering, process.pid)
        yield addresses["ready"], process.pid


def command(settings: dict[str, str], module: str, *words: str) -> str:
    """What a command of ours prints. Ends the program with its error."""
    return children.printed([sys.executable, "-m", module, *words], COMMAND_WITHIN_S, env=settings)


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
    with children.program([sys.executable, *words], env=settings) as process:
        assert process.stdout is not None
        addresses: dict[str, str] = {}
        for line in process.stdout:
            name, _, rest = line.strip().partition(" ")
            addresses[name] = rest
            if name == "ready":
                break
        else:
            raise SystemExit(f"{' '.join(words)} ended before it was ready.")
        yield process, addresses


def _alone(data: Path, within_s: float) -> None:
    """Waits until no servers run over `data`: those that go on keep Redis warm. Ends the program where they stay."""
    until_s = time.monotonic() + within_s
    with suppress(LookupError):
        while supervisor(data):
            if time.monotonic() > until_s:
                raise SystemExit(f"Another program uses the servers over {data}; end it first.")
            time.sleep(LOOK_EVERY_S)


def _answering(launcher: int) -> list[int]:
    return [pid for pid in usage.tree(launcher)[1:] if b"inventory_service\0serve" in usage.command_line(pid)]

"""The programs under test as processes: started, killed with SIGKILL, and started again until told to stop.

The answering program joins the servers of its DATA_DIR first and is never killed, so that they stay. Every process is
found by what it is a child of, or by the pid that it left in its own folder: nothing else on the machine is touched.
"""

import asyncio
import ctypes
import os
import random
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

READY = b"ready "
READY_WITHIN_S = 240.0
STOPS_WITHIN_S = 60.0
AGAIN_AFTER_S = 0.1
A_SENTENCE = 2
"""Exit status of a program that says in one sentence why it cannot, such as that Postgres is not there."""
POLL_S = 0.005
PR_SET_PDEATHSIG = 1


@dataclass
class House:
    """`folder` is the run's own. `killed` counts what was; `ended` tells of programs that ended by themselves."""

    folder: Path
    environment: dict[str, str]
    killed: dict[str, int] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return Path(self.environment["DATA_DIR"])

    async def start(self, *words: str, log: str, stdin: int = DEVNULL) -> Process:
        """`python -m WORDS…`; what it says on stderr goes to a log.

        It is killed when we die; in a session of its own, where the end of no shell continues what is stopped.
        """
        with (self.folder / log).open("ab") as errors:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *words),
                env=self.environment,
                stdin=stdin,
                stdout=PIPE,
                stderr=errors,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    async def command(self, *words: str) -> str:
        """What a command prints. Raises RuntimeError where it does not end well."""
        process = await self.start(*words, log="commands.log")
        printed, _ = await process.communicate()
        if process.returncode:
            said = (self.folder / "commands.log").read_text()[-500:]
            raise RuntimeError(f"{' '.join(words)}: exit status {process.returncode}: {said}{printed[-500:].decode()}")
        return printed.decode()


class Kept:
    """One program that serves, started again whenever it ends. `url` is None while it does not answer."""

    def __init__(self, house: House, name: str, words: tuple[str, ...]) -> None:
        self._house, self._name, self._words = house, name, words
        self._expected = False
        self.url: str | None = None
        self.process: Process | None = None

    async def keep(self) -> None:
        while True:
            self.process = process = await self._house.start(*self._words, log=f"{self._name}.log")
            self._expected = False
            try:
                self.url = await _ready(process)
                await process.wait()
            finally:
                self.url = None
                await _end(process)
            if not self._expected and process.returncode != A_SENTENCE:
                self._house.ended.append(f"{self._name}: exit status {process.returncode}")
            await asyncio.sleep(AGAIN_AFTER_S)

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self._expected = True
            self.process.kill()

    async def answering(self) -> str:
        """Its address, once it has one."""
        await until(lambda: self.url is not None, READY_WITHIN_S)
        assert self.url is not None
        return self.url


@asynccontextmanager
async def kept(house: House, name: str, *words: str) -> AsyncIterator[Kept]:
    """Started when the block begins; at its end it is asked to stop."""
    program = Kept(house, name, words)
    keeping = asyncio.create_task(program.keep())
    try:
        yield program
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def _ready(process: Process) -> str | None:
    """The address that it prints; None where it ends before."""
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(READY):
            return line.split()[1].decode()
    return None


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOPS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def postmaster(data: Path) -> int | None:
    """The pid of the Postgres that takes connections; None while none does."""
    try:
        lines = (data / "postgres" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    ready = len(lines) >= 8 and lines[7].strip() == "ready" and "postgres" in _command(int(lines[0]))
    return int(lines[0]) if ready else None


def backends(data: Path) -> dict[int, str]:
    """pid → what each session of Postgres says that it is doing, such as `idle in transaction`."""
    server = postmaster(data)
    told = {pid: _command(pid) for pid in _children(server)} if server else {}
    return {pid: said.partition("[local] ")[2] for pid, said in told.items() if "[local] " in said}


def redis(data: Path) -> int | None:
    """The pid of the Redis that was started beside Postgres."""
    supervisors = [
        int(found.name) for found in Path("/proc").glob("[0-9]*") if _command(int(found.name)).endswith(f" {data}")
    ]
    children = [pid for supervisor in supervisors for pid in _children(supervisor)]
    return next((pid for pid in children if "valkey" in _command(pid) or "redis-server" in _command(pid)), None)


def kill_postgres(data: Path) -> None:
    """The server and all its sessions at one blow."""
    server = postmaster(data)
    if server is not None:
        _kill(server, *_children(server))


def kill_session(data: Path, draw: random.Random) -> None:
    """One session of Postgres, upon which the server throws all of them out and recovers."""
    sessions = sorted(backends(data))
    if sessions:
        _kill(draw.choice(sessions))


def kill_redis(data: Path) -> None:
    server = redis(data)
    if server is not None:
        _kill(server)


async def until(holds: Callable[[], bool], within_s: float) -> None:
    """Raises TimeoutError."""
    give_up_at = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"did not come true within {within_s:g} s")
        await asyncio.sleep(POLL_S)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(*pids: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""

"""What tests of the embedded servers look at and kill: only what they started, by process id."""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inventory_service.embedded.folders import Folders

DEADLINE_S = 60.0


@dataclass
class Member:
    """A running `member.py`."""

    process: subprocess.Popen[str]

    def addresses(self) -> list[str]:
        """Returns when it has joined."""
        line = self.process.stdout.readline()
        assert line, "the program ended before it had joined"
        return json.loads(line)

    def use(self) -> int:
        """It writes to both servers; gives the number of such uses of this data so far."""
        self.process.stdin.write("use\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def leave(self) -> None:
        self.process.stdin.close()
        assert self.process.wait(DEADLINE_S) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)


StartMember = Callable[..., Member]
"""The fixture `start_member`."""


def supervisor_pid(folders: Folders) -> int:
    """Of the one supervisor of this DATA_DIR."""
    tail = f"inventory_service.embedded.supervisor\0{folders.data}\0".encode()
    found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _command(folder).endswith(tail)]
    assert len(found) == 1
    return found[0]


def child_pid(parent_pid: int, program: str) -> int:
    """Of the one child of that process which runs that program."""
    children = Path(f"/proc/{parent_pid}/task/{parent_pid}/children").read_text().split()
    found = [int(pid) for pid in children if program in _command(Path("/proc") / pid).decode()]
    assert len(found) == 1
    return found[0]


def assert_all_gone(folders: Folders) -> None:
    """The owner lock is inherited by every process of the servers: who can take it is alone."""
    if not folders.owner_lock.exists():
        return
    with folders.owner_lock.open() as lock:
        wait_until(lambda: _can_lock(lock.fileno()))


def wait_until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < give_up_at, "did not come true in time"
        time.sleep(0.01)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _can_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""

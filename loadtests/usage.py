"""Processor time and memory by program, read from /proc."""

import os
import resource
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int, first: int = 11) -> float:
    """User and system seconds so far, 0 of one that is gone; `first` 11: its own, 13: those of its ended children."""
    fields = _stat(pid)
    return (int(fields[first]) + int(fields[first + 1])) / TICKS_PER_S if fields else 0.0


def tree(root: int) -> list[int]:
    """A process and all below it."""
    return [root, *(below for child in _children(root) for below in tree(child))]


def postgres_sockets(data: Path) -> str:
    """The folder of the embedded Postgres's sockets."""
    return (data / "postgres" / "postmaster.pid").read_text().splitlines()[4]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def pss_bytes(pids: Iterable[int]) -> int:
    """Memory of processes together; what several share is counted once."""
    return sum(_rollup(pid, "Pss:") for pid in pids)


def rss_bytes(pid: int) -> int:
    return _rollup(pid, "Rss:")


def processor_s(data: Path, receiver: int) -> dict[str, float]:
    """Seconds used so far by the servers over `data`, by the program `receiver`, and by commands that have ended."""
    postmaster = _postmaster(data)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "commands": ended.ru_utime + ended.ru_stime,
        "postgres": sum(cpu_s(pid) for pid in (postmaster, *_children(postmaster))) + cpu_s(postmaster, first=13),
        "receiver": cpu_s(receiver),
        "redis": sum(cpu_s(pid) for pid in _named(str(data / "run" / "redis.sock"))),
    }


def _postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _rollup(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _children(parent: int) -> list[int]:
    return [pid for pid in _pids() if (fields := _stat(pid)) and int(fields[1]) == parent]


def _named(part: str) -> list[int]:
    return [pid for pid in _pids() if part.encode() in (words := command_line(pid)) and b"-server" in words]


def _pids() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]

"""Processor time by program, read from /proc: where a row's microseconds go."""

import os
import resource
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def processor_s(data: Path, receiver: int) -> dict[str, float]:
    """Seconds used so far by the servers over `data`, by the program `receiver`, and by commands that have ended."""
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "commands": ended.ru_utime + ended.ru_stime,
        "postgres": sum(_used(pid) for pid in (postmaster, *_children(postmaster))) + _used(postmaster, first=13),
        "receiver": _used(receiver),
        "redis": sum(_used(pid) for pid in _named(str(data / "run" / "redis.sock"))),
    }


def _used(pid: int, first: int = 11) -> float:
    """`first` 11: its own seconds; 13: those of its children that have ended."""
    fields = _stat(pid)
    return (int(fields[first]) + int(fields[first + 1])) / TICKS_PER_S if fields else 0.0


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _children(parent: int) -> list[int]:
    return [pid for pid in _pids() if (fields := _stat(pid)) and int(fields[1]) == parent]


def _named(part: str) -> list[int]:
    found = []
    for pid in _pids():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if part.encode() in words and b"-server" in words:
            found.append(pid)
    return found


def _pids() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]

"""Who runs where: the answering process on one core alone, everything else on the others."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """`answering`: one core; `others`: the rest, or the same where there is one only."""

    answering: frozenset[int]
    others: frozenset[int]

    @property
    def all(self) -> frozenset[int]:
        return self.answering | self.others

    def __str__(self) -> str:
        return f"answering on core {_list(self.answering)}, all else on {_list(self.others)}"


def of_this_machine() -> Cores:
    mine = sorted(os.sched_getaffinity(0))
    return Cores(frozenset(mine[:1]), frozenset(mine[1:] or mine))


def keep_to(cores: frozenset[int], pid: int = 0) -> None:
    """All threads of a process, and what they start from now on; 0: this one."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid or 'self'}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


@contextmanager
def spread(cores: Cores, pids: Iterable[int]) -> Iterator[None]:
    """This process and others on all cores while the block lasts, then where they were before."""
    before = {pid: os.sched_getaffinity(pid) for pid in (0, *pids)}
    for pid in before:
        keep_to(cores.all, pid)
    try:
        yield
    finally:
        for pid, mine in before.items():
            keep_to(frozenset(mine), pid)


def _list(cores: frozenset[int]) -> str:
    return ",".join(map(str, sorted(cores)))

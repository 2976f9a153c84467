"""What a run will take, said before it begins; and the largest that fits."""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.options import named
from loadtests.world.room import Needs

RETAILERS = 150
MEMORY_BESIDE = 4 << 30
"""Bytes for Postgres, the programs and the client, next to Redis."""
MEASURED_S, MEASURED_WHOLE_S, WARMED_PER_S = 150.0, 420.0, 300_000
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Plan:
    """`sizes` that fit; `dropped` that do not; `sentence` says all of it."""

    sizes: tuple[int, ...]
    dropped: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that are free. `discards`: a world makes room for the next one."""

    disk: int
    memory: int
    discards: bool


def plan(sizes: Sequence[int], built: Collection[int], room: Room) -> Plan:
    """`sizes` in positions, ascending; those `built` are there already."""
    kept: list[int] = []
    for size in sizes:
        if _disk([*kept, size], built, room) <= room.disk and _memory(size) <= room.memory:
            kept.append(size)
    dropped = tuple(size for size in sizes if size not in kept)
    return Plan(tuple(kept), dropped, _sentence(kept, dropped, built, room))


def room_in(folder: Path, *, discards: bool) -> Room:
    """What this machine has left."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(line for line in lines if line.startswith("MemAvailable:"))
    return Room(shutil.disk_usage(folder).free, 1024 * int(available.split()[1]), discards)


def _disk(sizes: Sequence[int], built: Collection[int], room: Room) -> int:
    needed = [Needs(size, RETAILERS).disk_bytes for size in sizes if size not in built] or [0]
    return max(needed) if room.discards else sum(needed)


def _memory(size: int) -> int:
    return Needs(size, RETAILERS).memory_bytes + MEMORY_BESIDE


def _seconds(size: int, built: Collection[int]) -> float:
    return MEASURED_S + (size / WARMED_PER_S if size in built else Needs(size, RETAILERS).seconds)


def _sentence(kept: Sequence[int], dropped: Sequence[int], built: Collection[int], room: Room) -> str:
    disk = _disk(kept, built, room)
    minutes = (sum(_seconds(size, built) for size in kept) + MEASURED_WHOLE_S) / 60
    text = (
        f"Worlds of {', '.join(map(named, kept)) or 'no size'} positions: about {disk / GIB:.0f} GiB"
        f" of the {room.disk / GIB:.0f} GiB of disk that are free, and {minutes:.0f} minutes."
    )
    if dropped:
        text += f" Not {', '.join(map(named, dropped))}: disk or memory do not suffice."
    return text

"""What a run will take, said before it begins; and the largest that fits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench import schedule
from loadtests.bench.options import Options, named
from loadtests.world.room import REDIS_BYTES, Needs, free_bytes, most

RETAILERS = 150
MEMORY_BESIDE = 4 << 30
"""Bytes for Postgres, the programs and the client, next to Redis."""
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
    """`sizes` in positions, ascending; those `built` are there already.

    Where the largest does not fit, the largest that does is put in its place.
    """
    kept = _fitting(sizes, built, room)
    dropped = tuple(size for size in sizes if size not in kept)
    if sizes[-1] in dropped and (instead := _largest(kept, built, room)) > max(kept, default=0):
        kept.append(instead)
    return Plan(tuple(kept), dropped, _sentence(kept, dropped, built, room))


def room_in(folder: Path, *, discards: bool) -> Room:
    """What this machine has left."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(line for line in lines if line.startswith("MemAvailable:"))
    return Room(free_bytes(folder), 1024 * int(available.split()[1]), discards)


def times(sizes: Sequence[int], options: Options) -> list[str]:
    """A line a world, one for what comes after, and the sum; what making a world takes is in the plan's sentence."""
    steps = [list(schedule.small(size, options)) for size in sizes[:-1]]
    steps += [list(schedule.whole(sizes[-1], options))]
    lines = [f"  {named(size)}: {schedule.told(one)}." for size, one in zip(sizes, steps, strict=True)]
    if options.sync:
        steps += [list(schedule.intake())]
        lines += [f"  then {schedule.told(steps[-1])}."]
    return [*lines, f"  Together about {sum(map(schedule.seconds, steps)) / 60:.0f} minutes once the worlds are there."]


def _fitting(sizes: Sequence[int], built: Collection[int], room: Room) -> list[int]:
    kept: list[int] = []
    for size in sizes:
        if _disk([*kept, size], built, room) <= room.disk and _memory(size) <= room.memory:
            kept.append(size)
    return kept


def _largest(kept: Sequence[int], built: Collection[int], room: Room) -> int:
    """Positions, in whole millions, for which disk and memory suffice beside what is `kept`."""
    left = room.disk if room.discards else room.disk - _disk(kept, built, room)
    by_memory = (room.memory - MEMORY_BESIDE) // REDIS_BYTES
    return int(min(most(left), by_memory) // 10**6 * 10**6)


def _disk(sizes: Sequence[int], built: Collection[int], room: Room) -> int:
    needed = [Needs(size, RETAILERS).disk_bytes for size in sizes if size not in built] or [0]
    return max(needed) if room.discards else sum(needed)


def _memory(size: int) -> int:
    return Needs(size, RETAILERS).memory_bytes + MEMORY_BESIDE


def _sentence(kept: Sequence[int], dropped: Sequence[int], built: Collection[int], room: Room) -> str:
    disk, missing = _disk(kept, built, room), [size for size in kept if size not in built]
    text = f"Worlds of {', '.join(map(named, kept)) or 'no size'} positions"
    if missing:
        minutes = sum(Needs(size, RETAILERS).seconds for size in missing) / 60
        text += (
            f"; to be made: {', '.join(map(named, missing))}, about {disk / GIB:.0f} GiB of the"
            f" {room.disk / GIB:.0f} GiB of disk that are free, and {minutes:.0f} minutes"
        )
    if dropped:
        text += f". Not {', '.join(map(named, dropped))}: disk or memory do not suffice"
    return f"{text}."

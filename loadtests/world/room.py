"""Whether a world fits on the disk and how long it takes, told before it is begun."""

import shutil
from dataclasses import dataclass
from pathlib import Path

POSTGRES_BYTES = 140
"""A position takes on the disk: table and two indexes (measured 134 with 2,000,000)."""
REDIS_BYTES = 18
"""A position takes in memory; the embedded Redis keeps nothing on the disk."""
EMPTY_BYTES = 1 << 29
"""An empty database with places and stores."""
MOST_BESIDE_BYTES, BESIDE_BYTES = 11 << 29, 1_000
"""Write-ahead log, products, files waiting to be loaded: at most, and a position where that is less."""
LOADED_PER_S, WARMED_PER_S = 150_000, 600_000
"""Positions, on two cores."""
A_RETAILER_S = 1.0
"""Starting its command, when two are loaded at once (measured: 153 s for 150 retailers with short lists)."""
KEPT_FREE = 0.05
"""Share of the free disk that is left to others."""


@dataclass(frozen=True)
class Needs:
    """Of a world with so many positions."""

    positions: int
    retailers: int

    @property
    def disk_bytes(self) -> int:
        beside = min(MOST_BESIDE_BYTES, self.positions * BESIDE_BYTES)
        return EMPTY_BYTES + beside + self.positions * POSTGRES_BYTES

    @property
    def memory_bytes(self) -> int:
        return self.positions * REDIS_BYTES

    @property
    def seconds(self) -> float:
        return self.positions / LOADED_PER_S + self.positions / WARMED_PER_S + self.retailers * A_RETAILER_S

    def told(self) -> str:
        return (
            f"{self.positions:,} positions need about {_gigabytes(self.disk_bytes)} of disk,"
            f" {_gigabytes(self.memory_bytes)} of memory for Redis and {self.seconds / 60:,.0f} minutes."
        )


def free_bytes(folder: Path) -> int:
    """What may be written to the disk of a folder that need not be there yet."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    return int(shutil.disk_usage(there).free * (1 - KEPT_FREE))


def most(free: int) -> int:
    """Positions that fit; 0: none."""
    left = max(0, free - EMPTY_BYTES)
    small = min(left // (BESIDE_BYTES + POSTGRES_BYTES), MOST_BESIDE_BYTES // BESIDE_BYTES)
    return max(small, (left - MOST_BESIDE_BYTES) // POSTGRES_BYTES)


def largest(free: int) -> int:
    """Positions that fit, in two leading digits; 0: none."""
    exactly = most(free)
    rough = 10 ** max(0, len(str(exactly)) - 2)
    return int(exactly // rough * rough)


def refusal(needs: Needs, free: int) -> str | None:
    """A sentence that says why a world does not fit and what is done instead; None where it fits."""
    if needs.disk_bytes <= free:
        return None
    instead = largest(free)
    rest = f"the largest that fits is made instead: {instead:,} positions." if instead else "no world fits."
    return (
        f"{needs.positions:,} positions need about {_gigabytes(needs.disk_bytes)} of disk and"
        f" {_gigabytes(free)} are free: {rest}"
    )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"

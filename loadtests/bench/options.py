"""What a run measures, and for how long."""

import argparse
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCALE = {"": 1, "k": 1_000, "M": 1_000_000}
USUAL, MILO = "10M", "300M"
CURVE = ("1M", "10M", "100M", MILO)
MAX_SOAK_S = 600.0
MAX_POSITIONS = 300_000_000


def positions(text: str) -> int:
    """`10M` → 10,000,000. Raises ValueError."""
    found = re.fullmatch(r"(\d+)(k|M|)", text)
    if found is None or not 0 < (size := int(found[1]) * SCALE[found[2]]) <= MAX_POSITIONS:
        raise ValueError(f"{text} is no number of positions such as 500k, 10M or {MILO}.")
    return size


def named(size: int) -> str:
    """10,000,000 → `10M`."""
    return next(f"{size // SCALE[unit]}{unit}" for unit in ("M", "k", "") if not size % SCALE[unit])


@dataclass(frozen=True, slots=True)
class Options:
    """`sizes`: positions of the worlds of the growth curve, ascending; the last one is measured in full."""

    sizes: tuple[int, ...]
    folder: Path
    stores: Path | None
    rounds: int
    seconds: float
    latency_s: float
    soak_s: float
    changes_per_s: float
    plot: Path | None
    demo: bool
    sync: bool
    discard: bool
    """Remove each world that this run has made, once it is measured, but the last."""


def options(words: list[str] | None = None) -> Options:
    """Ends the program with a sentence where something does not fit."""
    parser = _parser()
    asked = parser.parse_args(words)
    try:
        sizes = tuple(sorted({positions(one) for one in asked.sizes.split(",")})) if asked.sizes else ()
    except ValueError as error:
        parser.error(str(error))
    if not 0 <= asked.soak <= MAX_SOAK_S:
        parser.error(f"--soak takes 0 to {MAX_SOAK_S:g} seconds.")
    if not (1 <= asked.rounds <= 20 and 1 <= asked.seconds <= 60 and 1 <= asked.latency_seconds <= 300):
        parser.error("1 to 20 rounds of 1 to 60 seconds, and latency for 1 to 300 seconds.")
    if not 0 < asked.changes <= 50_000:
        parser.error("--changes takes more than 0 and at most 50000 a second.")
    usual = tuple(map(positions, CURVE)) if asked.milo else (positions(USUAL),)
    return Options(
        sizes=() if asked.demo else sizes or usual,
        folder=asked.folder,
        stores=asked.stores,
        rounds=asked.rounds,
        seconds=asked.seconds,
        latency_s=asked.latency_seconds,
        soak_s=asked.soak,
        changes_per_s=asked.changes,
        plot=asked.plot,
        demo=asked.demo,
        sync=asked.sync,
        discard=asked.discard or asked.milo,
    )


def _parser() -> argparse.ArgumentParser:
    own = Path(os.environ.get("NEARSHELF_BENCH_DIR") or Path(tempfile.gettempdir()) / "nearshelf-bench")
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--milo", action="store_true", help=f"the growth curve {', '.join(CURVE)}: hours, and disk")
    size.add_argument("--demo", action="store_true", help="a quick check on the demo world; its figures say little")
    size.add_argument("--sizes", help=f"positions of the worlds, such as 1M,10M; the last in full (usual: {USUAL})")
    parser.add_argument(
        "--folder", type=Path, default=own, help="where worlds are kept (NEARSHELF_BENCH_DIR; %(default)s)"
    )
    parser.add_argument(
        "--discard",
        action="store_true",
        help="remove a world made by this run once measured, but the last (as --milo does)",
    )
    parser.add_argument("--stores", type=Path, help="file of real stores for the worlds")
    parser.add_argument(
        "--rounds", type=int, default=11, help="of the constant body and the lookup in turn (%(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of them (%(default)s)")
    parser.add_argument("--latency-seconds", type=float, default=30.0, help="of each open loop (%(default)s)")
    parser.add_argument("--changes", type=float, default=5_000.0, help="written a second meanwhile (%(default)s)")
    parser.add_argument("--soak", type=float, default=0.0, help="seconds at half of the peak, for a worker's memory")
    parser.add_argument("--plot", type=Path, help="draws the figures as SVG")
    parser.add_argument("--no-sync", dest="sync", action="store_false", help="without feeds and webhooks")
    return parser

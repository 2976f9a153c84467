"""A world's feeds into our loader, some retailers at once, step by step: what was done is not done again."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.world.feeds import Feed
from loadtests.world.progress import Reached
from loadtests.world.state import WHOLE, State

SOURCE = "feed"
"""Name of every retailer's source."""
FILES_A_STEP = 4
"""Files that one command loads; they lie on the disk meanwhile, up to 30 MB each."""

Load = Callable[[str, Sequence[Path]], dict[str, Any]]
"""Loads files of a retailer; returns the command's tally. Raises SystemExit with what it said where it fails."""


@dataclass(frozen=True)
class Retailer:
    """Its slug, and its feeds in the order in which they are to be loaded."""

    slug: str
    feeds: Callable[[], list[Feed]]


class Loading:
    """Loads what is left of a world. `scratch` is a folder of its own; `told` hears of each step that is over."""

    def __init__(self, state: State, scratch: Path, load: Load, told: Callable[[Reached], None]) -> None:
        self._state, self._scratch, self._load, self._told = state, scratch, load, told

    def run(self, retailers: Iterable[Retailer], jobs: int) -> None:
        """One retailer is loaded by one command at a time, `jobs` retailers at once."""
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self._retailer, one) for one in retailers]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _retailer(self, one: Retailer) -> None:
        last = f"{one.slug}{WHOLE}"
        if last in self._state.done:
            return
        feeds = one.feeds()
        for start in range(0, len(feeds), FILES_A_STEP):
            step = f"{one.slug} {start}"
            if step not in self._state.done:
                rows = self._step(one.slug, feeds[start : start + FILES_A_STEP])
                self._state.finish(step, rows)
                self._told(self._state.reached)
        self._state.finish(last, 0)
        self._told(self._state.reached)

    def _step(self, slug: str, feeds: Sequence[Feed]) -> int:
        """Rows of stock that were loaded."""
        paths = [self._scratch / f"{slug}-{feed.name}" for feed in feeds]
        try:
            lines = [_written(path, feed) for path, feed in zip(paths, feeds, strict=True)]
            tally = self._load(slug, paths)
            if tally["rejected"]:
                raise SystemExit(f"{slug}: not everything was taken: {tally}")
        finally:
            for path in paths:
                path.unlink(missing_ok=True)
        return sum(count - 1 for count, feed in zip(lines, feeds, strict=True) if feed.name.startswith("stock"))


def loader(environment: dict[str, str]) -> Load:
    """Our own command."""

    def load(slug: str, paths: Sequence[Path]) -> dict[str, Any]:
        words = ["load", "--retailer", slug, "--source", SOURCE, "--format", "auto", *map(str, paths)]
        return command(environment, "store_sync", *words)

    return load


def command(environment: dict[str, str], module: str, *words: str) -> dict[str, Any]:
    """The JSON object that a command of ours ends with. Raises SystemExit with what it said where it fails."""
    line = [sys.executable, "-m", module, *words]
    done = subprocess.run(line, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(words[:6])}: exit status {done.returncode}: {(done.stderr or done.stdout)[-2000:]}"
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _written(path: Path, feed: Feed) -> int:
    """Writes a feed as a file of its own moment; returns how many lines it has."""
    lines = 0
    with path.open("wb") as file:
        for piece in feed.pieces():
            file.write(piece)
            lines += piece.count(b"\n")
    os.utime(path, (feed.as_of.timestamp(), feed.as_of.timestamp()))
    return lines

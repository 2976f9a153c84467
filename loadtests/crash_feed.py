"""The files of a run, and how all that the sources say is spread over it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from loadtests.crash_senders import Sender
from loadtests.crash_world import COUNTS, FEED, RETAILER, World

T = TypeVar("T")

MOST_A_BATCH, BATCHES, BATCHES_AT_ONCE, WEBHOOKS_AT_ONCE = 250, 30, 2, 16
ROWS_A_MOVEMENT, ROWS_A_WEBHOOK, ROWS_A_COUNT = 10, 50, 5
"""So many positions a sale or delivery, a webhook, and a line of counts."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent: by `load` with these options, or as an upload."""

    path: Path
    rows: int
    source: str
    as_of: datetime
    options: tuple[str, ...] = ()
    uploaded: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        """What loads it, but for its path."""
        named = ("--source", self.source, "--as-of", self.as_of.isoformat())
        return ("store_sync", "load", "--retailer", RETAILER, *self.options, *named)

    async def send(self, sender: Sender) -> None:
        """Raises RuntimeError where not all of it was taken."""
        if self.uploaded:
            told = await sender.upload(self.path, self.source, as_of=self.as_of.isoformat(), **FULL_UPLOAD)
        else:
            told = await sender.load(*self.command, str(self.path))
        if told["rejected"] or told["held"] or told["rows"] != self.rows:
            raise RuntimeError(f"{self.path.name}: {told}")


FULL = ("--format", "google", "--kind", "stock", "--snapshot")
FULL_UPLOAD = {"format": "google", "snapshot": "1"}


def full_files(folder: Path, world: World) -> list[File]:
    """All the first full files, then all the second; every other group of stores is uploaded."""
    files = []
    for number, (place, stores) in ((number, part) for number in (0, 1) for part in enumerate(world.parts)):
        path = folder / f"{FEED}-{number}-{place}.tsv"
        as_of, rows = world.full_file(path, stores, number)
        files.append(File(path, rows, FEED, as_of, FULL, uploaded=place % 2 == 1))
    return files


def counts_files(folder: Path, world: World) -> list[File]:
    files, wanted = [], world.positions // ROWS_A_COUNT
    for number in range(len(world.parts)):
        path = folder / f"{COUNTS}-{number}.jsonl"
        as_of, rows = world.counts_file(path, number, wanted // len(world.parts))
        files.append(File(path, rows, COUNTS, as_of, ("--format", "jsonl", "--kind", "stock")))
    return files


async def feed(sender: Sender, world: World, meanwhile: Callable[[Callable[[], bool]], Awaitable[None]]) -> None:
    """Sends everything at once until all of it has been taken; then files again until what is done `meanwhile` is over.

    `meanwhile` is given a way to tell whether all files are in.
    """
    folder = sender.house.folder
    files, counts = full_files(folder, world), counts_files(folder, world)
    sender.tally.planned = sum(one.rows for one in (*files, *counts))
    lines = list(world.movements(world.positions // ROWS_A_MOVEMENT, "till"))
    size = min(MOST_A_BATCH, len(lines) // BATCHES + 1)
    batches = [lines[start : start + size] for start in range(0, len(lines), size)]
    bodies = list(world.webhooks(world.positions // ROWS_A_WEBHOOK))
    all_in = asyncio.gather(_in_turn(sender, files), _in_turn(sender, counts))
    others = asyncio.gather(
        _spread(sender, batches, sender.events, BATCHES_AT_ONCE, all_in.done),
        _spread(sender, bodies, sender.webhook, WEBHOOKS_AT_ONCE, all_in.done),
        meanwhile(all_in.done),
    )
    await all_in
    await sender.draw.choice(files).send(sender)
    while not others.done():
        await sender.draw.choice(files).send(sender)
    await others


async def _in_turn(sender: Sender, files: Sequence[File]) -> None:
    for one in files:
        await one.send(sender)
        sender.tally.taken += one.rows


async def _spread(
    sender: Sender, items: Sequence[T], send: Callable[[T], Awaitable[None]], at_once: int, over: Callable[[], bool]
) -> None:
    """Sends items as the feed goes on, so that they come before, among and after what it says."""

    async def work(mine: Iterator[tuple[int, T]]) -> None:
        for number, item in mine:
            await sender.reached(number / len(items), over)
            await send(item)

    numbered = iter(enumerate(items))
    await asyncio.gather(*(work(numbered) for _ in range(at_once)))

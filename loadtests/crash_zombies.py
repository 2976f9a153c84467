"""Processes that are stopped with SIGSTOP in the middle, replaced, and continued: they may write nothing any more."""

import asyncio
import os
import signal
import time
from array import array
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from termios import FIONREAD

from loadtests.crash_answers import Answers, Verdict, different, expected, judged
from loadtests.crash_feed import FULL, File
from loadtests.crash_programs import House, backends, until
from loadtests.crash_senders import Sender
from loadtests.crash_world import FEED, LATER, SECOND, World

NUMBER = 2
"""Of the full file that is under way when its loader is stopped."""
MOST_ROWS = 25_000
LOOKS_EVERY_S, LONG = 0.005, 4
"""A transaction that is open at so many looks is no short one."""
STEADY_S, MIDST_WITHIN_S, TRIES = 0.1, 20.0, 10
SETTLED_WITHIN_S, ENDS_WITHIN_S, RESTS_S = 60.0, 60.0, 2.0
BATCH, BATCHES, WEBHOOKS = 50, 20, 100
LATE_S = (NUMBER + 2) * LATER.total_seconds()
"""Events and webhooks of this part come after all files, so that no later count hides them."""


@dataclass(frozen=True, slots=True)
class Zombies:
    """What came of it.

    `replaced_s`: how long the replacements took while the stopped ones were there. `endings`: the exit statuses of the
    loaders that were stopped inside and between transactions.
    """

    before: Verdict
    writes: int
    replaced_s: float
    endings: tuple[int | None, int | None]


async def zombies(sender: Sender, world: World, answers: Answers) -> Zombies:
    """Stops a loader inside a transaction, one between two, and a receiver; all three at once."""
    files = _files(sender.house.folder, world)
    piped, pipe = await _stopped_between(sender.house, files[0])
    inside = await _stopped_inside(sender.house, files[1])
    events = asyncio.gather(*(sender.events(batch) for batch in _batches(world)))
    receiver = sender.draw.choice(sender.receivers).process
    assert receiver is not None
    await asyncio.sleep(sender.draw.uniform(0, STEADY_S))
    receiver.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    await asyncio.gather(events, *(file.send(sender) for file in files))
    await asyncio.gather(*(sender.webhook(body) for body in world.webhooks(WEBHOOKS, LATE_S)))
    replaced_s = time.monotonic() - began
    wanted = expected(world)
    before = await answers.settled(wanted, SETTLED_WITHIN_S)
    endings = await _continued(receiver, inside, piped, pipe, files[0].path)
    await asyncio.sleep(RESTS_S)
    after = await answers.settled(before, RESTS_S)
    writes = len(different(before, after))
    return Zombies(judged(world, wanted, before), writes, replaced_s, endings)


def _files(folder: Path, world: World) -> tuple[File, File]:
    """The source's next full file, and one of another source, whose rows take long: they are not the first to speak."""
    stores, told = range(min(world.stores, MOST_ROWS // world.items)), []
    for number, source in ((NUMBER, FEED), (NUMBER + 1, SECOND)):
        path = folder / f"zombie-{source}.tsv"
        as_of, rows = world.full_file(path, stores, number, source)
        told.append(File(path, rows, source, as_of, FULL))
    return told[0], told[1]


def _batches(world: World) -> list[list[dict[str, object]]]:
    lines = list(world.movements(BATCH * BATCHES, "late", LATE_S))
    return [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]


async def _stopped_inside(house: House, file: File) -> Process:
    """A loader in the midst of folding rows: its transaction has been open for a while."""
    for _ in range(TRIES):
        others, seen = set(backends(house.data)), 0
        process = await house.start(*file.command, str(file.path), log="zombie.log")
        while process.returncode is None:
            await asyncio.sleep(LOOKS_EVERY_S)
            seen = seen + 1 if _is_inside(house, others) else 0
            if seen == LONG:
                process.send_signal(signal.SIGSTOP)
                await asyncio.sleep(STEADY_S)
                if _is_inside(house, others):
                    return process
                process.send_signal(signal.SIGCONT)
        await process.wait()
    raise RuntimeError("The loader was never caught inside a transaction.")


def _is_inside(house: House, others: set[int]) -> bool:
    """Whether a session that is new has a transaction open and is waiting for its program."""
    return any("in transaction" in doing for pid, doing in backends(house.data).items() if pid not in others)


async def _stopped_between(house: House, file: File) -> tuple[Process, int]:
    """A loader that waits for the rest of its file, and the pipe's end to write that to."""
    others = set(backends(house.data))
    reading, writing = os.pipe()
    process = await house.start(*file.command, "-", log="zombie.log", stdin=reading)
    text = file.path.read_bytes()
    await asyncio.to_thread(_write, writing, text[: _middle(text)])
    await until(lambda: _unread(reading) == 0, MIDST_WITHIN_S)
    os.close(reading)
    looks = 0
    while looks < LONG * LONG:
        await asyncio.sleep(LOOKS_EVERY_S)
        looks = looks + 1 if _is_idle(house, others) else 0
    process.send_signal(signal.SIGSTOP)
    return process, writing


def _is_idle(house: House, others: set[int]) -> bool:
    return all(doing == "idle" for pid, doing in backends(house.data).items() if pid not in others)


def _write(pipe: int, text: bytes) -> None:
    with open(pipe, "wb", closefd=False) as file:
        file.write(text)


def _unread(pipe: int) -> int:
    """Bytes in a pipe."""
    told = array("i", [0])
    ioctl(pipe, FIONREAD, told)
    return told[0]


def _middle(text: bytes) -> int:
    """The end of a line after two thirds."""
    return text.index(b"\n", len(text) * 2 // 3) + 1


async def _continued(
    receiver: Process, inside: Process, piped: Process, pipe: int, path: Path
) -> tuple[int | None, int | None]:
    """Lets all three go on; returns how the loaders ended."""
    for process in (receiver, inside, piped):
        process.send_signal(signal.SIGCONT)
    text = path.read_bytes()
    with suppress(BrokenPipeError):
        await asyncio.to_thread(_write, pipe, text[_middle(text) :])
    os.close(pipe)
    await asyncio.wait_for(asyncio.gather(inside.communicate(), piped.communicate()), ENDS_WITHIN_S)
    return inside.returncode, piped.returncode

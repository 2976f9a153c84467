"""Fitted on some retailers, judged on others."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from loadtests.calibration import commands
from loadtests.calibration.judged import Baselines, Judged
from loadtests.calibration.worlds import ASKED_FROM_DAY, DAYS, JUDGED_FROM_DAY, TRAINING
from loadtests.simulator.shelves import HOURS
from loadtests.simulator.world import World, until, write

QUESTIONS = 2_000
WHOLE = range(DAYS * HOURS)
JUDGED_FROM = JUDGED_FROM_DAY * HOURS


def fitted(folder: Path) -> Path:
    """Parameters learned from the training retailers."""
    history = write(folder / "training.jsonl", *((line for line in _history(world)) for world in TRAINING))
    return commands.fit(history, folder / "fitted.json")


def baselines(folder: Path, parameters: Path) -> Baselines:
    """Constants of the baselines, from the same retailers."""
    hours = range(ASKED_FROM_DAY * HOURS, DAYS * HOURS)
    return Baselines.of(Judged.all_of([_asked(folder, world, hours, parameters) for world in TRAINING]))


def judged(folder: Path, worlds: Sequence[World], parameters: Path) -> list[tuple[Judged, Judged]]:
    """Each retailer, as if nothing of its own were known, and with what its first weeks have taught."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda world: _judged(folder, world, parameters), worlds))


def _judged(folder: Path, world: World, parameters: Path) -> tuple[Judged, Judged]:
    hours = range(JUDGED_FROM, DAYS * HOURS)
    first = write(folder / f"{world.name}-first.jsonl", until(_history(world), JUDGED_FROM))
    own = commands.fit(first, folder / f"{world.name}.json", "--prior", str(parameters))
    return _asked(folder, world, hours, parameters), _asked(folder, world, hours, own)


def _asked(folder: Path, world: World, hours: range, parameters: Path) -> Judged:
    questions, truths = world.questions(hours, QUESTIONS)
    history = write(folder / f"{world.name}-asked.jsonl", _history(world), questions)
    return Judged.of(truths, commands.tried(history, parameters))


def _history(world: World) -> list[dict[str, object]]:
    return [*world.feed, *world.looks(WHOLE)]

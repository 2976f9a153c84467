"""Twenty looks a day: where the check list sends people, and at random."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from loadtests.calibration import commands
from loadtests.calibration.commands import Prediction
from loadtests.calibration.judged import Judged
from loadtests.calibration.scores import brier
from loadtests.calibration.worlds import CHECKED, CHECKED_FROM_DAY
from loadtests.simulator.shelves import HOURS
from loadtests.simulator.telling import Line
from loadtests.simulator.world import World, until, write
from loadtests.world.draws import generator

LOOKS_A_DAY, AT_HOUR = 20, 8
QUESTIONS = 4_000

Chosen = Callable[[Sequence[Prediction]], Sequence[int]]
"""Positions to look at, from what is thought of each."""


def cuts(folder: Path, parameters: Path) -> dict[str, float]:
    """How much looks lower the Brier score of the days on which they are made."""
    begun = CHECKED.looks(range(CHECKED_FROM_DAY * HOURS))
    chance = generator(CHECKED.seed, "at random")
    plans: dict[str, Chosen | None] = {
        "none": None,
        "random": lambda thought: chance.choice(len(thought), LOOKS_A_DAY, replace=False).tolist(),
        "list": most_worth,
    }
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda plan: _brier(folder, plan[0], plan[1], parameters, begun), plans.items())
        found = dict(zip(plans, done, strict=True))
    by_list, by_chance = found["none"] - found["list"], found["none"] - found["random"]
    return {
        "brier_no_looks": round(found["none"], 4),
        "brier_looks_random": round(found["random"], 4),
        "brier_looks_list": round(found["list"], 4),
        "list_over_random": round(by_list / by_chance, 2) if by_chance > 0 else float("inf"),
    }


def most_worth(thought: Sequence[Prediction]) -> Sequence[int]:
    """What a look is worth, if anything, times how often it is asked for, which here is how fast it sells."""
    value = np.array([one["worth"] * one["per_day"] for one in thought])
    order = np.argsort(-value, kind="stable")[:LOOKS_A_DAY]
    return order[value[order] > 0.0].tolist()


def _brier(folder: Path, name: str, chosen: Chosen | None, parameters: Path, begun: Sequence[Line]) -> float:
    world, looked = CHECKED, list(begun)
    path = folder / f"checked-{name}.jsonl"
    for day in range(CHECKED_FROM_DAY, world.days) if chosen else ():
        hour = day * HOURS + AT_HOUR
        thought = _thought(path, world, hour, looked, parameters)
        looked += world.confirmed(hour, chosen(thought))
    questions, truths = world.questions(range(CHECKED_FROM_DAY * HOURS, world.days * HOURS), QUESTIONS)
    judged = Judged.of(truths, commands.tried(write(path, world.feed, looked, questions), parameters))
    return brier(judged.likely, judged.found)


def _thought(path: Path, world: World, hour: int, looked: Sequence[Line], parameters: Path) -> Sequence[Prediction]:
    """What is thought of every position before the looks of an hour."""
    questions = [world.question(hour, position, 1, position)[0] for position in range(world.positions)]
    predictions = commands.tried(write(path, until(world.feed, hour), looked, questions), parameters)
    return [predictions[question["id"]] for question in questions]

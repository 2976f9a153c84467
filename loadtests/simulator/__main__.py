"""`python -m loadtests.simulator --out DIR`: one retailer's history with questions, and the truth apart."""

import argparse
from dataclasses import replace
from pathlib import Path

from loadtests.simulator.habits import Habits
from loadtests.simulator.shelves import HOURS
from loadtests.simulator.world import World, write


def main() -> None:
    parser = argparse.ArgumentParser("python -m loadtests.simulator", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for history.jsonl and truths.jsonl")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--feed", choices=("till", "nightly", "weekly"), default="till")
    parser.add_argument("--questions", type=int, default=2000)
    asked = parser.parse_args()
    world = World("simulated", replace(Habits("till"), feed=asked.feed), asked.seed, asked.days)
    questions, truths = world.questions(range(asked.days // 2 * HOURS, asked.days * HOURS), asked.questions)
    asked.out.mkdir(parents=True, exist_ok=True)
    write(asked.out / "history.jsonl", world.feed, world.looks(range(asked.days * HOURS)), questions)
    write(asked.out / "truths.jsonl", truths)


if __name__ == "__main__":
    main()

"""How much of a count is told by what everybody sees: `python -m loadtests.inferring`.

A bot that knows the model asks for 1, 2 and 3 pieces each hour for a week after a record was news, and sees the
probabilities in steps of 0.05. Which counts would have looked the same? By our own command (`confidence try`), with the
priors. The last line is one JSON object.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loadtests.calibration.commands import tried
from loadtests.simulator.world import write

COUNTS, HOURS, QUANTITIES, STEP = range(61), range(0, 168), (1, 2, 3), 0.05
WATCHED_H = (0, 24, 167)
"""After so many hours it is told how much is known."""
BEGAN = datetime(2026, 3, 2, 6, tzinfo=UTC)
MEAN_COUNT = 6.0
"""Shelves hold so many in the mean, geometrically: the weights of counts."""
Line = dict[str, Any]
Seen = Mapping[int, Sequence[float | None]]
"""By count, what is seen hour by hour."""


def history() -> Iterator[Line]:
    """One product for each count."""
    for count in COUNTS:
        yield _at(count, 0) | {"kind": "record", "source": "feed", "quantity": count}


def questions() -> Iterator[Line]:
    for count in COUNTS:
        for hour in HOURS:
            for quantity in QUANTITIES:
                line = _at(count, hour) | {"kind": "question", "id": f"{count} {hour} {quantity}", "quantity": quantity}
                yield {**line, "at": line.pop("observed_at")}


def _at(count: int, hour: int) -> Line:
    moment = (BEGAN + timedelta(hours=hour)).isoformat()
    return {"retailer": "r", "store": "s", "product": str(count), "observed_at": moment}


def seen() -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        told = tried(write(Path(folder) / "asked.jsonl", history(), questions()))
    return {
        count: [_step(told[f"{count} {hour} {quantity}"]["probability"]) for hour in HOURS for quantity in QUANTITIES]
        for count in COUNTS
    }


def _step(probability: float | None) -> float | None:
    return None if probability is None else round(round(probability / STEP) * STEP, 2)


def alike(of: Seen, hours: int) -> list[list[int]]:
    """Counts that look the same in the first hours, together with their band."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for count, steps in of.items():
        groups[(min(count, 3), *steps[: hours * len(QUANTITIES)])].append(count)
    return list(groups.values())


def figures(groups: Sequence[Sequence[int]]) -> dict[str, float]:
    """The share of shelves whose count is the only one that looks so, and how many look alike in the mean."""
    share = MEAN_COUNT / (1.0 + MEAN_COUNT)
    weight = {count: (1.0 - share) * share**count for count in COUNTS}
    total = sum(weight.values())
    known = sum(weight[group[0]] for group in groups if len(group) == 1)
    mean = sum(weight[count] * len(group) for group in groups for count in group)
    return {"known_share": round(known / total, 3), "alike_mean": round(mean / total, 1)}


def main() -> None:
    of, told = seen(), {}
    for hour in WATCHED_H:
        groups = alike(of, hour + 1)
        told[f"after_{hour}_h"] = figures(groups)
        print(f"after {hour} h: {' | '.join(_span(group) for group in groups)}")
    print(json.dumps(told))


def _span(group: Sequence[int]) -> str:
    return str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}"


if __name__ == "__main__":
    main()

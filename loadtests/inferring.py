"""How much of a count is told by what everybody sees: `python -m loadtests.inferring`.

A bot that knows the model asks for 1, 2 and 3 pieces each hour for a week after a record was news, and sees the
probabilities in steps of 0.05. Which counts would have looked the same? And of a shelf that was told of once, and again
some hours later: how often does a step tell that its count changed by one within its band, where no time and no source
does? By our own command (`confidence try`), with the priors. The last line is one JSON object.
"""

import argparse
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
AGAIN_H = 24
"""The second record came so many hours after the first."""
FEW, MANY = 2, 3
"""The most and the least of two bands."""
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


def retold() -> Iterator[tuple[int, int]]:
    """(count at first, count then): repeated, or changed by one within the band."""
    for count in COUNTS[1:]:
        for then in {count - 1, count, count + 1} & set(COUNTS[1:]):
            if (count <= FEW) == (then <= FEW):
                yield count, then


def seen_again() -> Mapping[tuple[int, int], Sequence[float | None]]:
    """By what was told, the steps right after the second record."""
    lines, asked = [], []
    for count, then in retold():
        name = f"{count} {then}"
        first = _at(count, 0) | {"product": name, "kind": "record", "source": "feed"}
        second = first | {"observed_at": _at(count, AGAIN_H)["observed_at"]}
        lines += [first | {"quantity": count}, second | {"quantity": then}]
        for quantity in QUANTITIES:
            question = second | {"kind": "question", "id": f"{name} {quantity}", "quantity": quantity}
            del question["source"]
            asked.append({**question, "at": question.pop("observed_at")})
    with tempfile.TemporaryDirectory() as folder:
        told = tried(write(Path(folder) / "asked.jsonl", lines, asked))
    return {
        (count, then): [_step(told[f"{count} {then} {one}"]["probability"]) for one in QUANTITIES]
        for count, then in retold()
    }


def given_away(of: Mapping[tuple[int, int], Sequence[float | None]]) -> float:
    """The share of changes by one that look otherwise than the repetition would have."""
    changes = [(count, then) for count, then in of if count != then]
    known = [(count, then) for count, then in changes if of[count, then] != of[count, count]]
    weights = [sum(_weight(count) for count, _ in some) for some in (known, changes)]
    return round(weights[0] / weights[1], 2)


def alike(of: Seen, hours: int) -> list[list[int]]:
    """Counts that look the same in the first hours, together with their band."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for count, steps in of.items():
        groups[(min(count, 3), *steps[: hours * len(QUANTITIES)])].append(count)
    return list(groups.values())


def figures(groups: Sequence[Sequence[int]]) -> dict[str, float]:
    """The share of shelves whose count is the only one that looks so, and how many look alike in the mean."""
    weight = {count: _weight(count) for count in COUNTS}
    total = sum(weight.values())
    known = sum(weight[group[0]] for group in groups if len(group) == 1)
    mean = sum(weight[count] * len(group) for group in groups for count in group)
    return {"known_share": round(known / total, 3), "alike_mean": round(mean / total, 1)}


def _weight(count: int) -> float:
    """The share of shelves that hold so many."""
    share = MEAN_COUNT / (1.0 + MEAN_COUNT)
    return (1.0 - share) * share**count


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    of, told = seen(), dict[str, Any]()
    for hour in WATCHED_H:
        groups = alike(of, hour + 1)
        told[f"after_{hour}_h"] = figures(groups)
        print(f"after {hour} h: {' | '.join(_span(group) for group in groups)}")
    told["changes_given_away"] = given_away(seen_again())
    print(f"changes by one within the band that a step tells: {told['changes_given_away']:.0%}")
    print(json.dumps(told))


def _span(group: Sequence[int]) -> str:
    return str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}"


if __name__ == "__main__":
    main()

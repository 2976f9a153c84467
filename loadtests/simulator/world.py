"""One simulated retailer: its history, questions about it, and the truth at their moments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson

from loadtests.simulator import people
from loadtests.simulator.habits import Habits
from loadtests.simulator.shelves import CLOSES, HOURS, OPENS, Shelves, simulated
from loadtests.simulator.telling import Line, Names, after, told
from loadtests.world.draws import generator

QUANTITIES, QUANTITY_SHARES = (1, 2, 3), (0.85, 0.1, 0.05)


@dataclass(frozen=True)
class World:
    """The same for the same arguments."""

    name: str
    habits: Habits
    seed: int
    days: int

    @cached_property
    def shelves(self) -> Shelves:
        return simulated(self.habits, self.seed, self.days)

    @property
    def names(self) -> Names:
        return Names(self.name, self.habits.products)

    @property
    def positions(self) -> int:
        return self.habits.stores * self.habits.products

    @cached_property
    def feed(self) -> Sequence[Line]:
        """What the retailer's feed says, in order of time."""
        return _in_order(told(self.habits, self.seed, self.names, self.shelves))

    def looks(self, hours: range) -> Sequence[Line]:
        """Random confirmations within `hours`, and shoppers' words."""
        given = (self.habits, self.seed, self.names, self.shelves, hours)
        return _in_order([*people.looks(*given), *people.words(*given)])

    def questions(self, hours: range, number: int) -> tuple[Sequence[Line], Sequence[Line]]:
        """Questions while stores are open, as often as a position sells; and apart from them the truth."""
        chance = generator(self.seed, "questions", hours.start)
        day = chance.integers(hours.start // HOURS, hours.stop // HOURS, number)
        hour = day * HOURS + chance.integers(OPENS, CLOSES, number)
        position = chance.choice(self.positions, number, p=self.shelves.per_day / self.shelves.per_day.sum())
        asked = chance.choice(QUANTITIES, number, p=QUANTITY_SHARES)
        drawn = zip(hour.tolist(), position.tolist(), asked.tolist(), strict=True)
        rows = [self.question(*one, number) for number, one in enumerate(drawn)]
        return [row for row, _ in rows], [truth for _, truth in rows]

    def question(self, hour: int, position: int, quantity: int, number: int) -> tuple[Line, Line]:
        """One at the end of an hour, and its truth."""
        name = f"{self.name}-{number}"
        row = self.names.position(position) | {"kind": "question", "id": name, "at": after(hour + 1)}
        pieces = int(self.shelves.shelf[hour, position])
        return row | {"quantity": quantity}, {"id": name, "quantity": quantity, "pieces": pieces}

    def confirmed(self, hour: int, positions: Iterable[int]) -> Sequence[Line]:
        """What staff say who were sent to look at `positions`."""
        chance = generator(self.seed, "sent", hour)
        return [people.seen(self.habits, chance, self.names, self.shelves, hour, one) for one in positions]


def until(lines: Iterable[Line], hour: int) -> Sequence[Line]:
    """Of statements in order of time those up to an hour."""
    last = after(hour)
    return [line for line in lines if line["observed_at"] <= last]


def write(path: Path, *parts: Iterable[Line]) -> Path:
    """JSON Lines."""
    with path.open("wb") as file:
        for part in parts:
            file.writelines(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in part)
    return path


def _in_order(lines: Iterable[Line]) -> Sequence[Line]:
    return sorted(lines, key=lambda line: line["observed_at"])

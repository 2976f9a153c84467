"""Staff who look at shelves, shoppers who find or do not find: both err."""

from collections.abc import Iterator, Sequence

import numpy as np

from loadtests.simulator.habits import Habits
from loadtests.simulator.shelves import CLOSES, HOURS, OPENS, Shelves
from loadtests.simulator.telling import Line, Names, after
from loadtests.world.draws import generator

COUNTED = 0.4
"""Share of staff's looks that give a count."""
LOW = 2


def looks(habits: Habits, seed: int, names: Names, shelves: Shelves, hours: range) -> Iterator[Line]:
    """Confirmations of random positions at random hours."""
    chance = generator(seed, "looks", hours.start)
    for hour, position in _moments(habits, chance, habits.looks, hours):
        yield seen(habits, chance, names, shelves, hour, position)


def words(habits: Habits, seed: int, names: Names, shelves: Shelves, hours: range) -> Iterator[Line]:
    """Shoppers' words on random positions."""
    chance = generator(seed, "shoppers", hours.start)
    for hour, position in _moments(habits, chance, habits.shoppers, hours):
        found = bool(shelves.shelf[hour, position] > 0) != (chance.random() < habits.shopper_errs)
        told = {"kind": "shopper", "source": "shoppers", "observed_at": after(hour + 1), "found": found}
        yield names.position(position) | told


def seen(habits: Habits, chance: np.random.Generator, names: Names, shelves: Shelves, hour: int, position: int) -> Line:
    """What staff say of a shelf at the end of an hour."""
    pieces = int(shelves.shelf[hour, position])
    if chance.random() < habits.staff_errs:
        pieces = 0 if pieces else int(chance.integers(1, 4))
    told = names.position(position) | {"kind": "confirmation", "observed_at": after(hour + 1)}
    if chance.random() < COUNTED:
        return told | {"quantity": pieces}
    return told | {"shelf": "none" if pieces == 0 else "low" if pieces <= LOW else "seen"}


def _moments(habits: Habits, chance: np.random.Generator, by_store: float, hours: range) -> Sequence[tuple[int, int]]:
    """Hours with open stores, and positions."""
    days = range(hours.start // HOURS, hours.stop // HOURS)
    number = chance.poisson(by_store * habits.stores * len(days))
    day, hour = chance.integers(days.start, days.stop, number), chance.integers(OPENS, CLOSES, number)
    position = chance.integers(habits.stores * habits.products, size=number)
    return sorted(zip((day * HOURS + hour).tolist(), position.tolist(), strict=True))

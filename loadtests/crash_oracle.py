"""What a position's level has to be: all that was ever said of it, in the order in which it was observed.

Written from the merge rule as the documents tell it; shares nothing with the programs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Kind = Literal["record", "sale", "delivery"]
Fault = Literal["lost", "doubled", "other"]

PRECEDENCE = {"record": 0, "sale": 1, "delivery": 2}


@dataclass(frozen=True, slots=True)
class Said:
    """One statement about a position. `as_of` is its file's time; `name` tells movements apart."""

    kind: Kind
    source: str
    observed_at: datetime
    as_of: datetime
    quantity: int
    name: str = ""

    @property
    def order(self) -> tuple[datetime, datetime, int, int, str]:
        return (self.observed_at, self.as_of, PRECEDENCE[self.kind], -self.quantity, self.name)


def level(said: Iterable[Said]) -> int | None:
    """Pieces on the shelf; None where no count was ever told.

    A record that repeats what its source would be expected to say (its last record, less its own sales, plus its own
    deliveries) is an echo and changes nothing; any other is the new count. Sales and deliveries never go below 0.
    """
    pieces: int | None = None
    expected: dict[str, int] = {}
    for one in sorted(said, key=lambda one: one.order):
        if one.kind == "record":
            if expected.get(one.source) != one.quantity:
                pieces = one.quantity
            expected[one.source] = one.quantity
            continue
        change = one.quantity if one.kind == "delivery" else -one.quantity
        pieces = None if pieces is None else max(0, pieces + change)
        if one.source in expected:
            expected[one.source] = max(0, expected[one.source] + change)
    return pieces


def fault(said: Sequence[Said], found: int | None) -> Fault | None:
    """What a level that differs looks like: as if one thing had been lost, or counted up to four times, or neither."""
    if found == level(said):
        return None
    if any(found == level([*said[:place], *said[place + 1 :]]) for place in range(len(said))):
        return "lost"
    moved = [one for one in said if one.kind != "record"]
    copies = (
        [replace(one, name=f"{one.name} {copy}") for copy in range(times)] for times in (1, 2, 3) for one in moved
    )
    return "doubled" if any(found == level([*said, *more]) for more in copies) else "other"

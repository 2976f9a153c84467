"""What staff had best look at next: worth = what a look saves × how often it is asked for × how soon it changes.

What a look saves of the Brier score is told by domain/belief/checks.py; each time that somebody asks it is saved anew,
and what will change soon by itself is best looked at before that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.answered import Answered
from inventory_service.domain.belief import checks
from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.model import Model
from inventory_service.domain.belief.pace import DAY_S, UNKNOWN_PACE, per_day

ASKED_WITHIN_DAYS = 7
"""How often something is asked for is told by so many days."""
LATELY = timedelta(days=1)
"""What was confirmed so lately is not looked at again."""
SOON_DAYS = 7.0
"""What changes in so many days is worth half of what changes now."""
SELDOM_PER_DAY = 1.0
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A position of a store that could be looked at; `asked`: answers that told of its product within the days."""

    product_id: int
    told: Answered
    asked: int

    @property
    def asked_per_day(self) -> float:
        return self.asked / ASKED_WITHIN_DAYS


@dataclass(frozen=True, slots=True)
class Check:
    """A candidate, and what a look at it is worth."""

    candidate: Candidate
    value: float


def worth(candidate: Candidate, model: Model) -> float:
    """What nobody has asked for yet may be asked for once in the days."""
    basis = candidate.told.basis
    if basis is None:
        return 0.0
    saved = checks.worth(model.probability(basis, 1), model, basis)
    asked_per_day = (candidate.asked + 1) / ASKED_WITHIN_DAYS
    return saved * asked_per_day / (1 + _days_left(basis, model) / SOON_DAYS)


def most_useful(candidates: Iterable[Candidate], limit: int, model: Model) -> list[Check]:
    """The best first; of those that are worth the same, the lower product id."""
    found = [Check(one, worth(one, model)) for one in candidates]
    return sorted(found, key=lambda check: (-check.value, check.candidate.product_id))[:limit]


def along_the_aisles(aisle: str | None) -> tuple[bool, list[tuple[int, str]]]:
    """Sort key of one walk: aisle 2 before 10, and what has no aisle at the end."""
    parts = _DIGITS.split((aisle or "").casefold())
    return aisle is None, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def reason(candidate: Candidate, heard_at: datetime | None, now: datetime) -> str:
    """Why it is on the list, in a sentence for people; tells no count. `heard_at`: as it is told to them."""
    told = candidate.told
    age = _age(max(timedelta(0), now - (heard_at or now)))
    said = {
        "unknown": f"Nothing sure was told for {age}",
        "out_of_stock": f"Said to be gone {age} ago",
        "limited_availability": f"Said to be down to a few {age} ago",
        "in_stock": f"Said to be there {age} ago",
    }[told.judgement.availability]
    often = f"asked for {candidate.asked_per_day:.0f} times a day"
    return f"{said}; {often if candidate.asked_per_day > SELDOM_PER_DAY else 'seldom asked for'}."


def _days_left(basis: Basis, model: Model) -> float:
    """Until the answer changes by itself: nobody stood by it for too long, or what is there is sold."""
    silence = (basis.traits.horizon_s - basis.silent_s) / DAY_S
    unknown_per_day = model.parameters.constants.unknown_per_day
    pace_per_day = unknown_per_day if basis.pace == UNKNOWN_PACE else per_day(basis.pace)
    sold = basis.stock.low / pace_per_day if basis.stock.low else silence
    return max(0.0, min(silence, sold))


def _age(age: timedelta) -> str:
    hours = age // timedelta(hours=1)
    if hours >= 48:
        return f"{hours // 24} days"
    return "an hour" if hours <= 1 else f"{hours} hours"

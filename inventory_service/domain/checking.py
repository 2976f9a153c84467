"""What staff had best look at next: worth = how unsure the answer is × how often it is asked for × how soon it changes.

A look settles an answer, so what it saves of the Brier score is the p (1 - p) that the answer errs by on average; each
time that somebody asks it is saved anew, and what will change soon by itself is best looked at before that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.answered import Answered
from inventory_service.domain.confidence import IGNORANCE

ASKED_WITHIN_DAYS = 7
"""How often something is asked for is told by so many days."""
LATELY = timedelta(days=1)
"""What was confirmed so lately is not looked at again."""
DAY = timedelta(days=1)
DAYS_A_PIECE = 7.0
"""How long a piece lasts where nobody knows its rate: most of an assortment sells slower than one a week."""
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


def worth(candidate: Candidate, now: datetime, horizon: timedelta) -> float:
    """Never 0: what nobody has asked for yet may be asked for once in the days."""
    probability = candidate.told.judgement.probability
    sure = IGNORANCE if probability is None else probability
    asked_per_day = (candidate.asked + 1) / ASKED_WITHIN_DAYS
    return 4 * sure * (1 - sure) * asked_per_day / (1 + _days_left(candidate.told, now, horizon) / SOON_DAYS)


def most_useful(candidates: Iterable[Candidate], limit: int, now: datetime, horizon: timedelta) -> list[Check]:
    """The best first; of those that are worth the same, the lower product id."""
    checks = [Check(one, worth(one, now, horizon)) for one in candidates]
    return sorted(checks, key=lambda check: (-check.value, check.candidate.product_id))[:limit]


def along_the_aisles(aisle: str | None) -> tuple[bool, list[tuple[int, str]]]:
    """Sort key of one walk: aisle 2 before 10, and what has no aisle at the end."""
    parts = _DIGITS.split((aisle or "").casefold())
    return aisle is None, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def reason(candidate: Candidate, now: datetime) -> str:
    """Why it is on the list, in a sentence for people; tells no count."""
    told = candidate.told
    age = _age(max(timedelta(0), now - (told.covered_at or now)))
    said = {
        "unknown": f"Nothing sure was told for {age}",
        "out_of_stock": f"Said to be gone {age} ago",
        "limited_availability": f"Said to be down to a few {age} ago",
        "in_stock": f"Said to be there {age} ago",
    }[told.judgement.availability]
    often = f"asked for {candidate.asked_per_day:.0f} times a day"
    return f"{said}; {often if candidate.asked_per_day > SELDOM_PER_DAY else 'seldom asked for'}."


def _days_left(told: Answered, now: datetime, horizon: timedelta) -> float:
    """Until the answer changes by itself: nobody stood by it for too long, or what is there is sold."""
    if told.covered_at is None or told.stock is None or told.judgement.probability is None:
        return 0.0
    silence = (horizon - (now - told.covered_at)) / DAY
    pieces = told.stock.low * DAYS_A_PIECE if told.stock.low else silence
    return max(0.0, min(silence, pieces))


def _age(age: timedelta) -> str:
    hours = age // timedelta(hours=1)
    if hours >= 48:
        return f"{hours // 24} days"
    return "an hour" if hours <= 1 else f"{hours} hours"

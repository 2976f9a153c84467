"""What an answer tells of one piece at one position: judged as a search does, wherever else that is needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.clock import whole_minute
from inventory_service.domain.confidence import UNKNOWN, Judgement, judge
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock


@dataclass(frozen=True, slots=True)
class Answered:
    """All but the judgement is None where nobody has ever told anything of the position."""

    judgement: Judgement
    stock: Stock | None = None
    source_id: int | None = None
    observed_at: datetime | None = None
    covered_at: datetime | None = None


NOTHING = Answered(UNKNOWN)


def answered(level: Level | None, covered_at: datetime | None, now: datetime, horizon: timedelta) -> Answered:
    """`covered_at`: when the level's source last stood by all that it holds for the store."""
    if level is None:
        return NOTHING
    covered_at = level.covered_at if covered_at is None else max(level.covered_at, covered_at)
    judgement = judge(level.stock, whole_minute(now) - covered_at, 1, horizon, level.leaning)
    return Answered(judgement, level.stock, level.source_id, level.observed_at, covered_at)

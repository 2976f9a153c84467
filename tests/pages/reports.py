"""Reports of accuracy in the real shape, for the page's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from inventory_service.accuracy.reckoning import Account
from inventory_service.domain.freshness import Ages, Freshness, SourceFreshness, StoreTotals
from inventory_service.domain.looks import Looks
from inventory_service.domain.scoring import Tally
from inventory_service.web.accuracy import report

NOW = datetime(2026, 11, 22, 3, 40, 12, tzinfo=UTC)
SOURCES = (
    SourceFreshness("cvs", "feed", Ages(500, 600, 7_200), Ages(2, 60, 7_200), NOW - timedelta(minutes=1)),
    SourceFreshness("a-retailer-of-a-rather-long-name", "till", None, None, NOW - timedelta(days=15)),
)
FRESH = Freshness(Ages(900, 3_600, 86_400), StoreTotals(3, 2, 1, Ages(2, 60, 7_200)), SOURCES)
SEEN_OF_HUNDRED = (4, 11, 20, 41, 38, 60, 59, 80, 83, 93)
"""By tenth of what was said."""


def judged(days_ago: int = 0, **more: Any) -> list[Looks]:
    """A hundred forecasts in each tenth."""
    day, is_simulated = NOW.date() - timedelta(days=days_ago), more.get("is_simulated", False)
    return [
        Looks(day, "judged", is_simulated, place, Tally(100, 10 * place + 5, seen, 12.0, 19.0))
        for place, seen in enumerate(SEEN_OF_HUNDRED)
    ]


def other(fate: Any, count: int, seen: int = 0) -> Looks:
    return Looks(NOW.date(), fate, False, 0, Tally(count, 0.0, seen, 0.0, 0.0))


def told(looks: list[Looks], days: int = 30) -> dict[str, Any]:
    """The report's JSON."""
    return report(Account(NOW, tuple(looks), FRESH, timedelta(days=14)), days, None).model_dump()


FULL = [*judged(), *judged(3), other("unknown", 12, 7), other("undone", 2), other("repeated", 5), other("late", 1)]

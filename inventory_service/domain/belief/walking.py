"""A walk through a position's history: what was held at each moment, for how long, and what had been sold by then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory_service.domain.belief.basis import Anchor
from inventory_service.domain.belief.histories import Histories, Place
from inventory_service.domain.level import Standing, nothing_before
from inventory_service.domain.report import Movement, Report
from inventory_service.domain.stock import Stock

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """Evidence as it stood at a moment, without anything learned. Times in seconds.

    `sold` pieces in `exposed_s` with stock, both up to the newest news: the quiet since is not part of them, since it
    is what the pace is wanted for.
    """

    stock: Stock
    source_id: int
    anchor: Anchor
    still_s: float
    silent_s: float
    sold: float
    exposed_s: float


@dataclass(slots=True)
class Walk:
    """What one position's reports add up to so far.

    `sold_squared`: squares of the pieces of each sale, or of what a count fell by; `spans_s2`: of the seconds in which
    it fell, since the source was last heard.
    """

    histories: Histories
    place: Place
    standing: Standing | None = None
    sold: float = 0.0
    sold_squared: float = 0.0
    exposed_s: float = 0.0
    spans_s2: float = 0.0
    held_s: float = 0.0
    empty_s: float = 0.0
    sold_out: int = 0
    restocked: int = 0

    def take(self, report: Report) -> bool:
        """One report later; whether it was news."""
        before = self.standing
        after = (before or nothing_before(report)).after(report)
        self.standing = after
        if before is None or after.level.observed_at == before.level.observed_at:
            return before is None
        self._count(before, after, report)
        return True

    def sight(self, moment: datetime) -> Sight | None:
        """Evidence at `moment`, up to which all reports have been taken; None where nobody had told anything."""
        if self.standing is None:
            return None
        level, heard_at = self.standing.level, self._heard_at(self.standing, moment)
        return Sight(
            level.stock,
            level.source_id,
            "confirmation" if level.source_id in self.histories.staff else "record",
            (heard_at - level.observed_at).total_seconds(),
            (moment - heard_at).total_seconds(),
            self.sold,
            self.exposed_s,
        )

    def _count(self, before: Standing, after: Standing, report: Report) -> None:
        elapsed_s = (after.level.observed_at - before.level.observed_at).total_seconds()
        held, now = before.level.stock, after.level.stock
        if held.low > 0:
            self.exposed_s += elapsed_s
        if report.kind == "confirmation":
            return
        if isinstance(report, Movement):
            self._sell(report.quantity if report.kind == "sale" else 0)
        elif held.quantity is not None and now.quantity is not None:
            self._sell(max(0, held.quantity - now.quantity))
            self.spans_s2 += self._since_heard_s(before, after.level.observed_at) ** 2 if held.low > 0 else 0.0
        if held.low > 0:
            self.held_s += elapsed_s
            self.sold_out += now.high == 0
        elif held.high == 0:
            self.empty_s += elapsed_s
            self.restocked += now.low > 0

    def _sell(self, pieces: int) -> None:
        self.sold += pieces
        self.sold_squared += pieces * pieces

    def _since_heard_s(self, before: Standing, moment: datetime) -> float:
        return (moment - self._heard_at(before, moment - INSTANT)).total_seconds()

    def _heard_at(self, standing: Standing, moment: datetime) -> datetime:
        level = standing.level
        covered = self.histories.covered_at(self.place, level.source_id, moment)
        return max(level.covered_at, covered or level.covered_at)

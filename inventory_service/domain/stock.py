"""How much is on a shelf, as far as a statement tells: a range of counts."""

from dataclasses import dataclass
from typing import Literal

Band = Literal["0", "1-2", "3+"]
Availability = Literal["in_stock", "limited_availability", "out_of_stock", "unknown"]

LIMITED_AT_MOST = 2
"""Google's threshold: 1 or 2 pieces are limited availability, 3 and more are in stock."""
MAX_QUANTITY = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Stock:
    """Between `low` and `high` pieces, both included; `high` None has no upper bound."""

    low: int
    high: int | None

    @classmethod
    def exactly(cls, quantity: int) -> "Stock":
        return cls(quantity, quantity)

    @property
    def quantity(self) -> int | None:
        """The count, where the statement gave one."""
        return self.low if self.low == self.high else None

    @property
    def band(self) -> Band | None:
        """Google's band, or None where the range spans several."""
        if self.high == 0:
            return "0"
        if self.low > LIMITED_AT_MOST:
            return "3+"
        if self.low >= 1 and self.high is not None and self.high <= LIMITED_AT_MOST:
            return "1-2"
        return None

    def lower_of(self, other: "Stock") -> "Stock":
        """The range that claims less: where two statements of one row disagree, the lower wins."""
        if self.low == other.low:
            return self if (self._ceiling <= other._ceiling) else other
        if self.low >= other.low and self._ceiling <= other._ceiling:
            return self
        if other.low >= self.low and other._ceiling <= self._ceiling:
            return other
        return self if self._ceiling < other._ceiling else other

    def moved(self, change: int) -> "Stock":
        """After so many pieces more, or fewer where `change` is negative; never below 0."""
        high = None if self.high is None else _within(self.high + change)
        return Stock(_within(self.low + change), high)

    def agreed_with(self, seen: "Stock") -> "Stock":
        """What both statements allow; where they contradict each other, what was `seen`."""
        low, ceiling = max(self.low, seen.low), min(self._ceiling, seen._ceiling)
        if low > ceiling:
            return seen
        return Stock(low, None if ceiling == float("inf") else int(ceiling))

    @property
    def _ceiling(self) -> float:
        return float("inf") if self.high is None else self.high

    @property
    def generosity(self) -> tuple[float, int]:
        """Sort key: a statement that claims more comes first when negated."""
        return (self._ceiling, self.low)


def _within(quantity: int) -> int:
    return min(max(quantity, 0), MAX_QUANTITY)


NONE_LEFT = Stock(0, 0)
LIMITED = Stock(1, LIMITED_AT_MOST)
IN_STOCK = Stock(LIMITED_AT_MOST + 1, None)
SEEN = Stock(1, None)
NOTHING_KNOWN = Stock(0, None)

"""What a level holds, reduced to the few rows that the tables tell apart."""

import numpy as np
import numpy.typing as npt

from inventory_service.domain.stock import Stock

LEVELS = (0, 1, 2, 3, 4, 5, 6, 8, 11, 15, 20, 30, 50)
"""Exact counts; a count between two of them is taken for the lower."""
RANGES: tuple[tuple[int, int | None], ...] = ((0, 1), (0, 2), (0, None), (1, 2), (1, None), (2, None), (3, None))
ROWS = len(LEVELS) + len(RANGES)
NOTHING = 0
"""The row of a count of 0."""
MOST_COUNTED = LEVELS[-1]
OPEN_ABOVE = 3
"""Ranges that reach further than 2 are taken as without an upper bound."""
ALMOST_EXACT = 9
"""A range that begins here or above is worth the count that it begins with."""
UNBOUNDED = -1
"""Stands for an upper bound of None in numbers."""


def _row(low: int, span: int) -> int:
    if span == 0 or low >= ALMOST_EXACT:
        return max(place for place, level in enumerate(LEVELS) if level <= low)
    begun = min(low, OPEN_ABOVE)
    high = None if span == OPEN_ABOVE or span <= begun else span
    return len(LEVELS) + RANGES.index((begun, high))


ROW: npt.NDArray[np.uint8] = np.array(
    [[_row(low, span) for span in range(OPEN_ABOVE + 1)] for low in range(MOST_COUNTED + 1)], np.uint8
)
"""The row by `low` (up to MOST_COUNTED) and span: 0 for an exact count, else the upper bound, at most OPEN_ABOVE."""


def row_of(stock: Stock) -> int:
    """The row of a statement."""
    return int(ROW[min(stock.low, MOST_COUNTED), span_of(stock.low, _ceiling(stock))])


def span_of(low: int, high: int) -> int:
    """The second index of ROW; `high` is UNBOUNDED where there is no upper bound."""
    if low == high:
        return 0
    return OPEN_ABOVE if high < 0 or high > OPEN_ABOVE else high


def bounds(row: int) -> tuple[int, int | None]:
    """The statement that a row stands for."""
    if row < len(LEVELS):
        return LEVELS[row], LEVELS[row]
    return RANGES[row - len(LEVELS)]


def _ceiling(stock: Stock) -> int:
    return UNBOUNDED if stock.high is None else stock.high

"""What the kernel looks things up in: stores, neighbourhoods, coverage and the judgement as plain arrays."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from geo.distance import FloatArray
from geo.tables import table_of
from inventory_service.domain.clock import micros
from inventory_service.domain.confidence import fresh_probability
from inventory_service.domain.stock import Stock
from inventory_service.lookup.arrays import FOUND, BenchArrays, GroundArrays
from inventory_service.lookup.coverage import Coverage
from inventory_service.lookup.directory import NOBODY, Directory, IdArray
from inventory_service.lookup.judging import CLASSES, MOST_ASKED

MOST_LEVELS = 16_384
"""Levels that one question looks at together."""
MOST_LIMIT = 50


class Ground:
    """One state of stores and coverage, for one question at a time, never across an await.

    Coverage moves on in place; other stores make another ground. `table` is what compiled code takes for `arrays`.
    """

    def __init__(self, directory: Directory, coverage: Coverage) -> None:
        self.directory = directory
        chart = directory.chart
        cov_sources, cov_us = _coverage_columns(directory, coverage)
        self.hours, hours_of = directory.hours()
        self.arrays = GroundArrays(
            ecef=chart.ecef,
            store_ids=chart.store_ids,
            retailer_ids=chart.retailer_ids,
            hours_of=hours_of,
            demo=directory.demo,
            cov_sources=cov_sources,
            cov_us=cov_us,
            ids=chart.ids,
            first_rows=chart.first_rows,
            sizes=chart.sizes,
            owners=chart.owners,
            row_at=chart.row_at,
            centers=chart.centers,
            radii=chart.radii,
            starts=chart.starts,
            groups_of=chart.groups_of,
            wanted=np.zeros(len(chart.starts), dtype=np.bool_),
            seen=np.zeros(len(chart.radii), dtype=np.bool_),
            origin=np.zeros(3),
            groups=np.zeros(len(chart.radii), dtype=np.int64),
            bounds=np.zeros(len(chart.radii)),
        )
        self.table = table_of(self.arrays)

    def covered(self, rows: Iterable[tuple[int, int, datetime]]) -> bool:
        """Takes in rows of (store_id, source_id, covered_at); False where there is no room: a new ground is needed."""
        for store_id, source_id, covered_at in rows:
            row = self.directory.row_of(store_id)
            if row is None:
                continue
            seats = self.arrays.cov_sources[row]
            places = np.flatnonzero((seats == source_id) | (seats == NOBODY))
            if not len(places):
                return False
            seats[places[0]], self.arrays.cov_us[row, places[0]] = source_id, micros(covered_at)
        return True


def fresh_table() -> FloatArray:
    """The probability in the moment of the evidence: [quantity - 1, low, high], each up to MOST_ASKED.

    As `low`, MOST_ASKED stands for so many and more; as `high`, for no bound below that.
    """
    table = np.zeros((MOST_ASKED, MOST_ASKED + 1, MOST_ASKED + 1))
    for quantity, low, high in np.ndindex(table.shape):
        stock = Stock(low, None if high == MOST_ASKED else max(low, high))
        table[quantity, low, high] = fresh_probability(stock, quantity + 1)
    return table


class Bench:
    """The kernel's working space: one question at a time, never across an await."""

    def __init__(self) -> None:
        self.found = np.zeros(MOST_LIMIT + 1, dtype=FOUND)
        self.arrays = BenchArrays(
            fresh=fresh_table(),
            read=np.zeros(MOST_LEVELS, dtype=FOUND),
            held=np.zeros(CLASSES, dtype=np.int64),
            kept=np.zeros((CLASSES, MOST_LIMIT + 1), dtype=np.int64),
            found=self.found,
        )
        self.table = table_of(self.arrays)


def _coverage_columns(directory: Directory, coverage: Coverage) -> tuple[IdArray, IdArray]:
    by_row: dict[int, list[tuple[int, int]]] = {}
    for (store_id, source_id), covered_at in coverage:
        row = directory.row_of(store_id)
        if row is not None:
            by_row.setdefault(row, []).append((source_id, micros(covered_at)))
    width = 1 + max(map(len, by_row.values()), default=0)
    sources = np.full((len(directory), width), NOBODY, dtype=np.int64)
    times = np.zeros((len(directory), width), dtype=np.int64)
    for row, seats in by_row.items():
        for seat, (source_id, covered_us) in enumerate(seats):
            sources[row, seat], times[row, seat] = source_id, covered_us
    return sources, times

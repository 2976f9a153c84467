"""What the kernel looks things up in: stores, neighbourhoods, coverage and the judgement as plain arrays."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from geo.distance import FloatArray
from inventory_service.domain.clock import micros
from inventory_service.domain.confidence import fresh_probability
from inventory_service.domain.stock import Stock
from inventory_service.lookup.coverage import Coverage
from inventory_service.lookup.directory import Directory, IdArray
from inventory_service.lookup.kernel import FOUND, MOST_ASKED

MOST_LEVELS = 16_384
"""Levels that one question looks at together."""
MOST_LIMIT = 50
NOBODY = -1


class Ground:
    """One state of stores and coverage. Coverage moves on in place; other stores make another ground.

    From `wanted` on: the kernel's working space, never used across an await. `charted` and `stocked`: what it takes for
    a plan, and for a choice, in its order.
    """

    def __init__(self, directory: Directory, coverage: Coverage) -> None:
        self.directory = directory
        chart = directory.chart
        self.ecef, self.store_ids, self.retailer_ids = chart.ecef, chart.store_ids, chart.retailer_ids
        self.ids = chart.ids
        self.first_rows, self.sizes, self.owners = chart.first_rows, chart.sizes, chart.owners
        self.row_at, self.centers, self.radii = chart.row_at, chart.centers, chart.radii
        self.starts, self.groups_of = chart.starts, chart.groups_of
        self.cov_sources, self.cov_us = _coverage_columns(directory, coverage)
        self.hours, self.hours_of = _hours_columns(directory)
        self.demo = np.array([directory.at(row).demo for row in range(len(directory))], dtype=np.bool_)
        self.wanted = np.zeros(len(self.starts), dtype=np.bool_)
        self.origin = np.zeros(3)
        self.seen = np.zeros(len(self.radii), dtype=np.bool_)
        self.groups = np.zeros(len(self.radii), dtype=np.intp)
        self.bounds = np.zeros(len(self.radii))
        self.charted = (self.starts, self.groups_of, self.centers, self.radii)
        self.stocked = (
            self.wanted,
            self.ecef,
            self.store_ids,
            self.retailer_ids,
            self.row_at,
            self.first_rows,
            self.sizes,
            self.owners,
            self.cov_sources,
            self.cov_us,
        )

    def covered(self, rows: Iterable[tuple[int, int, datetime]]) -> bool:
        """Takes in rows of (store_id, source_id, covered_at); False where there is no room: a new ground is needed."""
        for store_id, source_id, covered_at in rows:
            row = self.directory.row_of(store_id)
            if row is None:
                continue
            seats = self.cov_sources[row]
            places = np.flatnonzero((seats == source_id) | (seats == NOBODY))
            if not len(places):
                return False
            seats[places[0]], self.cov_us[row, places[0]] = source_id, micros(covered_at)
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
    """The kernel's working space: one question at a time, never across an await. `parts`: in the kernel's order."""

    def __init__(self) -> None:
        self.fresh = fresh_table()
        self.read = np.zeros(MOST_LEVELS, dtype=FOUND)
        self.held = np.zeros(3, dtype=np.int64)
        self.kept = np.zeros((3, MOST_LIMIT + 1), dtype=np.intp)
        self.found = np.zeros(MOST_LIMIT + 1, dtype=FOUND)
        self.parts = self.fresh, self.read, self.held, self.kept, self.found


def _hours_columns(directory: Directory) -> tuple[list[tuple[str | None, str]], IdArray]:
    """All different (opening_hours, timezone), and which of them each row has."""
    found: dict[tuple[str | None, str], int] = {}
    stores = (directory.at(row) for row in range(len(directory)))
    of = [found.setdefault((one.opening_hours, one.timezone), len(found)) for one in stores]
    return list(found), np.array(of, dtype=np.int64)


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

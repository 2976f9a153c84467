"""What the kernel looks things up in: stores, neighbourhoods, coverage and the judgement as plain arrays."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

import numpy as np

from geo.tables import table_of
from inventory_service.domain.belief.basis import ANCHORS
from inventory_service.domain.belief.learned import Learned, Speaker
from inventory_service.domain.belief.verdict import USUAL_THRESHOLDS, Thresholds
from inventory_service.domain.clock import micros
from inventory_service.lookup.arrays import BLOCK, FOUND, PROGRESS, BenchArrays, GroundArrays
from inventory_service.lookup.coverage import Coverage
from inventory_service.lookup.directory import NOBODY, Directory, IdArray
from inventory_service.lookup.judging import CLASSES
from inventory_service.lookup.kernel import CONTENDERS

MOST_LEVELS = 16_384
"""Levels that one question looks at together."""
MOST_LIMIT = 50

T = TypeVar("T")


class Ground:
    """One state of stores, coverage and what has been learned, for one question at a time, never across an await.

    Coverage moves on in place; other stores, or anything learned, make another ground. `table` is what compiled code
    takes for `arrays`.
    """

    def __init__(self, directory: Directory, coverage: Coverage, learned: Learned) -> None:
        self.directory, self.learned = directory, learned
        chart, tables = directory.chart, learned.model.tables
        speakers = _rows(learned.speakers, learned.usual)
        limits = _rows(learned.thresholds, USUAL_THRESHOLDS)
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
            paces=_paces(directory, learned),
            anchors=np.array([ANCHORS.index(one.anchor) for one in speakers], dtype=np.int64),
            horizons_s=np.array([one.traits.horizon_s for one in speakers]),
            lags_s=np.array([one.traits.lag_s for one in speakers]),
            doubts=np.array([_factors(one) for one in speakers]),
            bases=np.array([one.traits.base for one in speakers]),
            thresholds=np.array([_limits(one) for one in limits]),
            holdings=tables.rows,
            due_per_s=tables.due_per_s,
            quiet=tables.quiet.reshape(-1, tables.quiet.shape[-1]),
            empty=tables.empty,
            doubted=tables.doubted,
            watched=tables.watched,
            enough=tables.enough.reshape(-1, tables.enough.shape[-1]),
            kept=tables.kept.reshape(1, -1),
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


class Bench:
    """The kernel's working space: one question at a time, never across an await."""

    def __init__(self) -> None:
        self.found = np.zeros(MOST_LIMIT + CONTENDERS, dtype=FOUND)
        self.arrays = BenchArrays(
            progress=np.zeros(1, dtype=PROGRESS),
            blocks=np.zeros(MOST_LEVELS, dtype=BLOCK),
            chords2=np.zeros(MOST_LEVELS),
            extras=np.zeros(MOST_LEVELS, dtype=np.int64),
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


def _rows(by_id: Mapping[int, T], usual: T) -> list[T]:
    """By id, the usual one in the gaps and at the end."""
    return [by_id.get(one, usual) for one in range(max(by_id, default=-1) + 2)]


def _factors(speaker: Speaker) -> tuple[float, float, float]:
    return 1.0, math.exp(speaker.traits.doubt), math.exp(-speaker.traits.overlooked)


def _limits(of: Thresholds) -> tuple[float, float, float]:
    return of.surely_not, of.likely, of.plenty


def _paces(directory: Directory, learned: Learned) -> IdArray:
    faster = np.zeros(len(directory), dtype=np.int64)
    for store_id, classes in learned.paces.stores.items():
        if (row := directory.row_of(store_id)) is not None:
            faster[row] = classes
    return faster

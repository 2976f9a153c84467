"""Balls around groups of points: how near could the nearest of a group be?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.cut import IndexArray
from geo.distance import FloatArray, point_to_ecef
from geo.point import Point

ROUNDING_M = 0.001
"""More than floating point can err in a chord between points on the ellipsoid (about 2 nm)."""


@dataclass(frozen=True, slots=True)
class Spheres:
    """Balls in ECEF metres: `centers` of shape (n, 3), `radii` of shape (n,)."""

    centers: FloatArray
    radii: FloatArray

    @classmethod
    def of(cls, points: FloatArray, groups: Sequence[IndexArray]) -> "Spheres":
        """One ball a group (indices of rows of `points`, none empty), about the middle of its bounding box."""
        ordered = points[np.concatenate(groups)] if groups else points[:0]
        return cls.of_runs(ordered, np.array([len(group) for group in groups], dtype=np.intp))

    @classmethod
    def of_runs(cls, points: FloatArray, lengths: IndexArray) -> "Spheres":
        """One ball for each run of consecutive rows of `points`; `lengths` (all ≥ 1) add up to their number."""
        if not len(lengths):
            return cls(np.empty((0, 3)), np.empty(0))
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        lows, highs = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
        centers = (lows + highs) / 2.0
        offsets = np.linalg.norm(points - np.repeat(centers, lengths, axis=0), axis=1)
        return cls(centers, np.maximum.reduceat(offsets, starts))

    def lower_bounds_m(self, origin: Point) -> FloatArray:
        """Metres, shape (n,): no member of a group is nearer to `origin` than this, in a line or on the ground."""
        chords = np.linalg.norm(self.centers - point_to_ecef(origin), axis=1)
        bounds: FloatArray = np.maximum(0.0, chords - self.radii - ROUNDING_M)
        return bounds

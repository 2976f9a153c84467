"""Cutting many points into compact groups."""

import numpy as np
from numpy.typing import NDArray

from geo.distance import FloatArray

IndexArray = NDArray[np.intp]


def cut(points: FloatArray, at_most: int = 128) -> list[IndexArray]:
    """Groups of the rows of `points` (ECEF metres, shape (n, 3)): as few as can be, of nearly equal size, compact.

    A k-d cut: halve across the longest axis until a part fits. The same points in the same order give the same groups;
    each index is in exactly one group, and no group holds more than `at_most`. Raises ValueError for `at_most` < 1.
    """
    if at_most < 1:
        raise ValueError("a group must hold at least one point")
    groups: list[IndexArray] = []
    pending = [np.arange(len(points), dtype=np.intp)] if len(points) else []
    while pending:
        part = pending.pop()
        count = -(-len(part) // at_most)
        if count == 1:
            groups.append(part)
            continue
        left, right = _halves(points, part, count)
        pending += [right, left]
    return groups


def _halves(points: FloatArray, part: IndexArray, count: int) -> tuple[IndexArray, IndexArray]:
    """Two sides that can make `count` groups together; equal coordinates keep their order."""
    chosen = points[part]
    axis = int(np.argmax(np.ptp(chosen, axis=0)))
    ordered = part[np.argsort(chosen[:, axis], kind="stable")]
    middle = -(-len(part) * (count // 2) // count)
    return ordered[:middle], ordered[middle:]

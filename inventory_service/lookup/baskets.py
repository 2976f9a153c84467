"""Which store, or which two, has most of a list: numbers in and out, and exact.

Rows are stores, columns the list's items. `chances` are probabilities in billionths, so that sums are exact.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BILLION = 1_000_000_000
MOST_PAIRED = 1_000
"""Stores that are compared two by two: of more, those that have most by themselves."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """What each store has: whether it is `likely` to have an item, and the `chances` that it has."""

    likely: NDArray[np.bool_]
    chances: NDArray[np.int64]
    distances_m: NDArray[np.float64]
    store_ids: NDArray[np.int64]


class Pick(NamedTuple):
    """Rows of one store or of two, the nearer first; how many items it is likely to have, and how many to expect."""

    rows: tuple[int, ...]
    likely: int
    chances: int


def best_singles(shelves: Shelves, limit: int) -> list[Pick]:
    """The stores with most of the list, then with most to expect, then the nearest; equal distances by store id."""
    counts, expected = shelves.likely.sum(axis=1), shelves.chances.sum(axis=1)
    order = np.lexsort((shelves.store_ids, shelves.distances_m, -expected, -counts))
    return [Pick((row,), int(counts[row]), int(expected[row])) for row in order[:limit].tolist() if counts[row]]


def best_pairs(shelves: Shelves, limit: int) -> list[Pick]:
    """Pairs with more of the list than any one store, in the same order, distances added up."""
    singles = best_singles(shelves, MOST_PAIRED)
    if len(singles) < 2 or singles[0].likely == shelves.likely.shape[1]:
        return []
    rows = np.array([single.rows[0] for single in singles])
    masks = (shelves.likely[rows] * (np.uint64(1) << np.arange(shelves.likely.shape[1], dtype=np.uint64))).sum(
        axis=1, dtype=np.uint64
    )
    counts, chances = np.bitwise_count(masks).astype(np.int64), shelves.chances[rows]
    expected, least = chances.sum(axis=1), singles[0].likely + 1
    found: list[Pick] = []
    for first in range(len(rows) - 1):
        if counts[first] + counts[first + 1] < least:
            break
        both = np.bitwise_count(masks[first] | masks[first + 1 :]).astype(np.int64)
        others = first + 1 + np.flatnonzero(both >= least)
        if len(found) >= limit:
            last = found[limit - 1]
            ties = both[others - first - 1] == last.likely
            others = others[~ties | (expected[first] + expected[others] >= last.chances)]
        if len(others):
            found += _best_with(shelves, rows, first, others, masks, limit)
            found = sorted(found, key=partial(_order, shelves))[:limit]
            least = max(least, found[-1].likely) if len(found) == limit else least
    return found


def _best_with(
    shelves: Shelves, rows: NDArray[Any], first: int, others: NDArray[Any], masks: NDArray[Any], limit: int
) -> list[Pick]:
    """The best pairs of the store `rows[first]` with one of `rows[others]`."""
    counts = np.bitwise_count(masks[first] | masks[others]).astype(np.int64)
    chances = np.maximum(shelves.chances[rows[first]], shelves.chances[rows[others]]).sum(axis=1)
    theirs = rows[others]
    best = np.lexsort((shelves.store_ids[theirs], shelves.distances_m[theirs], -chances, -counts))[:limit]
    picks = []
    for at in best.tolist():
        two = (int(rows[first]), int(theirs[at]))
        nearer = sorted(two, key=lambda row: (shelves.distances_m[row], shelves.store_ids[row]))
        picks.append(Pick(tuple(nearer), int(counts[at]), int(chances[at])))
    return picks


def _order(shelves: Shelves, pick: Pick) -> tuple[float, ...]:
    distance_m = float(sum(shelves.distances_m[row] for row in pick.rows))
    return (-pick.likely, -pick.chances, distance_m, *(int(shelves.store_ids[row]) for row in pick.rows))

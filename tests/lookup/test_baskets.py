"""Which store, or which two, has most of a list: as a search through all stores and all pairs finds it."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.lookup.baskets import BILLION, Pick, Shelves, best_pairs, best_singles

Row = tuple[list[tuple[bool, int]], int]


@st.composite
def shelves(draw: st.DrawFn) -> Shelves:
    """Few different numbers, so that much is equal."""
    items = draw(st.integers(1, 6))
    item = st.tuples(st.booleans(), st.sampled_from((0, 1, 10, 19, 20)))
    rows = draw(st.lists(st.tuples(st.lists(item, min_size=items, max_size=items), st.integers(0, 3)), max_size=12))
    ids = draw(st.permutations(range(1, len(rows) + 1)))
    return Shelves(
        np.array([[likely for likely, _ in row] for row, _ in rows], dtype=np.bool_).reshape(len(rows), items),
        np.array([[step * BILLION // 20 for _, step in row] for row, _ in rows], dtype=np.int64).reshape(-1, items),
        np.array([distance for _, distance in rows], dtype=np.float64),
        np.array(ids, dtype=np.int64),
    )


def told(found: Shelves, picks: list[Pick]) -> list[tuple[object, ...]]:
    return [(sorted(int(found.store_ids[row]) for row in pick.rows), pick.likely, pick.chances) for pick in picks]


@given(shelves(), st.integers(1, 5))
def test_the_best_stores_are_those_of_a_search_through_all(found: Shelves, limit: int) -> None:
    each = [
        (-int(found.likely[row].sum()), -int(found.chances[row].sum()), found.distances_m[row], found.store_ids[row])
        for row in range(len(found.store_ids))
        if found.likely[row].any()
    ]
    assert told(found, best_singles(found, limit)) == [([one[3]], -one[0], -one[1]) for one in sorted(each)[:limit]]


@given(shelves(), st.integers(1, 5))
def test_the_best_pairs_are_those_of_a_search_through_all(found: Shelves, limit: int) -> None:
    alone = max((int(row.sum()) for row in found.likely), default=0)
    each = []
    for pair in combinations(range(len(found.store_ids)), 2):
        likely = int(np.logical_or.reduce(found.likely[list(pair)]).sum())
        chances = int(np.maximum.reduce(found.chances[list(pair)]).sum())
        nearer = sorted(pair, key=lambda row: (found.distances_m[row], found.store_ids[row]))
        if likely > alone:
            ids = [int(found.store_ids[row]) for row in nearer]
            each.append((-likely, -chances, float(found.distances_m[list(pair)].sum()), *ids))
    best = sorted(each)[:limit]
    assert told(found, best_pairs(found, limit)) == [(sorted(one[3:]), -one[0], -one[1]) for one in best]

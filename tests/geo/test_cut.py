"""Cutting points into groups loses nothing and always gives the same groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo.cut import cut

coordinates = st.one_of(st.floats(-6.4e6, 6.4e6), st.sampled_from([0.0, 1.0]))
point_sets = st.integers(0, 200).flatmap(lambda n: arrays(np.float64, (n, 3), elements=coordinates))


@given(point_sets, st.integers(1, 20))
def test_each_point_is_in_exactly_one_group_and_no_group_is_too_large(points, at_most):
    groups = cut(points, at_most)
    assert sorted(index for group in groups for index in group.tolist()) == list(range(len(points)))
    assert all(1 <= len(group) <= at_most for group in groups)


@given(point_sets, st.integers(1, 20))
def test_there_are_as_few_groups_as_can_be_and_they_are_balanced(points, at_most):
    sizes = [len(group) for group in cut(points, at_most)]
    assert len(sizes) == -(-len(points) // at_most)
    if len(sizes) > 1:
        assert min(sizes) * 2 >= max(sizes)


@given(point_sets, st.integers(1, 20))
def test_the_same_points_give_the_same_groups(points, at_most):
    first, second = cut(points, at_most), cut(points.copy(), at_most)
    assert [group.tolist() for group in first] == [group.tolist() for group in second]


def test_far_clusters_are_kept_apart():
    rng = np.random.default_rng(1)
    clusters = [rng.normal(center, 10.0, (50, 3)) for center in (0.0, 1e6, -1e6, 3e6)]
    groups = cut(np.concatenate(clusters), 50)
    assert {frozenset((group // 50).tolist()) for group in groups} == {frozenset({i}) for i in range(4)}


def test_many_stores_at_one_point_are_still_cut():
    assert [len(group) for group in cut(np.ones((300, 3)))] == [100, 100, 100]


def test_a_group_of_none_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        cut(np.ones((3, 3)), 0)

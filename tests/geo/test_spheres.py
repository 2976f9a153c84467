"""A sphere's lower bound never hides a nearer point."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cut import cut
from geo.distance import distances_m, to_ecef
from geo.point import Point
from geo.spheres import Spheres

lats = st.one_of(st.floats(-90, 90), st.sampled_from([90.0, -90.0]))
lons = st.one_of(st.floats(-180, 180), st.sampled_from([180.0, -180.0]))


@settings(max_examples=60)
@given(st.lists(st.tuples(lats, lons), min_size=1, max_size=80), st.builds(Point, lats, lons), st.integers(1, 10))
def test_no_member_is_nearer_than_its_groups_lower_bound(places, origin, at_most):
    lat, lon = np.array(places).T
    points = to_ecef(lat, lon)
    groups = cut(points, at_most)
    bounds = Spheres.of(points, groups).lower_bounds_m(origin)
    true_m = distances_m(origin, lat, lon)
    assert all(bound <= true_m[group].min() for bound, group in zip(bounds, groups, strict=True))
    assert (bounds >= 0).all()


def test_the_bound_of_a_far_compact_group_is_close_to_the_truth():
    lat, lon = np.array([47.60, 47.61, 47.62]), np.array([-122.33, -122.34, -122.32])
    points = to_ecef(lat, lon)
    origin = Point(45.52, -122.68)
    bound = Spheres.of(points, [np.arange(3)]).lower_bounds_m(origin)[0]
    nearest = distances_m(origin, lat, lon).min()
    assert nearest * 0.98 < bound <= nearest


def test_no_groups_have_no_bounds():
    assert Spheres.of(np.empty((0, 3)), []).lower_bounds_m(Point(0, 0)).shape == (0,)

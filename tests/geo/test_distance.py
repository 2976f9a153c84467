"""Distances are the true geodesics, everywhere on the ellipsoid."""

import random

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from geo.distance import distance_m, distances_m, point_to_ecef, to_ecef
from geo.point import Point

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)
points = st.builds(Point, lats, lons)

AWKWARD = [
    (Point(90, 0), Point(-90, 0)),
    (Point(90, 10), Point(90, -120)),
    (Point(-90, 0), Point(-89.9999, 77)),
    (Point(0, 180), Point(0, -180)),
    (Point(10, 179.999), Point(10, -179.999)),
    (Point(0, 0), Point(0, 180)),
    (Point(0, 0), Point(0.5, 179.7)),
    (Point(30, 20), Point(-30, -160)),
    (Point(47.6, -122.3), Point(47.6, -122.3)),
    (Point(47.6, -122.3), Point(47.6, -122.3 + 1e-9)),
]


def test_ten_thousand_random_pairs_agree_with_geopy():
    rng = random.Random(2022)
    origins = [Point(rng.uniform(-90, 90), rng.uniform(-180, 180)) for _ in range(100)]
    for origin in origins:
        lat = np.array([rng.uniform(-90, 90) for _ in range(100)])
        lon = np.array([rng.uniform(-180, 180) for _ in range(100)])
        expected = [geodesic((origin.lat, origin.lon), pair).m for pair in zip(lat, lon, strict=True)]
        assert distances_m(origin, lat, lon) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("a", "b"), AWKWARD)
def test_poles_antimeridian_antipodes_and_equal_points_agree_with_geopy(a, b):
    expected = pytest.approx(geodesic((a.lat, a.lon), (b.lat, b.lon)).m, abs=1e-6)
    assert distance_m(a, b) == expected
    assert distance_m(b, a) == expected
    assert distances_m(a, np.array([b.lat]), np.array([b.lon]))[0] == expected


def test_no_points_have_no_distances():
    assert distances_m(Point(1, 2), np.empty(0), np.empty(0)).shape == (0,)
    assert to_ecef(np.empty(0), np.empty(0)).shape == (0, 3)


def test_points_in_space_are_metres_from_the_centre_of_the_earth():
    assert to_ecef(np.array([0.0, 0.0, 90.0]), np.array([0.0, 90.0, 33.0])) == pytest.approx(
        np.array([[6_378_137, 0, 0], [0, 6_378_137, 0], [0, 0, 6_356_752.314245]]), abs=1e-6
    )


@given(points, points)
def test_a_chord_is_never_longer_than_the_geodesic(a, b):
    chord_m = np.linalg.norm(point_to_ecef(a) - point_to_ecef(b))
    assert chord_m <= distance_m(a, b) + 1e-6

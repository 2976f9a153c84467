"""Distances on the WGS84 ellipsoid, and its points in space.

Geodesics are those of C. F. F. Karney, "Algorithms for geodesics" (2013), through PROJ: exact to some nanometres,
at the poles, across the antimeridian and for antipodes too.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from geo.point import Point

FloatArray = NDArray[np.float64]

_GEOD = Geod(ellps="WGS84")
SEMI_MAJOR_M: float = _GEOD.a
ECCENTRICITY_SQUARED: float = _GEOD.es


def distance_m(a: Point, b: Point) -> float:
    """Metres along the shortest path on the ellipsoid."""
    return float(_GEOD.inv(a.lon, a.lat, b.lon, b.lat, return_back_azimuth=False)[2])


def distances_m(origin: Point, lats: FloatArray, lons: FloatArray) -> FloatArray:
    """Metres from `origin` to each of n points; `lats`, `lons` in degrees, shape (n,); result shape (n,)."""
    metres: Any = _GEOD.inv(
        np.full(lons.shape, origin.lon), np.full(lats.shape, origin.lat), lons, lats, return_back_azimuth=False
    )[2]
    return np.asarray(metres, dtype=np.float64)


def to_ecef(lats: FloatArray, lons: FloatArray) -> FloatArray:
    """Earth-centred, earth-fixed metres of n points at height 0; `lats`, `lons` in degrees, shape (n,); result (n, 3).

    The straight line (chord) between two of them is never longer than their geodesic: a path on the surface is a
    path through space, and there the straight one is the shortest. So chords are safe lower bounds.
    """
    phi, lam = np.radians(lats), np.radians(lons)
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    normal_m = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi**2)
    return np.stack(
        (
            normal_m * cos_phi * np.cos(lam),
            normal_m * cos_phi * np.sin(lam),
            normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi,
        ),
        axis=-1,
    )


def point_to_ecef(point: Point) -> FloatArray:
    """As `to_ecef`, for one point; shape (3,)."""
    return to_ecef(np.array([point.lat]), np.array([point.lon])).reshape(3)

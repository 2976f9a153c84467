"""Geodesic lengths out of straight lines, compiled: some nanoseconds where the general solution takes a microsecond.

The geodesic over a chord c has the length d = c (1 + c²/24R² + 3c⁴/640R⁴ …), with the ellipsoid's radius of curvature R
in that direction half-way (Euler: 1/R = cos²α/M + sin²α/N). That is a circle's series; what an ellipsoid does beside
grows with the fifth power of the distance.
"""

import math

from geo.compiled import compiled
from geo.distance import ECCENTRICITY_SQUARED, SEMI_MAJOR_M, FloatArray

NEAR_M = 510_000.0
"""Chords up to which `near_m` may be used."""
SHARPEST_M: float = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED)
FLATTEST_M: float = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_SQUARED)
"""The smallest and the largest radius of curvature on WGS84."""
BOUND_ERROR_M = 0.001
"""More than floating point errs by in `shortest_m` and `longest_m`."""


@compiled
def place(lat: float, lon: float, ecef: FloatArray) -> None:
    """As `distance.to_ecef`, for one point, into `ecef` of shape (3,)."""
    phi, lam = math.radians(lat), math.radians(lon)
    sin_phi, cos_phi = math.sin(phi), math.cos(phi)
    normal_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
    ecef[0], ecef[1] = normal_m * cos_phi * math.cos(lam), normal_m * cos_phi * math.sin(lam)
    ecef[2] = normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi


@compiled
def near_m(ax: float, ay: float, az: float, bx: float, by: float, bz: float) -> float:
    """Metres on the ground between two points on WGS84 (ECEF metres), whose chord is at most NEAR_M."""
    dx, dy, dz = bx - ax, by - ay, bz - az
    square = dx * dx + dy * dy + dz * dz
    if square == 0.0:
        return 0.0
    x, y, z = (ax + bx) * 0.5, (ay + by) * 0.5, (az + bz) * 0.5
    across = math.sqrt(x * x + y * y)
    polar = z / (1.0 - ECCENTRICITY_SQUARED)
    hypotenuse = math.sqrt(across * across + polar * polar)
    sin_phi, cos_phi = polar / hypotenuse, across / hypotenuse
    flattening = 1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi
    normal = SEMI_MAJOR_M / math.sqrt(flattening)
    meridional = normal * (1.0 - ECCENTRICITY_SQUARED) / flattening
    northwards = dz * cos_phi
    if across > 0.0:
        northwards -= sin_phi * (x * dx + y * dy) / across
    cos2 = northwards * northwards / square
    curvature = cos2 / meridional + (1.0 - cos2) / normal
    ratio = square * curvature * curvature
    return math.sqrt(square) * (1.0 + ratio / 24.0 + 3.0 * ratio * ratio / 640.0)


@compiled
def near_error_m(metres: float) -> float:
    """More than `near_m` errs by at that distance: measured against Karney's solution, and held to it by a test."""
    return float(1e-6 + 2e-3 * (metres / 500_000.0) ** 5)


@compiled
def shortest_m(chord_m: float) -> float:
    """No geodesic over such a chord is shorter: that of a sphere as flat as WGS84 is anywhere."""
    return float(2.0 * FLATTEST_M * math.asin(min(1.0, chord_m / (2.0 * FLATTEST_M))) - BOUND_ERROR_M)


@compiled
def longest_m(chord_m: float) -> float:
    """None is longer: that of a sphere as sharp as WGS84 is anywhere (Schur's comparison); infinite near antipodes."""
    half = chord_m / (2.0 * SHARPEST_M)
    return math.inf if half >= 1.0 else float(2.0 * SHARPEST_M * math.asin(half) + BOUND_ERROR_M)

"""A place on the WGS84 ellipsoid."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and east; `lat` in [-90, 90], `lon` in [-180, 180]. Raises ValueError otherwise."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and -90.0 <= self.lat <= 90.0):
            raise ValueError("latitude must lie between -90 and 90")
        if not (math.isfinite(self.lon) and -180.0 <= self.lon <= 180.0):
            raise ValueError("longitude must lie between -180 and 180")

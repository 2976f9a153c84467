"""The time zone that a point lies in."""

from tzfpy import get_tz

from geo.point import Point


def timezone_at(point: Point) -> str:
    """IANA name; at sea the nautical zone, UTC where none is known."""
    return get_tz(point.lon, point.lat) or "UTC"

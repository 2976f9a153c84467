"""The nearest beyond the radius, out of the few that may be it."""

from typing import Any

from numpy.typing import NDArray

from geo.distance import distance_m
from geo.point import Point
from inventory_service.lookup.directory import Directory


def settled(found: NDArray[Any], origin: Point, directory: Directory) -> int:
    """Brings the nearest of `found` (arrays.FOUND) to its front, measured; returns how many are told: 1, or 0 of none.

    Equal distances by store id.
    """
    for one in found:
        if one["metres"] < 0:
            one["metres"] = distance_m(origin, directory.point_at(one["row"]))
    if len(found) > 1:
        found[0] = found[min(range(len(found)), key=lambda at: (found[at]["metres"], found[at]["store_id"]))]
    return min(len(found), 1)

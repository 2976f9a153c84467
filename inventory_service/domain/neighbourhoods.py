"""Which neighbourhood and slot a new store gets: the cache's units stay compact, and nothing ever moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.cut import cut
from geo.distance import FloatArray, to_ecef
from geo.point import Point
from geo.spheres import Spheres

SLOTS = 128
FOUNDED_WITH = 96
"""A new neighbourhood starts with at most so many stores: the rest is room for those that open near by."""
SHARED_BELOW = 32
"""A retailer with fewer stores than this puts them into neighbourhoods that it shares."""
JOIN_WITHIN_M = 30_000.0
"""A neighbourhood takes a store within its radius or this distance of its centre. It never grows beyond that, or
stores that come one by one would stretch it across a continent."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """One that exists. `retailer_id` None: shared. `next_slot` is its first free slot, 0–128. `points`: its stores."""

    neighbourhood_id: int
    retailer_id: int | None
    next_slot: int
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where one store goes; a negative `neighbourhood_id` names one of the plan's `founded`."""

    neighbourhood_id: int
    slot: int


@dataclass(frozen=True, slots=True)
class Founded:
    """A neighbourhood to insert. `temporary_id` is -1, -2, …; `next_slot` counts the stores that it starts with."""

    temporary_id: int
    retailer_id: int | None
    next_slot: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`assignments` stand in step with the new points."""

    assignments: tuple[Assignment, ...]
    founded: tuple[Founded, ...]


def assign(existing: Sequence[Neighbourhood], retailer_id: int, known_stores: int, points: Sequence[Point]) -> Plan:
    """Gives each new store of one retailer a neighbourhood and a slot that no store ever had.

    `known_stores` counts the stores that the retailer already has; `points` are the new ones, in the caller's order.
    A store fills the nearest neighbourhood of its owner that has room and reaches it; a k-d cut of the others founds
    new ones, so a whole file at once gives more compact neighbourhoods than batches of it would.
    """
    owner = None if known_stores + len(points) < SHARED_BELOW else retailer_id
    open_ones = [one for one in existing if one.retailer_id == owner and one.next_slot < SLOTS and one.points]
    where = _ecef(points)
    joined = _join(open_ones, where)
    left_over = [index for index in range(len(points)) if index not in joined]
    founded = []
    for number, group in enumerate(cut(where[left_over], FOUNDED_WITH), start=1):
        founded.append(Founded(-number, owner, len(group)))
        joined.update({left_over[member]: Assignment(-number, slot) for slot, member in enumerate(group)})
    return Plan(tuple(joined[index] for index in range(len(points))), tuple(founded))


def _join(open_ones: Sequence[Neighbourhood], where: FloatArray) -> dict[int, Assignment]:
    """By index, the points that existing neighbourhoods take, nearest centre first, then lowest id."""
    ordered = sorted(open_ones, key=lambda one: one.neighbourhood_id)
    if not ordered:
        return {}
    members = _ecef([point for one in ordered for point in one.points])
    spheres = Spheres.of_runs(members, np.array([len(one.points) for one in ordered], dtype=np.intp))
    reaches = np.maximum(spheres.radii, JOIN_WITHIN_M)
    slots = [one.next_slot for one in ordered]
    joined = {}
    for index, place in enumerate(where):
        chords = np.linalg.norm(spheres.centers - place, axis=1)
        chords[chords > reaches] = np.inf
        nearest = int(np.argmin(chords))
        if not np.isfinite(chords[nearest]):
            continue
        joined[index] = Assignment(ordered[nearest].neighbourhood_id, slots[nearest])
        slots[nearest] += 1
        if slots[nearest] == SLOTS:
            reaches[nearest] = -1.0
    return joined


def _ecef(points: Sequence[Point]) -> FloatArray:
    return to_ecef(np.array([point.lat for point in points]), np.array([point.lon for point in points]))

"""A worker's memory of stores and their neighbourhoods: immutable, so that a request sees one state throughout."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.cut import IndexArray
from geo.distance import ECCENTRICITY_SQUARED, SEMI_MAJOR_M, FloatArray, distances_m, point_to_ecef
from geo.point import Point
from geo.spheres import ROUNDING_M, Spheres
from inventory_service.domain.hours import HoursOf
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.domain.store import Store
from inventory_service.lookup.store_rows import IdArray as IdArray
from inventory_service.lookup.store_rows import StoreRows

NO_STORE = -1
NOBODY = -1
Reached = tuple[float, int]
"""How far somebody has looked: metres, and the id of the last store at that distance."""
SHARPEST_BEND_M = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED)
"""No path on the ground bends more than a circle of this radius, so its chord is no shorter than one of that circle."""
GROUPS_AT_ONCE = 16
"""Neighbourhoods looked through together: enough to spread NumPy's cost per call, few enough to stop early."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The directory in numbers. A row is a store, a group a neighbourhood; metres are ECEF.

    The groups of retailer r are `groups_of[starts[r]:starts[r + 1]]`; `row_at` (groups, SLOTS) has NO_STORE where a
    slot is free.
    """

    ids: IdArray
    """Of the neighbourhoods."""
    ecef: FloatArray
    store_ids: IdArray
    retailer_ids: IdArray
    row_at: IndexArray
    first_rows: IndexArray
    """The row of slot 0 where all slots up to the last are taken: slot s is s rows on. Else NO_STORE."""
    sizes: IndexArray
    owners: IdArray
    """The one retailer of a group's stores; NOBODY where there are several."""
    centers: FloatArray
    radii: FloatArray
    starts: IndexArray
    groups_of: IndexArray


class Directory:
    """Stores by id, by slot and by nearness. Never changes: `updated` gives the next state."""

    def __init__(self, rows: StoreRows) -> None:
        """`rows` in the order of their addresses, each store once."""
        self._rows = rows
        self._retailers = dict(rows.retailers())
        by_id = np.argsort(rows.store_ids)
        self._sorted_ids = array("q", rows.store_ids[by_id].tobytes())
        self._rows_by_id = array("q", by_id.astype(np.int64).tobytes())
        owners = rows.addresses // SLOTS
        self._ids, starts, lengths = np.unique(owners, return_index=True, return_counts=True)
        self._bounds = np.append(starts, len(owners)).astype(np.intp)
        self._spheres = Spheres.of_runs(rows.ecef, lengths)
        self._highest_owner = max(self._retailers.values(), default=0)
        self._place_of = {one: place for place, one in enumerate(self._ids.tolist())}
        self._row_at = np.full((len(self._ids), SLOTS), NO_STORE, dtype=np.intp)
        self._row_at[np.repeat(np.arange(len(lengths)), lengths), rows.addresses % SLOTS] = np.arange(len(owners))
        self._groups_of = _groups_by_retailer(rows.retailer_ids, np.repeat(np.arange(len(lengths)), lengths))
        self._names: list[int] = self._ids.tolist()

    @classmethod
    def of(cls, stores: Iterable[Store]) -> "Directory":
        """`stores` in any order, each once; none of an iterator's is kept."""
        return cls.joined([StoreRows.of(stores)])

    @classmethod
    def joined(cls, parts: Sequence[StoreRows]) -> "Directory":
        """`parts` in any order, no store in two of them."""
        return cls(StoreRows.joined(parts))

    def updated(self, stores: Iterable[Store]) -> "Directory":
        """A directory in which `stores` (each once) are added, or stand in place of those with the same id."""
        return Directory(self._rows.replaced_by(StoreRows.of(stores)))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Store]:
        """By address."""
        return map(self._rows.store, range(len(self)))

    def store(self, store_id: int) -> Store | None:
        row = self.row_of(store_id)
        return None if row is None else self._rows.store(row)

    def rows_at(self, neighbourhood_id: int, slots: IdArray) -> IndexArray:
        """Where the stores of some slots stand in this directory; NO_STORE for a slot that has none."""
        place = self._place_of.get(neighbourhood_id)
        return np.full(len(slots), NO_STORE, dtype=np.intp) if place is None else self._row_at[place][slots]

    @property
    def chart(self) -> Chart:
        rows, spheres, sizes = self._rows, self._spheres, np.diff(self._bounds)
        nobody = np.empty(0, dtype=np.intp)
        of = [self._groups_of.get(owner, nobody) for owner in range(self._highest_owner + 1)]
        starts = np.concatenate(([0], np.cumsum([len(groups) for groups in of]))).astype(np.intp)
        return Chart(
            self._ids,
            rows.ecef.reshape(-1, 3),
            rows.store_ids,
            rows.retailer_ids,
            self._row_at,
            np.where(self._last_slots() == sizes - 1, self._bounds[:-1], NO_STORE),
            sizes,
            self._sole_owners(),
            spheres.centers,
            spheres.radii,
            starts,
            np.concatenate([nobody, *of]),
        )

    def _last_slots(self) -> IndexArray:
        last: IndexArray = (self._rows.addresses % SLOTS)[self._bounds[1:] - 1]
        return last

    def _sole_owners(self) -> IdArray:
        starts = self._bounds[:-1]
        if not len(starts):
            return np.empty(0, dtype=np.int64)
        lowest = np.minimum.reduceat(self._rows.retailer_ids, starts)
        highest = np.maximum.reduceat(self._rows.retailer_ids, starts)
        return np.where(lowest == highest, lowest, NOBODY)

    def row_of(self, store_id: int) -> int | None:
        place = bisect_left(self._sorted_ids, store_id)
        known = place < len(self._sorted_ids) and self._sorted_ids[place] == store_id
        return self._rows_by_id[place] if known else None

    def neighbourhood_ids(self, groups: Iterable[int]) -> list[int]:
        """The ids of groups by their place in the chart."""
        return [self._names[group] for group in groups]

    def at(self, row: int) -> Store:
        """Made anew at each call, in a few microseconds: where only its point is wanted, `point_at` takes less."""
        return self._rows.store(row)

    def point_at(self, row: int) -> Point:
        return self._rows.point(row)

    @property
    def demo(self) -> NDArray[np.bool_]:
        """Which rows' retailers are simulated."""
        return np.fromiter((one.demo for one in self._rows.shared), dtype=np.bool_, count=len(self))

    def hours(self) -> tuple[list[HoursOf], IdArray]:
        """All different (opening_hours, timezone, country), and which of them each row has."""
        found: dict[HoursOf, int] = {}
        of = [found.setdefault((one.opening_hours, one.timezone, one.country), len(found)) for one in self._rows.shared]
        return list(found), np.array(of, dtype=np.int64)

    def owned_by(self, rows: IndexArray, retailer_ids: Sequence[int]) -> NDArray[np.bool_]:
        """Whether each row's store is one of theirs; a row may be NO_STORE, which is nobody's."""
        wanted = np.zeros(self._highest_owner + 1, dtype=np.bool_)
        wanted[[one for one in retailer_ids if one <= self._highest_owner]] = True
        theirs: NDArray[np.bool_] = wanted[self._rows.retailer_ids[rows]] & (rows != NO_STORE)
        return theirs

    def chords_m(self, origin: FloatArray, rows: IndexArray) -> FloatArray:
        """Metres in a straight line from `origin` (ECEF): never more than on the ground, whatever rounding does."""
        offsets = self._rows.ecef[rows] - origin
        chords: FloatArray = np.sqrt(np.einsum("ij,ij->i", offsets, offsets))
        return np.maximum(0.0, chords - ROUNDING_M)

    def distances_m(self, origin: Point, rows: IndexArray) -> FloatArray:
        """Metres on the ground."""
        return self._geodesics(origin, rows)

    def rows_in(self, older: "Directory") -> IndexArray:
        """For each row that of `older` which holds the very same store, NO_STORE where it was another, or none."""
        return self._rows.rows_in(older._rows)

    def retailer_known(self, slug: str) -> bool:
        return slug in self._retailers

    def retailer_ids(self, slugs: Iterable[str]) -> frozenset[int]:
        """The ids of those retailers that have stores; other slugs are left out."""
        return frozenset(self._retailers[slug] for slug in slugs if slug in self._retailers)

    def neighbourhoods_near(
        self, origin: Point, retailer_ids: frozenset[int] | None, within_m: float = np.inf
    ) -> list[tuple[int, float]]:
        """Neighbourhoods that hold a store of those retailers (None: of any), as (neighbourhood_id, lower_bound_m).

        No store of a neighbourhood is nearer than its bound. Ascending by bound, then id; none with a bound above
        `within_m`.
        """
        groups, bounds = self._near(origin, retailer_ids, within_m)
        return list(zip(self._ids[groups].tolist(), bounds.tolist(), strict=True))

    def nearest(
        self,
        origin: Point,
        radius_m: float,
        limit: int,
        retailer_slugs: frozenset[str],
        after: Reached | None = None,
    ) -> list[tuple[Store, float]]:
        """The `limit` stores of those retailers (none named: of any) with the shortest geodesic up to `radius_m`.

        Each with its distance in metres; ascending, equal distances by store id. `after`: only what comes behind it.
        """
        wanted = self.retailer_ids(retailer_slugs) if retailer_slugs else None
        groups, bounds = self._near(origin, wanted, radius_m)
        found, distances, reach_m = np.empty(0, dtype=np.intp), np.empty(0), radius_m
        for start in range(0, len(groups) if limit > 0 else 0, GROUPS_AT_ONCE):
            if bounds[start] > reach_m:
                break
            some = groups[start : start + GROUPS_AT_ONCE][bounds[start : start + GROUPS_AT_ONCE] <= reach_m]
            members = self._members(some, wanted)
            ahead = members if after is None else self._behind(origin, members, after)
            more, more_m = self._within(origin, ahead, reach_m, limit)
            found, distances = np.concatenate((found, more)), np.concatenate((distances, more_m))
            best = np.lexsort((self._rows.store_ids[found], distances))[:limit]
            found, distances = found[best], distances[best]
            reach_m = float(distances[-1]) if len(found) == limit else radius_m
        return list(zip(map(self._rows.store, found.tolist()), distances.tolist(), strict=True))

    def _near(
        self, origin: Point, retailer_ids: frozenset[int] | None, within_m: float
    ) -> tuple[IndexArray, FloatArray]:
        bounds = self._spheres.lower_bounds_m(origin)
        wanted = bounds <= within_m
        if retailer_ids is not None:
            wanted &= self._holds_one_of(retailer_ids)
        groups = np.flatnonzero(wanted)
        order = np.argsort(bounds[groups], kind="stable")
        return groups[order], bounds[groups][order]

    def _holds_one_of(self, retailer_ids: frozenset[int]) -> NDArray[np.bool_]:
        holds = np.zeros(len(self._ids), dtype=np.bool_)
        for retailer_id in retailer_ids & self._groups_of.keys():
            holds[self._groups_of[retailer_id]] = True
        return holds

    def _members(self, groups: IndexArray, retailer_ids: frozenset[int] | None) -> IndexArray:
        index = np.concatenate([np.arange(self._bounds[group], self._bounds[group + 1]) for group in groups])
        if retailer_ids is None:
            return index
        return index[np.isin(self._rows.retailer_ids[index], np.fromiter(retailer_ids, dtype=np.int64))]

    def _behind(self, origin: Point, index: IndexArray, after: Reached) -> IndexArray:
        """Those of `index` that come after: geodesics are asked for only where chords do not tell."""
        metres, store_id = after
        chords = self.chords_m(point_to_ecef(origin), index)
        arc = metres / SHARPEST_BEND_M
        shortest_m = 2.0 * SHARPEST_BEND_M * np.sin(arc / 2.0) - 2.0 * ROUNDING_M if arc < np.pi else 0.0
        unsure = index[(chords >= shortest_m) & (chords <= metres)]
        distances = self._geodesics(origin, unsure)
        same = (distances == metres) & (self._rows.store_ids[unsure] > store_id)
        return np.concatenate((index[chords > metres], unsure[same | (distances > metres)]))

    def _within(self, origin: Point, index: IndexArray, reach_m: float, limit: int) -> tuple[IndexArray, FloatArray]:
        """Those of `index` that may be among the `limit` nearest up to `reach_m`, with their geodesics.

        A chord is never longer than its geodesic, so the longest geodesic of the `limit` shortest chords bounds all.
        """
        chords = np.linalg.norm(self._rows.ecef[index] - point_to_ecef(origin), axis=1)
        if len(index) > limit:
            shortest = index[np.argpartition(chords, limit - 1)[:limit]]
            reach_m = min(reach_m, float(self._geodesics(origin, shortest).max()))
        index = index[chords <= reach_m + ROUNDING_M]
        distances = self._geodesics(origin, index)
        inside = distances <= reach_m
        return index[inside], distances[inside]

    def _geodesics(self, origin: Point, index: IndexArray) -> FloatArray:
        return distances_m(origin, self._rows.lats[index], self._rows.lons[index])


def _groups_by_retailer(retailer_ids: IdArray, groups: IndexArray) -> dict[int, IndexArray]:
    pairs = np.unique(np.stack((retailer_ids, groups)), axis=1)
    owners, starts = np.unique(pairs[0], return_index=True)
    return dict(zip(owners.tolist(), np.split(pairs[1], starts[1:]), strict=True)) if len(owners) else {}

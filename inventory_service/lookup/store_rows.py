"""Stores in columns: what is sought in arrays, what is told of a store as a line of bytes until somebody needs it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from geo.cut import IndexArray
from geo.distance import FloatArray, to_ecef
from geo.point import Point
from inventory_service.domain.neighbourhoods import SLOTS
from inventory_service.domain.store import Store

IdArray = NDArray[np.int64]


class Shared(NamedTuple):
    """What many stores have in common: held once."""

    retailer: str
    retailer_name: str
    country: str | None
    timezone: str
    opening_hours: str | None
    demo: bool


@dataclass(frozen=True, slots=True)
class StoreRows:
    """Stores in step; degrees, metres (ECEF). A `Store` is about 1.3 KB of objects, a row here 0.3 KB."""

    own: NDArray[np.object_]
    """As JSON, what no other store has: store_code, name, address, city, region, postcode, phone."""
    shared: NDArray[np.object_]
    addresses: IdArray
    """neighbourhood_id * SLOTS + slot."""
    store_ids: IdArray
    retailer_ids: IdArray
    lats: FloatArray
    lons: FloatArray
    ecef: FloatArray

    @classmethod
    def of(cls, stores: Iterable[Store]) -> "StoreRows":
        """In the order of their addresses. Of an iterator's stores none is kept."""
        once: dict[Shared, Shared] = {}
        own: list[bytes] = []
        shared: list[Shared] = []
        ids: list[tuple[int, int, int]] = []
        places: list[tuple[float, float]] = []
        for one in stores:
            own.append(_own(one))
            common = _shared(one)
            shared.append(once.setdefault(common, common))
            ids.append((one.neighbourhood_id * SLOTS + one.slot, one.store_id, one.retailer_id))
            places.append((one.point.lat, one.point.lon))
        addresses, store_ids, retailer_ids = np.array(ids, dtype=np.int64).reshape(-1, 3).T.copy()
        lats, lons = np.array(places, dtype=np.float64).reshape(-1, 2).T.copy()
        ecef = to_ecef(lats, lons)
        rows = cls(_objects(own), _objects(shared), addresses, store_ids, retailer_ids, lats, lons, ecef)
        return rows._in_order()

    @classmethod
    def joined(cls, parts: Sequence["StoreRows"]) -> "StoreRows":
        """All rows of `parts` in the order of their addresses; what they share is held once."""
        columns = zip(*(part._columns() for part in (cls.of(()), *parts)), strict=True)
        rows = cls(*(np.concatenate(column) for column in columns))
        once: dict[Shared, Shared] = {}
        rows.shared[:] = _objects([once.setdefault(one, one) for one in rows.shared])
        return rows._in_order()

    def __len__(self) -> int:
        return len(self.store_ids)

    def store(self, row: int) -> Store:
        """Made anew at each call, in a few microseconds."""
        code, name, address, city, region, postcode, phone = orjson.loads(self.own[row])
        retailer, retailer_name, country, timezone, opening_hours, demo = self.shared[row]
        neighbourhood_id, slot = divmod(self.addresses.item(row), SLOTS)
        return Store(
            self.store_ids.item(row),
            self.retailer_ids.item(row),
            retailer,
            retailer_name,
            code,
            name,
            address,
            city,
            region,
            postcode,
            country,
            self.point(row),
            phone,
            timezone,
            opening_hours,
            neighbourhood_id,
            slot,
            demo,
        )

    def point(self, row: int) -> Point:
        return Point(self.lats.item(row), self.lons.item(row))

    def retailers(self) -> Iterator[tuple[str, int]]:
        """Slug and id of every store's retailer, some several times."""
        return ((one.retailer, owner) for one, owner in zip(self.shared, self.retailer_ids.tolist(), strict=True))

    def picked(self, index: IndexArray) -> "StoreRows":
        return StoreRows(*(column[index] for column in self._columns()))

    def replaced_by(self, newer: "StoreRows") -> "StoreRows":
        kept = self.picked(np.flatnonzero(~np.isin(self.store_ids, newer.store_ids)))
        return StoreRows.joined((kept, newer))

    def rows_in(self, older: "StoreRows") -> NDArray[np.intp]:
        """For each row that of `older` which holds the very same store, -1 where it was another, or none."""
        if not len(older) or not len(self):
            return np.full(len(self), -1, dtype=np.intp)
        order = np.argsort(older.store_ids)
        place = np.searchsorted(older.store_ids, self.store_ids, sorter=order)
        rows = order[np.minimum(place, len(order) - 1)]
        return np.where(_identities(older.own)[rows] == _identities(self.own), rows, -1)

    def _in_order(self) -> "StoreRows":
        return self.picked(np.argsort(self.addresses, kind="stable"))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        where = self.lats, self.lons, self.ecef
        return (self.own, self.shared, self.addresses, self.store_ids, self.retailer_ids, *where)


def _own(store: Store) -> bytes:
    told = store.store_code, store.name, store.address, store.city, store.region, store.postcode, store.phone
    return bytes(memoryview(orjson.dumps(told)))  # a copy: what orjson returns keeps the 4 KB that it was written in


def _shared(store: Store) -> Shared:
    hours = store.timezone, store.opening_hours
    return Shared(store.retailer, store.retailer_name, store.country, *hours, store.demo)


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    """One dimension, whatever the values are."""
    return np.fromiter(values, dtype=object, count=len(values))


def _identities(column: NDArray[np.object_]) -> IdArray:
    return np.fromiter(map(id, column), dtype=np.int64, count=len(column))

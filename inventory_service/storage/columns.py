"""Records of one source in one load, a column a field."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.clock import at_micros
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Record
from inventory_service.domain.stock import Stock
from inventory_service.storage.offers import Json, details_from_json, details_to_json
from inventory_service.storage.reports import details_crc

NO_UPPER_BOUND = -1


@dataclass(frozen=True, slots=True)
class Columns:
    """Records of items of rank 0 by one source in one load, a place each; `high` -1: no upper bound.

    `details_no` counts from 1 in `details`; 0: none. Times are microseconds since 1970.
    """

    product_ids: NDArray[np.int32]
    store_ids: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    observed_us: NDArray[np.int64]
    as_of_us: NDArray[np.int64]
    details_no: NDArray[np.int32]
    details: Sequence[Json]
    source_id: int
    load_id: int

    def __len__(self) -> int:
        return len(self.product_ids)

    def where(self, chosen: NDArray[np.bool_]) -> "Columns":
        """The chosen places alone."""
        return replace(
            self,
            product_ids=self.product_ids[chosen],
            store_ids=self.store_ids[chosen],
            low=self.low[chosen],
            high=self.high[chosen],
            observed_us=self.observed_us[chosen],
            as_of_us=self.as_of_us[chosen],
            details_no=self.details_no[chosen],
        )

    def report(self, place: int) -> tuple[tuple[int, int], Record]:
        """One place as a report of its (product_id, store_id)."""
        high, details_no = int(self.high[place]), int(self.details_no[place])
        record = Record(
            at_micros(int(self.observed_us[place])),
            at_micros(int(self.as_of_us[place])),
            Stock(int(self.low[place]), None if high == NO_UPPER_BOUND else high),
            self.source_id,
            details_from_json(self.details[details_no - 1]) if details_no else NO_DETAILS,
            load_id=self.load_id,
        )
        return (int(self.product_ids[place]), int(self.store_ids[place])), record

    @property
    def details_crc(self) -> NDArray[np.int32]:
        """Of each place's details; 0: none."""
        return np.array([0, *map(details_crc, self.details)], dtype=np.int32)[self.details_no]

    @property
    def keys(self) -> NDArray[np.int64]:
        """One number a position."""
        return keys_of(self.product_ids, self.store_ids)


class Numbered:
    """Details in the order they are first met, counted from 1."""

    def __init__(self) -> None:
        self.details: list[Json] = []
        self._numbers: dict[Details, int] = {NO_DETAILS: 0}
        self._met: dict[int, tuple[Details, int]] = {}

    def number(self, details: Details) -> int:
        """Rows share their details: looking up who was met before spares comparing them."""
        met = self._met.get(id(details))
        if met is not None:
            return met[1]
        number = self._numbers.get(details)
        if number is None:
            self.details.append(details_to_json(details) or {})
            number = self._numbers[details] = len(self.details)
        self._met[id(details)] = (details, number)
        return number


def keys_of(product_ids: NDArray[np.int32], store_ids: NDArray[np.int32]) -> NDArray[np.int64]:
    return store_ids.astype(np.int64) << 32 | product_ids

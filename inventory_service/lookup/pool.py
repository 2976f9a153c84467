"""What a search has read and not yet looked at: levels of stores, the nearest of them first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.cut import IndexArray
from geo.distance import FloatArray, point_to_ecef
from geo.point import Point
from inventory_service.domain.level import Level
from inventory_service.domain.store import Store
from inventory_service.lookup.directory import Directory
from inventory_service.storage.cache.block import Unpacked


@dataclass(frozen=True, slots=True)
class Shelf:
    """One store's level of the product; geodesic distance in metres."""

    store: Store
    level: Level
    distance_m: float


class Pool:
    """Takes whole neighbourhoods in and gives single stores out, of the wanted retailers alone."""

    def __init__(self, directory: Directory, origin: Point, retailer_ids: frozenset[int]) -> None:
        self._directory, self._origin, self._ecef = directory, origin, point_to_ecef(origin)
        self._wanted = list(retailer_ids)
        self._blocks: list[Unpacked] = []
        self._chords: FloatArray = np.empty(0)
        self._rows: IndexArray = np.empty(0, dtype=np.intp)
        self._block_of: IndexArray = np.empty(0, dtype=np.intp)
        self._place: IndexArray = np.empty(0, dtype=np.intp)
        self._next = 0

    def add(self, neighbourhoods: Sequence[tuple[int, Unpacked]]) -> None:
        """Blocks by the id of their neighbourhood, each once."""
        lengths = [len(block.entries) for _, block in neighbourhoods]
        if not sum(lengths):
            return
        rows = np.concatenate([self._directory.rows_at(one, block.entries["slot"]) for one, block in neighbourhoods])
        block_of = np.repeat(np.arange(len(lengths)), lengths) + len(self._blocks)
        place = np.concatenate([np.arange(length) for length in lengths])
        chosen = self._directory.owned_by(rows, self._wanted)
        self._blocks += [block for _, block in neighbourhoods]
        self._merge(rows[chosen], block_of[chosen], place[chosen])

    def _merge(self, rows: IndexArray, block_of: IndexArray, place: IndexArray) -> None:
        left = slice(self._next, None)
        chords = np.concatenate((self._chords[left], self._directory.chords_m(self._ecef, rows)))
        order = np.argsort(chords, kind="stable")
        self._chords = chords[order]
        self._rows = np.concatenate((self._rows[left], rows))[order]
        self._block_of = np.concatenate((self._block_of[left], block_of))[order]
        self._place = np.concatenate((self._place[left], place))[order]
        self._next = 0

    def take(self, at_most: int, within_m: float) -> list[Shelf]:
        """The next ones that may be as near as that, in about the order of their distance; none: there are no more."""
        end = int(np.searchsorted(self._chords[self._next : self._next + at_most], within_m, side="right"))
        some = slice(self._next, self._next + end)
        self._next += end
        if not end:
            return []
        rows = self._rows[some]
        where = zip(rows.tolist(), self._block_of[some].tolist(), self._place[some].tolist(), strict=True)
        distances = self._directory.distances_m(self._origin, rows).tolist()
        return [
            Shelf(self._directory.at(row), self._blocks[block].level(place), distance_m)
            for (row, block, place), distance_m in zip(where, distances, strict=True)
        ]

"""Many questions at once, in columns: the tables read as domain/belief/reading.py reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_service.domain.belief.basis import Traits
from inventory_service.domain.belief.formulas import Numbers
from inventory_service.domain.belief.tables import FIRST, NODES, PER_OCTAVE, SHARES, Table, Tables

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Track:
    """Traits in columns, one row a source."""

    doubts: Numbers
    """source × what is doubted (domain/belief/tables.py): log-odds of an empty shelf"""
    lag_s: Numbers
    horizon_s: Numbers
    base: Numbers
    """source × quantity − 1"""

    @classmethod
    def of(cls, traits: Sequence[Traits]) -> "Track":
        return cls(
            np.array([(0.0, one.doubt, -one.overlooked) for one in traits]).reshape(-1, 3),
            np.array([one.lag_s for one in traits]),
            np.array([one.horizon_s for one in traits]),
            np.array([one.base for one in traits]).reshape(-1, 3),
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """One row a question: `source` is a row of a Track, `quantity` 1 to 3."""

    row: Whole
    quantity: Whole
    anchor: Whole
    pace: Whole
    source: Whole
    still_s: Numbers
    silent_s: Numbers

    def where(self, chosen: npt.NDArray[np.bool_] | Whole) -> "Batch":
        return Batch(*(getattr(self, name)[chosen] for name in self.__slots__))


def probabilities(table: Tables, track: Track, batch: Batch) -> Numbers:
    """P(at least `quantity`) for each row, whatever the horizon."""
    late_s = np.minimum(batch.still_s, track.lag_s[batch.source])
    unheard_s = np.maximum(batch.silent_s, 0.0) + late_s
    kind, due_per_s = (batch.pace > 0).astype(np.int64), table.due_per_s[batch.pace].astype(np.float64)
    place = _place((batch.still_s - late_s) * due_per_s * table.watched[batch.anchor, batch.row])
    empty = table.empty[batch.anchor, batch.row].astype(np.float64)
    mass = [_between(table.quiet, (batch.pace, np.full_like(batch.pace, state)), place) for state in range(4)]
    gone = empty * mass[0] + (1.0 - empty) * mass[2]
    here = empty * mass[1] + (1.0 - empty) * mass[3]
    gone = gone * np.exp(track.doubts[batch.source, table.doubted[batch.row]])
    place = _place(unheard_s * due_per_s)
    left = _between(table.enough, (kind, batch.row, batch.quantity - 1), place) * here / (here + gone)
    share = np.minimum(unheard_s / track.horizon_s[batch.source], 1.0) * SHARES
    base = track.base[batch.source, batch.quantity - 1]
    return np.asarray(base + (left - base) * _between(table.kept, (), share))


def _place(due: Numbers) -> Numbers:
    return np.asarray(np.minimum(PER_OCTAVE * np.log2(1.0 + due / FIRST), NODES - 1.0))


def _between(values: Table, first_axes: tuple[Whole, ...], place: Numbers) -> Numbers:
    node = np.minimum(place.astype(np.int64), values.shape[-1] - 2)
    begun = values[(*first_axes, node)].astype(np.float64)
    return np.asarray(begun + (place - node) * (values[(*first_axes, node + 1)] - begun))

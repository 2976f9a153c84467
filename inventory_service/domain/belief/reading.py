"""How the tables are read: plain arithmetic on single numbers, fit to be compiled as it stands."""

import math

from inventory_service.domain.belief.tables import FIRST, NODES, PER_OCTAVE, SHARES, Table, Tables


def at_least(
    table: Tables,
    row: int,
    quantity: int,
    anchor: int,
    pace: int,
    still_s: float,
    silent_s: float,
    doubt_factors: tuple[float, float, float],
    lag_s: float,
    horizon_s: float,
    base: float,
    leaning: float,
) -> float:
    """P(at least `quantity`, 1 to 3, on the shelf): domain/belief/closed.py, by table.

    `anchor` is 0 for a record, 1 for a confirmation; `doubt_factors` are those
    of emptiness by what is doubted: 1, e^doubt, e^−overlooked; `base` is the source's for `quantity`.
    """
    late_s = min(still_s, lag_s)
    unheard_s = max(silent_s, 0.0) + late_s
    kind = 1 if pace > 0 else 0
    due_per_s = float(table.due_per_s[pace])
    place = place_of((still_s - late_s) * due_per_s * float(table.watched[anchor, row]))
    quiet, empty = table.quiet[pace], float(table.empty[anchor, row])
    gone = empty * between(quiet[0], place) + (1.0 - empty) * between(quiet[2], place)
    here = empty * between(quiet[1], place) + (1.0 - empty) * between(quiet[3], place)
    gone *= doubt_factors[table.doubted[row]]
    place = place_of(unheard_s * due_per_s)
    left = between(table.enough[kind, row, quantity - 1], place) * (here / (here + gone))
    share = min(unheard_s / horizon_s, 1.0) * SHARES
    faded = base + (left - base) * between(table.kept, share)
    return leant(faded, leaning)


def place_of(due: float) -> float:
    """Where on the axis so many sales due lie."""
    return min(PER_OCTAVE * math.log2(1.0 + due / FIRST), NODES - 1.0)


def between(values: Table, place: float) -> float:
    """A table's value at `place`, straight between two nodes."""
    first = min(int(place), len(values) - 2)
    begun = float(values[first])
    return begun + (place - first) * (float(values[first + 1]) - begun)


def leant(probability: float, leaning: float) -> float:
    """Log-odds added; certainty stays."""
    if leaning == 0.0 or probability <= 0.0 or probability >= 1.0:
        return probability
    return 1.0 / (1.0 + (1.0 - probability) / probability * math.exp(-leaning))

"""The neighbourhoods that are read first are the nearest of all that may be read."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.tables import kinds_of, table_of
from inventory_service.lookup.arrays import GroundArrays
from inventory_service.lookup.planning import nearest, plan


@given(seed=st.integers(0, 2**32), most=st.integers(1, 12), within_m=st.sampled_from([1.0, 50_000.0, 5e6, math.inf]))
def test_the_nearest_neighbourhoods_are_the_first_of_the_plan(seed: int, most: int, within_m: float) -> None:
    random = np.random.default_rng(seed)
    groups, retailers = 30, 6
    points = random.normal(size=(groups, 3))
    centers = 6_371_000.0 * points / np.linalg.norm(points, axis=1)[:, None]
    radii = random.choice([0.0, 1_000.0, 3e6], groups)
    listed = [np.flatnonzero(random.random(groups) < 0.3) for _ in range(retailers)]
    starts, groups_of = np.cumsum([0, *map(len, listed)]), np.concatenate(listed)
    holders = np.bincount(groups_of, minlength=groups)
    sole_owners = np.where(holders > 1, -1, 0)
    asked = random.permutation(retailers + 2)[:4]
    lat, lon = np.degrees(np.arcsin(random.uniform(-1, 1))), random.uniform(-180, 180)
    nothing = {name: np.zeros((0,) * dimensions, dtype) for name, (dtype, dimensions) in kinds_of(GroundArrays).items()}
    ground = GroundArrays(
        **{
            **nothing,
            "starts": starts,
            "groups_of": groups_of,
            "centers": centers,
            "radii": radii,
            "owners": sole_owners,
            "origin": np.zeros(3),
            "seen": np.zeros(groups, np.bool_),
            "groups": np.zeros(groups, np.int64),
            "bounds": np.zeros(groups),
        }
    )
    table = table_of(ground)
    count = plan(lat, lon, asked, within_m, table)
    first, nearer = np.zeros(groups, np.int64), np.zeros(groups)
    assert nearest(lat, lon, asked, within_m, table, most, first, nearer) == count
    kept = min(count, most)
    assert first[:kept].tolist() == ground.groups[:kept].tolist()
    assert nearer[:kept].tolist() == ground.bounds[:kept].tolist()
    assert not ground.seen.any()

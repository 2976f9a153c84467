"""The directory finds exactly the stores that a look at every store would find."""

import csv
import gzip
import os
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cut import cut
from geo.distance import distances_m, to_ecef
from geo.point import Point
from inventory_service.domain.store import Store
from inventory_service.lookup.directory import NO_STORE, Directory
from inventory_service.lookup.store_rows import StoreRows

HALF_WAY_ROUND_M = 20_037_508.0

lats = st.one_of(st.floats(-90, 90), st.sampled_from([90.0, -90.0, 0.0]))
lons = st.one_of(st.floats(-180, 180), st.sampled_from([180.0, -180.0, 179.99, -179.99]))
places = st.builds(Point, lats, lons)
worlds = st.lists(st.tuples(places, st.integers(1, 4)), max_size=80)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
slug_sets = st.frozensets(st.sampled_from(["r1", "r2", "r4", "r9"]))


def at_slot(directory: Directory, neighbourhood_id: int, slot: int) -> Store | None:
    (row,) = directory.rows_at(neighbourhood_id, np.array([slot])).tolist()
    return None if row == NO_STORE else directory.at(row)


def store(store_id: int, point: Point, retailer_id: int = 1, neighbourhood_id: int = 1, slot: int = 0) -> Store:
    return Store(
        store_id=store_id,
        retailer_id=retailer_id,
        retailer=f"r{retailer_id}",
        retailer_name=f"Retailer {retailer_id}",
        store_code=str(store_id),
        name=f"Store {store_id}",
        address="",
        city=None,
        region=None,
        postcode=None,
        country=None,
        point=point,
        phone=None,
        timezone="UTC",
        opening_hours=None,
        neighbourhood_id=neighbourhood_id,
        slot=slot,
    )


def world(rows: list[tuple[Point, int]], at_most: int) -> list[Store]:
    """Stores of (point, retailer_id), cut into neighbourhoods that retailers 3 and 4 share."""
    stores = []
    neighbourhood_id = 0
    for owners in ({1}, {2}, {3, 4}):
        index = [i for i, (_, retailer_id) in enumerate(rows) if retailer_id in owners]
        points = to_ecef(np.array([rows[i][0].lat for i in index]), np.array([rows[i][0].lon for i in index]))
        for group in cut(points, at_most):
            neighbourhood_id += 1
            for slot, member in enumerate(group):
                point, retailer_id = rows[index[member]]
                stores.append(store(1000 - index[member], point, retailer_id, neighbourhood_id, slot))
    return stores


class Oracle:
    """Looks at every store."""

    def __init__(self, stores: list[Store]) -> None:
        self.stores = np.fromiter(stores, dtype=object, count=len(stores))
        self.store_ids = np.array([s.store_id for s in stores])
        self.retailers = np.array([s.retailer for s in stores])
        self.lats = np.array([s.point.lat for s in stores])
        self.lons = np.array([s.point.lon for s in stores])

    def nearest(self, origin, radius_m, limit, slugs):
        return self._nearest_of(np.arange(len(self.stores)), origin, radius_m, limit, slugs)

    def nearest_by_sphere(self, origin, radius_m, limit, slugs):
        """The same with fewer geodesics: the sphere errs by less than 1 %, so 3 % more than the last is enough."""
        wanted = np.isin(self.retailers, list(slugs)) if slugs else np.ones(len(self.stores), dtype=bool)
        index = np.flatnonzero(wanted)
        metres = self._on_sphere(origin, index)
        last_m = np.partition(metres, limit - 1)[limit - 1] if len(index) > limit else np.inf
        return self._nearest_of(index[metres <= 1.03 * last_m + 1.0], origin, radius_m, limit, slugs)

    def _nearest_of(self, index, origin, radius_m, limit, slugs):
        metres = distances_m(origin, self.lats[index], self.lons[index])
        order = np.lexsort((self.store_ids[index], metres))
        inside = ((self.stores[index[i]], metres[i]) for i in order if metres[i] <= radius_m)
        chosen = (pair for pair in inside if not slugs or pair[0].retailer in slugs)
        return [pair for pair, _ in zip(chosen, range(limit), strict=False)]

    def _on_sphere(self, origin, index):
        lat, lon = np.radians(self.lats[index]), np.radians(self.lons[index])
        lat0, lon0 = np.radians(origin.lat), np.radians(origin.lon)
        half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
        return 2 * 6_371_008.8 * np.arcsin(np.sqrt(np.minimum(1.0, half)))


@settings(max_examples=150, deadline=None)
@given(worlds, places, st.sampled_from([0.0, 50e3, 2e6, HALF_WAY_ROUND_M]), st.integers(0, 90), slug_sets)
def test_nearest_equals_a_look_at_every_store(rows, origin, radius_m, limit, slugs):
    stores = world(rows, at_most=5)
    expected = Oracle(stores).nearest(origin, radius_m, limit, slugs)
    assert Directory.of(stores).nearest(origin, radius_m, limit, slugs) == expected


@settings(max_examples=100, deadline=None)
@given(worlds, places, st.sampled_from([50e3, 2e6, HALF_WAY_ROUND_M]), st.integers(1, 7), slug_sets)
def test_pages_one_after_the_other_are_the_whole(rows, origin, radius_m, limit, slugs):
    directory, found, after = Directory.of(world(rows, at_most=5)), [], None
    while page := directory.nearest(origin, radius_m, limit, slugs, after):
        found += page
        after = page[-1][1], page[-1][0].store_id
    assert found == directory.nearest(origin, radius_m, len(rows) + 1, slugs)


@settings(max_examples=60, deadline=None)
@given(worlds, places, st.one_of(st.none(), st.frozensets(st.sampled_from([1, 2, 4, 9]))))
def test_neighbourhoods_come_nearest_first_and_no_store_is_nearer_than_their_bound(rows, origin, retailer_ids):
    stores = world(rows, at_most=5)
    near = Directory.of(stores).neighbourhoods_near(origin, retailer_ids)
    bounds = dict(near)
    wanted = [s for s in stores if retailer_ids is None or s.retailer_id in retailer_ids]
    assert near == sorted(near, key=lambda pair: pair[1])
    assert set(bounds) == {s.neighbourhood_id for s in wanted}
    for s in wanted:
        metres = distances_m(origin, np.array([s.point.lat]), np.array([s.point.lon]))[0]
        assert bounds[s.neighbourhood_id] <= metres


@settings(max_examples=60, deadline=None)
@given(worlds, worlds, places)
def test_an_updated_directory_answers_like_one_built_anew(before, moved, origin):
    stores = {s.store_id: s for s in world(before, at_most=5)}
    old = Directory.of(stores.values())
    changes = [
        replace(s, point=moved[i][0], name="moved")
        for i, s in enumerate(stores.values())
        if i < len(moved) and moved[i][1] < 3
    ] + [store(5000 + i, point, 4, 77, i) for i, (point, retailer_id) in enumerate(moved) if retailer_id > 2]
    updated = old.updated(changes)
    anew = Directory.of((stores | {s.store_id: s for s in changes}).values())
    question = (origin, HALF_WAY_ROUND_M, 500, frozenset())
    assert updated.nearest(*question) == anew.nearest(*question)
    assert updated.neighbourhoods_near(origin, None) == anew.neighbourhoods_near(origin, None)
    assert all(at_slot(updated, s.neighbourhood_id, s.slot) == s for s in anew)
    assert old.nearest(*question) == Oracle(list(stores.values())).nearest(*question)


@given(
    st.lists(st.tuples(texts, texts, texts | st.none(), texts | st.none(), places, st.booleans()), max_size=8),
    st.integers(0, 8),
)
def test_stores_come_back_as_they_were_given_in_one_part_or_two(told, first):
    stores = [
        replace(store(n, point, slot=n), name=name, address=line, city=city, opening_hours=hours, demo=demo)
        for n, (name, line, city, hours, point, demo) in enumerate(told)
    ]
    parted = Directory.joined([StoreRows.of(stores[:first]), StoreRows.of(iter(stores[first:]))])
    for directory in (Directory.of(stores), parted):
        assert list(directory) == stores
        assert [directory.store(one.store_id) for one in stores] == stores
        assert [directory.point_at(row) for row in range(len(stores))] == [one.point for one in stores]
        assert directory.demo.tolist() == [one.demo for one in stores]
        kinds, which = directory.hours()
        assert [kinds[kind] for kind in which] == [(one.opening_hours, one.timezone, one.country) for one in stores]
        assert len(set(kinds)) == len(kinds)


def test_stores_at_one_point_come_by_their_id():
    here = Point(47.6, -122.3)
    stores = [store(i, here, 1, 1 + i // 100, i % 100) for i in range(300)]
    random.Random(5).shuffle(stores)
    found = Directory.of(stores).nearest(here, 0.0, 7, frozenset())
    assert [(s.store_id, metres) for s, metres in found] == [(i, 0.0) for i in range(7)]


def test_a_store_across_the_antimeridian_is_near():
    fiji = Directory.of([store(1, Point(-16.8, 179.99)), store(2, Point(-16.8, 178.0), slot=1)])
    found = fiji.nearest(Point(-16.8, -179.99), 10_000.0, 5, frozenset())
    assert [s.store_id for s, _ in found] == [1]
    assert found[0][1] == pytest.approx(2_131, abs=2)


def test_stores_are_found_by_id_and_by_slot_and_retailers_by_slug():
    one, two = store(1, Point(1, 2), 1, 4, 127), store(2, Point(3, 4), 2, 5, 0)
    directory = Directory.of([one, two])
    assert directory.store(1) == one
    assert directory.store(3) is None
    assert at_slot(directory, 4, 127) == one
    assert at_slot(directory, 5, 0) == two
    assert at_slot(directory, 5, 1) is None
    assert directory.retailer_known("r2")
    assert not directory.retailer_known("r3")
    assert directory.retailer_ids(["r1", "r3"]) == frozenset({1})
    assert len(directory) == 2


def test_a_store_that_got_another_slot_leaves_the_old_one():
    moved = Directory.of([store(1, Point(1, 2), 1, 4, 0)]).updated([store(1, Point(1, 2), 1, 9, 3)])
    assert at_slot(moved, 4, 0) is None
    assert at_slot(moved, 9, 3) == moved.store(1)
    assert [pair[0] for pair in moved.neighbourhoods_near(Point(1, 2), None)] == [9]


def test_an_empty_directory_finds_nothing():
    empty = Directory.of([])
    assert empty.nearest(Point(0, 0), 1e7, 10, frozenset()) == []
    assert empty.neighbourhoods_near(Point(0, 0), None) == []
    assert empty.updated([]).store(1) is None


def test_unknown_retailers_have_no_stores_near():
    directory = Directory.of([store(1, Point(1, 2))])
    assert directory.nearest(Point(1, 2), 1e6, 10, frozenset({"nobody"})) == []


@pytest.fixture(scope="module")
def real_stores() -> list[Store]:
    folder = Path(os.environ.get("NEARSHELF_REAL_DATA", Path(__file__).parents[3] / "shared/data"))
    path = folder / "stores/stores.tsv.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent; NEARSHELF_REAL_DATA names the folder")
    rows = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            try:
                rows.append((row["chain"], Point(float(row["lat"]), float(row["lon"]))))
            except ValueError:
                continue
    chains = {chain: number for number, chain in enumerate(sorted({chain for chain, _ in rows}), start=1)}
    stores: list[Store] = []
    neighbourhood_id = 0
    for retailer_id in chains.values():
        points = [point for chain, point in rows if chains[chain] == retailer_id]
        ecef = to_ecef(np.array([p.lat for p in points]), np.array([p.lon for p in points]))
        for group in cut(ecef):
            neighbourhood_id += 1
            for slot, member in enumerate(group):
                stores.append(store(len(stores) + 1, points[member], retailer_id, neighbourhood_id, slot))
    return stores


@pytest.mark.real
def test_nearest_real_stores_are_true_for_a_thousand_random_points(real_stores):
    assert len(real_stores) > 88_000
    rng = random.Random(94103)
    directory, oracle = Directory.of(real_stores), Oracle(real_stores)
    anywhere = [Point(rng.uniform(-90, 90), rng.uniform(-180, 180)) for _ in range(200)]
    special = [Point(90, 0), Point(-90, 0), Point(51.9, 179.999), Point(51.9, -180), Point(0, 180)]
    beside = [rng.choice(real_stores).point for _ in range(795)]
    near = [Point(p.lat + rng.gauss(0, 0.1), p.lon + rng.gauss(0, 0.1)) for p in beside]
    for number, origin in enumerate(special + anywhere + near):
        radius_m = (50_000.0, 500_000.0, HALF_WAY_ROUND_M)[number % 3]
        slugs = (frozenset(), frozenset({"r3", "r30"}))[number % 2]
        limit = (10, 1, 50)[number % 3]
        expected = oracle.nearest_by_sphere(origin, radius_m, limit, slugs)
        assert directory.nearest(origin, radius_m, limit, slugs) == expected
        if number % 50 == 0:
            assert oracle.nearest(origin, radius_m, limit, slugs) == expected


def test_an_updated_directory_tells_which_stores_are_still_the_same():
    older = Directory.of([store(n, Point(n, n), slot=n) for n in range(1, 5)])
    newer = older.updated([replace(older.store(2), name="New"), store(9, Point(9, 9), slot=9)])
    kept = newer.rows_in(older)
    told = {newer.at(row).store_id: int(kept[row]) for row in range(len(newer))}
    assert {one for one, row in told.items() if row != NO_STORE} == {1, 3, 4}
    assert all(older.at(row).store_id == one for one, row in told.items() if row != NO_STORE)
    assert Directory.of(()).rows_in(older).tolist() == []
    assert (newer.rows_in(Directory.of(())) == NO_STORE).all()

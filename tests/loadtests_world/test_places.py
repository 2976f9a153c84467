import gzip
from pathlib import Path

import numpy as np
import pytest

from loadtests.world.assortment import Assortment
from loadtests.world.geography import first_stores, geography, opened_geography
from loadtests.world.model import World
from loadtests.world.places import drawn, fingerprint, real
from tests.loadtests_world.worlds import three_cities

HEADER = "chain\tstore_id\tname\taddress\tcity\tregion\tpostcode\tcountry\tlat\tlon\tsource\n"


def stores_file(folder: Path, count: int) -> Path:
    path = folder / "stores.tsv.gz"
    rows = [f'a\t{n}\t"A\t{n} Main St\tSeattle\tWA\t98101\tUS\t47.{n:04d}\t-122.3\tx\n' for n in range(1, count + 1)]
    other = "a\t0\tA\tRue 1\tParis\t\t75001\tFR\t48.8\t2.3\tx\na\t0\tA\t1 Main St\tSeattle\tWA\t98101\tUS\t\t\tx\n"
    with gzip.open(path, "wt") as file:
        file.write(HEADER + other + "".join(rows))
    return path


def test_stores_stand_at_the_us_places_of_the_file_each_place_once(tmp_path: Path) -> None:
    found = real(stores_file(tmp_path, 50), seed=1, size=40)
    assert len(found) == len(set(found.lats.tolist())) == 40
    assert set(found.texts["city"].tolist()) == {"Seattle"}


def test_where_the_file_has_too_few_places_the_rest_is_drawn_and_all_of_it_is_kept(tmp_path: Path) -> None:
    made = Assortment(World(positions=5_000, stores=100, retailers=3))
    whole = geography(made, stores_file(tmp_path, 60))
    assert len(whole.places) == 100
    assert (whole.places.texts["postcode"] == "98101").sum() >= 60
    whole.save(tmp_path / "kept.npz")
    kept = opened_geography(tmp_path / "kept.npz")
    assert np.array_equal(kept.places.lats, whole.places.lats)
    assert np.array_equal(kept.timezones, whole.timezones)
    assert kept.gazetteer.names.tolist() == whole.gazetteer.names.tolist()


def test_drawn_stores_stand_where_people_live() -> None:
    found = drawn(three_cities(), seed=1, size=2_000)
    names, counts = np.unique(found.texts["city"], return_counts=True)
    assert dict(zip(names.tolist(), (counts / 2_000).tolist(), strict=True)) == pytest.approx(
        {"Bigtown": 0.8, "Old Port": 0.15, "Hamlet": 0.05}, abs=0.03
    )
    big = found.texts["city"] == "Bigtown"
    assert np.abs(found.lats[big] - 47.6).max() < 0.2


def test_a_small_chain_keeps_to_one_region_and_a_large_one_does_not(tmp_path: Path) -> None:
    made = Assortment(World(positions=500_000, stores=5_000, retailers=40))
    lats = geography(made, None).places.lats
    first = first_stores(made)
    assert lats[first[39] : first[40]].std() < lats[first[0] : first[1]].std() / 2


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one = fingerprint(stores_file(tmp_path, 5))
    assert one != fingerprint(stores_file(tmp_path, 6))
    assert one.startswith("stores.tsv.gz, sha256 ")

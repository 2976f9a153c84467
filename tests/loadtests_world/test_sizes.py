import numpy as np
import pytest

from loadtests.world.assortment import Assortment
from loadtests.world.model import World, number_of
from loadtests.world.shelves import ITEMS_A_BLOCK, blocks, quantity_steps, shelves
from tests.loadtests_world.worlds import SMALL


@pytest.mark.parametrize("positions", [1_000_000, 10_000_000, 100_000_000, 300_000_000])
def test_a_world_has_as_many_positions_and_products_as_were_asked_for(positions: int) -> None:
    made = Assortment(World(positions))
    assert made.expected_positions.sum() == pytest.approx(positions, rel=0.02)
    assert made.products == pytest.approx(positions / 100, rel=0.02)
    assert made.store_counts.sum() == 52_000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_shelves_hold_as_many_positions_as_were_asked_for(seed: int) -> None:
    made = Assortment(World(positions=30_000, seed=seed, stores=600, retailers=6))
    rows = [shelves(made, retailer, block) for retailer in range(6) for block in range(blocks(made, retailer))]
    assert sum(map(len, rows)) == pytest.approx(30_000, rel=0.02)


def test_retailers_are_sized_by_a_zipf_law_from_thousands_of_stores_to_tens() -> None:
    counts = Assortment(World(10_000_000)).store_counts
    assert counts[0] > 9_000
    assert counts[-1] < 100
    ranks = np.arange(1, 151)
    assert np.allclose(counts * ranks, counts[0], rtol=0.02)


def test_the_shape_around_a_product_is_the_same_in_worlds_of_every_size() -> None:
    small, large = (Assortment(World(positions)) for positions in (3_000_000, 30_000_000))
    for share in (0.1, 0.5, 0.9):
        of_small, of_large = (np.quantile(one.listing_stores, share) for one in (small, large))
        assert of_small == pytest.approx(of_large, rel=0.05)
    assert small.shared_by.sum(axis=1).mean() == pytest.approx(large.shared_by.sum(axis=1).mean(), rel=0.05)


def test_shared_brands_hold_the_share_of_positions_that_the_world_tells() -> None:
    made = Assortment(World(10_000_000))
    shared = 0.3 * (made.shared_by @ made.store_counts).sum()
    assert shared == pytest.approx(0.2 * 10_000_000, rel=0.05)
    assert made.shared_by.sum(axis=1).min() >= 2


def test_a_retailer_lists_its_own_products_and_shared_ones_and_nobody_elses() -> None:
    made = Assortment(SMALL)
    shared = len(made.shared_by)
    own = [{int(one) for one in made.listed(retailer) if one >= shared} for retailer in range(6)]
    assert sum(map(len, own)) == len(set.union(*own)) == made.products - shared
    for retailer in range(6):
        listed = made.listed(retailer)
        assert len(listed) == made.list_lengths[retailer]
        assert set(listed[listed < shared].tolist()) == set(np.flatnonzero(made.shared_by[:, retailer]).tolist())


def test_about_three_tenths_of_the_stores_carry_an_item_and_none_has_it_twice() -> None:
    made = Assortment(World(positions=2_000_000, stores=600, retailers=6))
    found = shelves(made, 0, 1)
    carried = np.bincount(found.items - ITEMS_A_BLOCK) / made.store_counts[0]
    assert np.mean(carried) == pytest.approx(0.3, abs=0.02)
    assert np.all((carried > 0.15) & (carried < 0.45))
    assert len({*zip(found.stores.tolist(), found.items.tolist(), strict=True)}) == len(found)


def test_many_shelves_are_empty_and_few_hold_many_pieces() -> None:
    counts = quantity_steps()
    assert np.mean(counts == 0) == pytest.approx(0.25, abs=0.001)
    assert np.median(counts[counts > 0]) < 10
    assert counts.max() > 200


@pytest.mark.parametrize(("text", "number"), [("10M", 10_000_000), ("2.5k", 2_500), ("300", 300), ("1G", 10**9)])
def test_a_number_of_positions_may_be_written_short(text: str, number: int) -> None:
    assert number_of(text) == number

from collections import Counter
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from inventory_service.domain.gtin import parse_gtin
from loadtests.world.draws import generator
from loadtests.world.gtins import gtins
from loadtests.world.traffic import MIXES, UNIQUE, dense_products, targets, zipf_ranks
from tests.loadtests_world.worlds import stored

MANY = 60_000


def questions(mix: str, **more: int) -> list[dict[str, str]]:
    asked = islice(targets(stored(), mix, **more), MANY)
    return [{name: one for name, (one,) in parse_qs(urlsplit(target.decode()).query).items()} for target in asked]


@pytest.mark.parametrize("mix", sorted(MIXES))
def test_no_address_is_asked_for_twice_not_even_by_another_client(mix: str) -> None:
    made = stored()
    all_of_them = [one for lane in range(3) for one in islice(targets(made, mix, lane=lane, lanes=3), MANY)]
    assert len(set(all_of_them)) == 3 * MANY


@pytest.mark.parametrize("mix", sorted(MIXES))
def test_two_questions_with_different_numbers_never_have_one_address(mix: str) -> None:
    ask = MIXES[mix](stored())
    numbers = np.array([0, 1, 9_999, 10_000, 10_001, UNIQUE - 1])
    repeated = [ask(generator(1, "same"), np.full(1, number))[0] for number in numbers]
    assert len(set(repeated)) == len(numbers)


@pytest.mark.parametrize("mix", sorted(MIXES))
def test_the_same_seed_asks_the_same(mix: str) -> None:
    made = stored()
    once, again, other = (list(islice(targets(made, mix, seed=seed), 5_000)) for seed in (1, 1, 2))
    assert once == again
    assert not set(once) & set(other)


def test_natural_shoppers_name_places_and_ask_for_unknown_products_as_often_as_told() -> None:
    asked = questions("natural")
    made = stored().assortment
    listed = set(gtins(made.world.seed, np.arange(made.products)).tolist())
    assert sum("near" in one for one in asked) / MANY == pytest.approx(0.10, abs=0.01)
    assert sum(int(one["gtin"]) not in listed for one in asked) / MANY == pytest.approx(0.05, abs=0.005)
    assert {one["near"] for one in asked if "near" in one} == {
        "98101", "98104", "97201", "Bigtown, WA", "Old Port, OR", "Hamlet, TX",
    }  # fmt: skip
    assert all(parse_gtin(one["gtin"]) for one in asked[:2_000])


def test_natural_shoppers_come_from_where_people_live() -> None:
    lats = np.array([float(one["lat"]) for one in questions("natural") if "lat" in one])
    assert np.mean(np.abs(lats - 47.6) < 0.6) == pytest.approx(0.8, abs=0.02)


def test_products_are_asked_for_by_a_zipf_law() -> None:
    ranks = Counter(zipf_ranks(generator(1, "ranks"), 1_000, 400_000).tolist())
    assert min(ranks) == 0
    assert max(ranks) <= 999
    assert ranks[0] / ranks[9] == pytest.approx(np.log(2) / np.log(11 / 10), rel=0.1)


def test_dense_shoppers_ask_for_shared_products_only() -> None:
    made = stored().assortment
    wanted = set(gtins(made.world.seed, dense_products(made)).tolist())
    assert dense_products(made).max() < len(made.shared_by)
    assert {int(one["gtin"]) for one in questions("dense")} == wanted

"""What was heard of is never taken for unheard of; what was not, seldom for heard of."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.lookup.heard import LEAST_ROOM, Heard

GTINS = st.integers(1, 10**14 - 1)


@given(st.lists(st.tuples(st.integers(0, 200_000), GTINS), max_size=50), st.lists(GTINS, max_size=10))
def test_whatever_was_learned_or_told_is_heard_of(learned: list[tuple[int, int]], told: list[int]) -> None:
    heard = Heard(10)
    for gtin in told:
        heard.add(gtin)
    for start in range(0, len(learned), 7):
        some = learned[start : start + 7]
        heard.learn(np.array([one for one, _ in some]), np.array([gtin for _, gtin in some]))
    assert all(gtin in heard for gtin in [*told, *(gtin for _, gtin in learned)])


@given(st.sets(st.integers(0, 200_000), max_size=30), st.sets(st.integers(0, 400_000), max_size=30))
def test_only_products_whose_gtin_was_not_learned_are_lacking(learned: set[int], touched: set[int]) -> None:
    heard = Heard(10)
    heard.learn(np.array(sorted(learned), dtype=np.int64), np.arange(1, len(learned) + 1))
    lacking = heard.lacks(np.array(sorted(touched), dtype=np.int64))
    assert lacking.tolist() == sorted(touched - learned)


def test_of_what_was_not_heard_of_nearly_all_is_known_to_be_so() -> None:
    random = np.random.default_rng(5)
    gtins = random.integers(1, 10**14, size=2 * LEAST_ROOM)
    heard = Heard(LEAST_ROOM)
    heard.learn(np.arange(LEAST_ROOM), gtins[:LEAST_ROOM])
    assert sum(int(gtin) in heard for gtin in gtins[LEAST_ROOM:]) < LEAST_ROOM / 200


def test_it_is_full_once_more_was_learned_than_there_was_room_for() -> None:
    heard, more = Heard(0), LEAST_ROOM // 2 + 1
    heard.learn(np.arange(more), np.arange(1, more + 1))
    assert not heard.full
    heard.learn(np.arange(more, 2 * more), np.arange(more + 1, 2 * more + 1))
    assert heard.full

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.gtin import is_restricted, parse_gtin
from loadtests.world.gtins import MOST, gtins
from loadtests.world.wording import SKU_SPACE, item_id, retailer_slug, store_code


@given(st.integers(0, 2**31), st.lists(st.integers(0, MOST - 1), min_size=1, max_size=50))
def test_every_product_has_a_valid_gtin_that_all_retailers_may_share(seed: int, products: list[int]) -> None:
    for number in gtins(seed, np.array(products, dtype=np.int64)).tolist():
        text = f"{number:014d}"
        assert parse_gtin(text) == text
        assert not is_restricted(text)


def test_no_two_products_have_one_gtin() -> None:
    found = gtins(7, np.arange(500_000, dtype=np.int64))
    assert len(np.unique(found)) == len(found)


def test_more_products_than_there_are_numbers_for_are_refused() -> None:
    with pytest.raises(ValueError, match="20,000,000"):
        gtins(1, np.array([MOST], dtype=np.int64))


def test_a_retailer_gives_no_item_id_and_no_store_code_twice() -> None:
    ids = {item_id(3, item) for item in range(40_000)}
    assert len(ids) == 40_000
    assert all(len(one) == 8 and int(one) < SKU_SPACE for one in ids)
    assert len({store_code(number) for number in range(20_000)}) == 20_000


def test_no_two_retailers_are_called_the_same() -> None:
    assert len({retailer_slug(number) for number in range(400)}) == 400

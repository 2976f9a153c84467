"""A product as cached bytes: comes back as it was, is small, and bytes of another making are no product."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from inventory_service.domain.errors import CacheError
from inventory_service.domain.offer import Money, SalePrice
from inventory_service.domain.product import Product, RetailPrice
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.product import (
    UNKNOWN,
    decode,
    encode,
    is_product,
    lifetime_by_id_ms,
    lifetime_ms,
)

texts = some.none() | some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
ids = some.integers(1, 2**31 - 1)
amounts = some.decimals(0, 10**9, places=2) | some.decimals(0, 10**3, places=4) | some.just(Decimal("3"))
money = some.builds(Money, amounts, some.sampled_from(["USD", "EUR"]))
moments = some.none() | some.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=some.just(UTC))
offers = some.dictionaries(
    ids, some.builds(RetailPrice, some.none() | money, some.none() | some.builds(SalePrice, money, moments, moments))
)
products = some.builds(
    Product,
    ids,
    some.none() | some.from_regex(r"[0-9]{14}", fullmatch=True),
    texts,
    texts,
    texts,
    texts,
    some.none() | ids,
    some.none() | ids,
    offers,
)
SPRING = datetime(2026, 3, 1, tzinfo=UTC)
ON_SALE = RetailPrice(
    Money(Decimal("9.99"), "USD"), SalePrice(Money(Decimal("7.99"), "USD"), SPRING, SPRING + timedelta(days=7))
)


@given(products)
def test_a_product_comes_back_as_it_was(product: Product) -> None:
    value = encode(product)
    assert decode(value) == product
    assert list(decode(value).offers) == list(product.offers)  # type: ignore[union-attr]
    assert is_product(value)


def test_that_nobody_knows_one_comes_back_too() -> None:
    assert decode(encode(None)) is None
    assert is_product(UNKNOWN)


def test_nothing_is_written_of_what_a_product_lacks() -> None:
    offer = RetailPrice(Money(Decimal("29.99"), "USD"))
    assert encode(Product(17, "00300691085301", "Cola", "Acme", None, offers={12: offer})) == (
        b'[17,"00300691085301",{"12":"29.99 USD"},"Cola","Acme"]'
    )
    assert encode(Product(17, None, None, None, None)) == b"[17,null,{},null]"


def test_a_sale_price_is_written_with_its_time() -> None:
    assert encode(Product(17, None, "Cola", None, None, offers={3: ON_SALE, 5: RetailPrice()})) == (
        b'[17,null,{"3":["9.99 USD","7.99 USD","2026-03-01T00:00:00+00:00","2026-03-08T00:00:00+00:00"],"5":null},'
        b'"Cola"]'
    )


@pytest.mark.parametrize(
    "value",
    [b"", b"[", b"{}", b"[1]", b'[1,null,[],"x"]', b'[1,null,{"a":null},"x"]', b'[1,null,{"1":"5"},"x"]', b"[1,2,3,4]",
     b'[1,null,{"1":["5 USD"]},"x"]', b'[1,null,{"1":"x USD"},"x"]', b"[1,null,{},1,2,3,4,5,6,7]", b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_product_is_refused(value: bytes) -> None:
    with pytest.raises(CacheError):
        decode(value)


def test_a_product_that_was_cut_short_or_made_by_an_earlier_release_counts_as_absent() -> None:
    value = encode(Product(17, None, "Cola", None, None, offers={3: RetailPrice(Money(Decimal("9.99"), "USD"))}))
    assert not any(is_product(value[:length]) for length in range(len(value)))
    assert not is_product(b'[17,"00300691085301","Cola",null,null,null,null,null,{"12":{"p":["29.99","USD"]}}]')
    assert not is_product(b'[17,"00300691085301","Cola",null,null,null,null,null,{}]')


def test_a_product_is_kept_for_good_where_it_is_looked_for_first() -> None:
    own, other, merged = (
        Product(1, None, "a", None, None),
        Product(2, "0" * 14, "b", None, None),
        Product(3, None, "c", None, None, merged_into=2),
    )
    assert [lifetime_ms(encode(one)) for one in (own, other, None)] == [0, 0, keys.UNKNOWN_MS]
    kept_ms = [lifetime_by_id_ms(encode(one)) for one in (own, other, merged, None)]
    assert kept_ms == [0, keys.SECOND_COPY_MS, keys.SECOND_COPY_MS, keys.UNKNOWN_MS]

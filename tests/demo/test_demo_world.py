"""The demo world: labelled, plausible, the same every time, and readable by the same parsers as every feed."""

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice

import phonenumbers
import pytest

from inventory_service.domain.feed import Refusal, Row
from inventory_service.domain.hours import hours_fault, open_state
from inventory_service.domain.stock import Stock
from store_sync.demo.catalogue import articles
from store_sync.demo.feeds import STORES_MAPPING, products_feed, stock_feed, stores_feed
from store_sync.demo.spots import ABROAD, us_spots
from store_sync.demo.trades import TRADES
from store_sync.demo.world import DemoRetailer, DemoWorld
from store_sync.formats.registry import parser_for
from tests.formats.flat import by_line

EVERYDAY = ("coffee", "milk", "batteries", "aspirin", "usb-c", "hammer", "ibuprofen", "diapers", "formula", "laptop")


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return DemoWorld.build()


def rows(format_name: str, kind: str, mapping: str | None, data: bytes) -> list[Row]:
    parsed = by_line(parser_for(format_name, kind, mapping)(BytesIO(data)))
    assert [row for row in parsed if isinstance(row, Refusal)] == []
    return [row for row in parsed if isinstance(row, Row)]


def head_of_stock(retailer: DemoRetailer, stores: int) -> bytes:
    return b"".join(islice(stock_feed(retailer), stores + 1))


def test_every_retailer_is_labelled_as_a_simulated_demo() -> None:
    assert all(trade.slug.startswith("demo-") for trade in TRADES)
    assert all(trade.name.startswith("Demo ") and trade.name.endswith("(simulated)") for trade in TRADES)
    assert all(trade.sign.startswith("Demo ") for trade in TRADES)
    assert len({trade.slug for trade in TRADES}) == len({trade.letter for trade in TRADES}) == 4


def test_every_gtin_is_a_valid_one_of_the_demonstration_prefix() -> None:
    for article in articles():
        digits = [int(digit) for digit in article.gtin]
        assert len(digits) == 13
        assert article.gtin.startswith("952")
        assert sum(digits[0::2]) % 10 == (-3 * sum(digits[1::2])) % 10
    assert len({article.gtin for article in articles()}) == len(articles()) >= 240


def test_people_find_everyday_things_in_the_catalogue() -> None:
    titles = " ".join(article.title for article in articles()).lower()
    assert [word for word in EVERYDAY if word not in titles] == []


def test_some_articles_are_sold_by_several_retailers() -> None:
    sellers = Counter(len(article.sold_by) for article in articles())
    assert sellers[1] > 100
    assert sum(count for number, count in sellers.items() if number > 1) > 50


def test_the_world_has_thousands_of_stores_and_a_few_hundred_thousand_positions(world: DemoWorld) -> None:
    assert 2_500 <= sum(len(retailer.stores) for retailer in world.retailers) <= 3_000
    positions = sum(1 for retailer in world.retailers for _ in retailer.opening_counts())
    assert 150_000 <= positions <= 250_000


def test_about_eight_in_a_hundred_shelves_are_empty_at_the_opening(world: DemoWorld) -> None:
    quantities = Counter(count.quantity for retailer in world.retailers for count in retailer.opening_counts())
    assert min(quantities) == 0
    assert 0.07 < quantities[0] / quantities.total() < 0.09


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(world: DemoWorld) -> None:
    again, other = DemoWorld.build(), DemoWorld.build(seed=1)
    for one, same, different in zip(world.retailers, again.retailers, other.retailers, strict=True):
        assert stores_feed(one) == stores_feed(same) != stores_feed(different)
        assert products_feed(one) == products_feed(same)
        assert head_of_stock(one, 20) == head_of_stock(same, 20) != head_of_stock(different, 20)


def test_opening_counts_and_stock_feed_say_the_same(world: DemoWorld) -> None:
    retailer = world.retailers[2]
    told = [
        (row.stock.store_code, row.stock.item_id, row.stock.stock)
        for row in rows("google-local-inventory", "stock", None, b"".join(stock_feed(retailer)))
        if row.stock is not None
    ]
    assert told == [(code, item, Stock.exactly(quantity)) for code, item, quantity in retailer.opening_counts()]
    assert len({(code, item) for code, item, _ in told}) == len(told)


@pytest.mark.parametrize("place", range(4))
def test_every_store_is_read_with_point_phone_and_hours(world: DemoWorld, place: int) -> None:
    retailer = world.retailers[place]
    stores = [row.store for row in rows("csv", "stores", STORES_MAPPING, stores_feed(retailer))]
    assert [store.store_code for store in stores if store] == [store.code for store in retailer.stores]
    assert len({store.store_code for store in stores if store}) == len(stores)
    for store in stores:
        assert store is not None
        assert store.point is not None
        assert store.phone is not None
        assert store.opening_hours is not None
        assert store.country in ("US", "GB", "DE")
        assert store.name.startswith(retailer.trade.sign)


@pytest.mark.parametrize("place", range(4))
def test_every_product_is_read_with_its_gtin_and_price(world: DemoWorld, place: int) -> None:
    retailer = world.retailers[place]
    products = [row.product for row in rows("google-products", "products", None, products_feed(retailer))]
    assert len(products) == len(retailer.items)
    for product, item in zip(products, retailer.items, strict=True):
        assert product is not None
        assert product.gtin == "0" + item.article.gtin
        assert product.price is not None
        assert (product.price.amount, product.price.currency) == (item.price, "USD")
        assert product.category == item.article.category


def test_stores_abroad_ask_prices_in_their_own_currency(world: DemoWorld) -> None:
    retailer = world.retailers[2]
    country = {store.code: store.spot.country for store in retailer.stores}
    currencies = {"US": None, "GB": "GBP", "DE": "EUR"}
    for row in rows("google-local-inventory", "stock", None, b"".join(stock_feed(retailer))):
        assert row.stock is not None
        price = row.stock.details.price
        assert (price.currency if price else None) == currencies[country[row.stock.store_code]]


def test_stores_stand_within_a_few_hundred_metres_of_their_postcodes_middle(world: DemoWorld) -> None:
    for retailer in world.retailers:
        for store in retailer.stores:
            assert abs(store.lat - store.spot.lat) * 111_320 < 605
            assert (store.lat, store.lon) != (store.spot.lat, store.spot.lon)


def test_large_towns_have_more_stores_than_small_ones(world: DemoWorld) -> None:
    towns = Counter(store.spot.city for retailer in world.retailers for store in retailer.stores)
    assert all(towns[city] >= 10 for city in ("New York", "Chicago", "Seattle", "San Francisco", "Atlanta"))
    assert {"London", "Berlin"} <= set(towns)


def test_all_phone_numbers_are_valid_and_kept_for_fiction(world: DemoWorld) -> None:
    reserved = {spot.phone_prefix for spot in ABROAD}
    for retailer in world.retailers:
        for store in retailer.stores:
            assert phonenumbers.is_valid_number(phonenumbers.parse(store.phone))
            fictional = store.phone[5:10] == "55501" if store.phone.startswith("+1") else False
            assert fictional or store.spot.phone_prefix in reserved


def test_all_opening_hours_are_valid_and_tell_a_turn_unless_always_open() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    for text in {text for trade in TRADES for hours in trade.hours.values() for text in hours}:
        assert hours_fault(text) is None
        state = open_state(text, "UTC", noon)
        assert state.open_now is not None
        assert (state.closes_at or state.opens_at or text == "24/7") is not None


def test_every_spot_has_a_postcode_a_point_and_a_phone() -> None:
    spots = us_spots()
    assert len(spots) > 25_000
    assert all(len(spot.postcode) == 5 and len(spot.phone_prefix) == 10 and spot.pull > 0 for spot in spots)
    assert all(15 < spot.lat < 72 and -180 < spot.lon < -60 for spot in spots)

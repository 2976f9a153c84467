"""The quick way to an answer's bytes is the way of its model, to the byte."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.point import Point
from inventory_service.domain.availability import Answer, Backing, Evidence, Found, OpenState
from inventory_service.domain.offer import Money, Pickup
from inventory_service.domain.product import Product
from inventory_service.domain.stock import MAX_QUANTITY, Stock
from inventory_service.domain.store import Store
from inventory_service.web.models import Origin
from inventory_service.web.presenter import Disclosure, InBands, InCounts, answer_seen
from inventory_service.web.rendering import rendered
from inventory_service.web.replying import document_reply

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
MAYBE = st.none() | TEXT
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
MONEY = st.builds(Money, st.decimals(0, 10_000, places=2), st.sampled_from(["USD", "JPY", "KWD"]))
STORES = st.builds(
    Store,
    store_id=st.integers(1, 3),
    retailer_id=st.just(1),
    retailer=TEXT,
    retailer_name=TEXT,
    store_code=TEXT,
    name=TEXT,
    address=TEXT,
    city=MAYBE,
    region=MAYBE,
    postcode=MAYBE,
    country=MAYBE,
    point=POINTS,
    phone=MAYBE,
    timezone=TEXT,
    opening_hours=MAYBE,
    neighbourhood_id=st.just(1),
    slot=st.just(1),
    demo=st.booleans(),
)
HOURS = st.builds(OpenState, st.none() | st.booleans(), st.none() | MOMENTS, st.none() | MOMENTS)


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    low = draw(st.integers(0, 5) | st.integers(0, MAX_QUANTITY))
    return Stock(low, draw(st.none() | st.just(low) | st.integers(low, MAX_QUANTITY)))


EVIDENCE = st.builds(
    Evidence, st.sampled_from(["record", "sale", "delivery", "confirmation", "shopper"]), TEXT, stocks(), MOMENTS
)
BACKINGS = st.builds(
    Backing,
    as_of=MOMENTS,
    covered_at=st.none() | MOMENTS,
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
)
FOUND = st.builds(
    Found,
    store=STORES,
    hours=HOURS,
    distance_m=st.integers(0, 20_000_000),
    availability=st.sampled_from(["in_stock", "limited_availability", "out_of_stock", "unknown"]),
    probability=st.none() | st.floats(0, 1),
    stock=stocks(),
    exact=BACKINGS,
    shown=BACKINGS,
    price=st.none() | MONEY,
    sale_price=st.none() | MONEY,
    pickup=st.none() | st.builds(Pickup, TEXT, MAYBE),
    aisle=MAYBE,
    order_in_store=st.booleans(),
)
ANSWERS = st.builds(
    Answer,
    product=st.builds(Product, st.integers(1, 2**31 - 1), MAYBE, MAYBE, MAYBE, MAYBE),
    answered_at=MOMENTS,
    quantity=st.integers(1, 1_000_000),
    results=st.lists(FOUND, max_size=4).map(tuple),
    nearest_beyond=st.none() | FOUND,
    from_cache=st.booleans(),
)
ORIGINS = st.builds(Origin, lat=st.floats(-90, 90), lon=st.floats(-180, 180), label=TEXT)


@pytest.mark.parametrize("told", [InBands(), InCounts()], ids=["bands", "counts"])
@given(ANSWERS, ORIGINS)
def test_an_answer_is_rendered_as_its_model_is(told: Disclosure, answer: Answer, origin: Origin) -> None:
    by_model = document_reply(answer_seen(answer, origin, told))
    quick = rendered(answer, origin, told)
    assert quick.body == by_model.body
    assert quick.etag == by_model.etag


def test_only_the_moment_of_the_answer_and_the_ages_change_no_etag() -> None:
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC)
    store = Store(
        1, 1, "cvs", "CVS", "1", "CVS 1", "Pine St", None, None, None, None, Point(1, 2), None, "UTC", None, 1, 1
    )
    backing = Backing(moment, moment, ())
    found = Found(store, OpenState(), 5, "in_stock", 0.9, Stock(3, 3), backing, backing)
    first = Answer(Product(1, None, "Tea", None, None), moment, 1, (found,), None, from_cache=True)
    later = Answer(first.product, moment + timedelta(minutes=1), 1, (found,), None, from_cache=False)
    dearer = Found(**{**{name: getattr(found, name) for name in found.__slots__}, "price": Money(Decimal(2), "USD")})
    changed = Answer(first.product, moment, 1, (dearer,), None, from_cache=True)
    origin = Origin(lat=1, lon=2, label="1, 2")
    one, two, three = (rendered(answer, origin, InBands()) for answer in (first, later, changed))
    assert one.etag == two.etag != three.etag
    assert one.body != two.body

"""What the kernel writes is what the answer's model gives, to the byte."""

from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from random import Random

import orjson
import pytest
from hypothesis import given, strategies

from inventory_service.domain.availability import Answer
from inventory_service.domain.errors import CacheError
from inventory_service.domain.hours import open_state
from inventory_service.domain.offer import Money, SalePrice
from inventory_service.domain.product import Product, RetailPrice
from inventory_service.lookup.choosing import Choice
from inventory_service.lookup.directory import Directory
from inventory_service.lookup.ground import Ground
from inventory_service.lookup.telling import told
from inventory_service.storage.cache.product import encode
from inventory_service.storage.cache.product import told as read
from inventory_service.web.asking import place_text
from inventory_service.web.models import Origin
from inventory_service.web.presenter import InBands
from inventory_service.web.presenting import store_fields
from inventory_service.web.rendering import rendered
from inventory_service.web.texts import ProductText, StoreTexts
from inventory_service.web.written import Writer
from tests.lookup.kernel_world import NOW, question, world

DAY = timedelta(days=1)


def answer_of(choice: Choice) -> Answer:
    results, beyond = choice.candidates()
    tell = partial(told, question=choice.question, sources=choice.sources, now=choice.now)
    return Answer(
        choice.question.product,
        choice.now,
        choice.question.quantity,
        tuple(map(tell, results)),
        next(map(tell, beyond), None),
        choice.from_cache,
    )


@pytest.mark.parametrize("seed", range(4))
async def test_a_choice_is_written_as_its_answer_is_rendered(seed: int) -> None:
    random = Random(seed)
    writer, place, origin = Writer(), world(random, 60), Origin(lat=47.6, lon=-122.3, label='Zoë\'s "place"')
    written = 0
    for number in range(150):
        asked = replace(question(place.product, random), quantity=random.choice((1, 2, 3)))
        choice = await place.chooser.choose(asked, place.memory, NOW + timedelta(minutes=37 * number))
        if choice is not None:
            expected, reply = rendered(answer_of(choice), origin, InBands()), writer.reply(choice, place_text(origin))
            assert (reply.body, reply.etag) == (expected.body, expected.etag)
            written += 1
    assert written > 60


async def test_hours_are_told_right_at_any_time_of_the_year() -> None:
    random = Random(9)
    writer, place, origin = Writer(), world(random, 60), Origin(lat=47.6, lon=-122.3, label="here")
    asked = replace(question(place.product, random), quantity=1, limit=50, radius_m=500_000.0, open_now=False)
    for day in range(400):
        choice = await place.chooser.choose(asked, place.memory, NOW + timedelta(hours=5 * day))
        if choice is not None:
            reply = writer.reply(choice, place_text(origin))
            assert reply.body == rendered(answer_of(choice), origin, InBands()).body


def test_stores_are_told_right_however_little_room_there_was() -> None:
    ground = world(Random(3), 60).memory.ground
    texts, moment = StoreTexts(room_for_a_store_bytes=0), NOW.replace(second=0, microsecond=0)
    texts.of(ground)
    rows = range(len(ground.directory))
    texts.make(rows, moment, 1)
    for row in rows:
        store, hours = ground.directory.at(row), int(ground.arrays.hours_of[row])
        of = texts.arrays
        text = bytes(of.text[of.at[row] : of.end[row]])
        told = bytes(of.hours[hours, : of.hours_length[hours]])
        fields = store_fields(store, open_state(store.opening_hours, store.timezone, moment, store.country))
        assert orjson.loads(text + told + b"}") == fields


async def test_after_some_stores_have_changed_each_is_told_as_it_is_now() -> None:
    random = Random(3)
    writer, place, origin = Writer(), world(random, 40), Origin(lat=47.6, lon=-122.3, label="here")
    empty = Ground(Directory.of(()), place.memory.coverage, place.memory.ground.learned)
    nobody = Choice(question(place.product, random), empty, {}, b"",
                    writer.found, 0, 0, NOW, from_cache=True)  # fmt: skip
    assert b'"results":[]' in writer.reply(nobody, place_text(origin)).body
    written = 0
    for number in range(12):
        stores = [place.memory.directory.at(row) for row in range(len(place.memory.directory))]
        renamed = [replace(one, name=f"Renamed {number}") for one in random.sample(stores, 3)]
        place.memory.directory = place.memory.directory.updated(renamed)
        place.memory.ground = Ground(place.memory.directory, place.memory.coverage, place.memory.ground.learned)
        for _ in range(10):
            choice = await place.chooser.choose(replace(question(place.product, random), quantity=1), place.memory, NOW)
            if choice is not None:
                reply = writer.reply(choice, place_text(origin))
                assert reply.body == rendered(answer_of(choice), origin, InBands()).body
                written += 1
    assert written > 60


prices = strategies.one_of(
    strategies.none(),
    strategies.builds(Money, strategies.decimals(0, 9_999, places=2), strategies.sampled_from(("EUR", "JPY"))),
)
moments = strategies.none() | strategies.datetimes(
    NOW.replace(tzinfo=None) - DAY, NOW.replace(tzinfo=None) + DAY, timezones=strategies.just(UTC)
)
sales = strategies.none() | strategies.builds(SalePrice, prices.filter(bool), moments, moments)
offers = strategies.dictionaries(
    strategies.integers(1, 2**31), strategies.builds(RetailPrice, prices, sales), max_size=9
)


@given(offers, strategies.none() | strategies.text(max_size=9))
def test_what_is_told_of_a_product_out_of_the_cache_is_what_is_told_of_it(
    offers: dict[int, RetailPrice], name: str | None
) -> None:
    product = Product(17, "00300691085301", name, None, None, offers=offers)
    cached, usual = read(encode(product)), ProductText.made(product, NOW)
    assert cached is not None
    quick = ProductText.read(cached, NOW)
    assert (quick.text, quick.table.tolist(), quick.until) == (usual.text, usual.table.tolist(), usual.until)


@pytest.mark.parametrize(
    "value",
    [b"[]", b"[1]", b"{}", b'[1,null,[3],"Cola"]', b'[1,null,{"3":"cheap"},"Cola"]', b'[1,null,{"x":null},"Cola"]'],
)
def test_bytes_that_are_no_product_are_refused_before_anything_is_told_of_them(value: bytes) -> None:
    with pytest.raises(CacheError):
        told_of(value)


def told_of(value: bytes) -> ProductText:
    cached = read(value)
    assert cached is not None
    cached.owners()
    return ProductText.read(cached, NOW)

"""Counts never leak: of two worlds that differ in counts alone, and in the evidence that counts have moved within their
bands, and of which the same words, bands and steps are told, nobody without scope `counts` can see a difference, in any
byte of anything that is answered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import aiohttp
import pytest

from geo.point import Point
from inventory_service.domain.availability import Answer, OpenState, Question
from inventory_service.domain.clock import whole_minute
from inventory_service.domain.hours import open_state
from inventory_service.domain.level import Level
from inventory_service.domain.place import Place
from inventory_service.domain.product import Product
from inventory_service.domain.stock import Stock
from inventory_service.domain.store import Store
from inventory_service.lookup.choosing import Choice
from inventory_service.lookup.near import Search
from inventory_service.lookup.survey import Survey, Surveyor
from inventory_service.runtime.http.server import serve_app
from inventory_service.settings import Settings
from inventory_service.storage.cache.block import decode, encode
from inventory_service.storage.positions import Shelf
from inventory_service.web.app import create_app
from inventory_service.web.wording import public_probability
from tests.answers.listening import listening
from tests.lookup.kernel_world import CENTRES, NOW, World, world
from tests.web.twin import Twin

COUNTS = {"Authorization": "Bearer sk_counts_0123456789"}
READER = {"Authorization": "Bearer sk_reader_0123456789"}


class Shelves(Twin):
    """The real search over levels in memory, behind the real web layer."""

    def __init__(self, place: World) -> None:
        super().__init__()
        self.moment, self._world = NOW, place
        self._surveyor = Surveyor(place.levels)  # type: ignore[arg-type]

    async def choose(self, question: Question, now: datetime, at_once: int = 8) -> Choice | None:
        return await self._world.chooser.choose(question, self._world.memory, now, at_once)

    async def availability(self, question: Question) -> Answer:
        return await self.search(question, NOW)

    async def search(self, question: Question, now: datetime) -> Answer:
        search = Search(question, self._world.memory, now)
        findings = await search.run(self._world.levels)  # type: ignore[arg-type]
        ranked = search.ranked(findings)
        likely = any(one.likely for one in ranked)
        beyond = None if likely or findings.beyond is None else search.found(findings.beyond)
        return Answer(question.product, now, question.quantity, tuple(map(search.found, ranked)), beyond, True)

    async def survey(self, question: Question, now: datetime) -> Survey:
        return await self._surveyor.survey(question, self._world.memory, now)

    async def product_by_gtin(self, gtin: str, retailers: frozenset[str]) -> Product:
        return self._world.product

    def store(self, store_id: int) -> Store:
        found = self._world.memory.directory.store(store_id)
        assert found is not None
        return found

    def hours(self, store: Store) -> OpenState:
        return open_state(store.opening_hours, store.timezone, self.moment)

    def retailer_known(self, slug: str) -> bool:
        return slug in {"r1", "r3"}

    def resolve_place(self, near: str) -> Place:
        return Place(near, CENTRES[int(near) % len(CENTRES)], "US", "postcode")


def told_of(place: World, store: Store, level: Level) -> list[tuple[object, ...]]:
    """All that may be told of what a level holds, for each quantity that anybody may ask for."""
    memory = place.memory
    learned = memory.ground.learned
    heard_at = learned.heard_at(level, memory.coverage.of_store(store.store_id))
    basis = learned.basis(1, store.store_id, level, heard_at, whole_minute(NOW))
    judged = [learned.judge(basis, quantity, store.retailer_id) for quantity in (1, 2, 3)]
    steps = [None if one.probability is None else public_probability(one.probability) for one in judged]
    return [(one.availability, step, level.stock.band) for one, step in zip(judged, steps, strict=True)]


def recounted(place: World, random: Random) -> int:
    """Other counts wherever nobody may notice; returns how many."""
    seats = {(store.neighbourhood_id, store.slot): store for store in place.memory.directory}
    changed = 0
    for number, block in place.levels.blocks.items():
        shelves = []
        for entry in decode(block):
            store, level = seats[number, entry.slot], entry.level
            other = anew(replace(level, stock=another(level.stock, random)), random)
            if other != level and told_of(place, store, other) == told_of(place, store, level):
                level, changed = other, changed + 1
            shelves.append(Shelf(1, store.store_id, number, entry.slot, entry.version, level))
        place.levels.blocks[number] = encode(shelves)
    return changed


def anew(level: Level, random: Random) -> Level:
    """The same, of other evidence; what is shown of it stays."""
    observed_at = level.observed_at + timedelta(seconds=random.choice((0, 5, 900)))
    covered_at = max(level.covered_at, observed_at)
    source_id = random.choice((level.source_id, level.source_id, 3, 4, 5))
    return Level(
        level.stock,
        observed_at,
        observed_at,
        covered_at,
        source_id,
        level.details,
        leaning=level.leaning,
        shown=level.in_bands,
    )


def another(stock: Stock, random: Random) -> Stock:
    """Another exact count of the same band."""
    if stock.quantity is None or stock.quantity == 0:
        return stock
    return Stock.exactly(3 - stock.quantity if stock.quantity < 3 else random.choice((3, 4, 5, 8, 40, 900, 60_000)))


@dataclass
class Door:
    """The service over HTTP, of one world."""

    session: aiohttp.ClientSession

    async def get(self, target: str, **headers: str) -> tuple[Any, ...]:
        async with self.session.get(target, headers=headers) as response:
            told = {name: value for name, value in response.headers.items() if name != "Date"}
            return response.status, told, await response.read()

    async def post(self, target: str, body: Any, **headers: str) -> tuple[Any, ...]:
        async with self.session.post(target, json=body, headers=headers) as response:
            told = {name: value for name, value in response.headers.items() if name != "Date"}
            return response.status, told, await response.read()

    async def first_event(self, target: str) -> tuple[Any, ...]:
        async with listening(self.session, target) as heard:
            event = await heard.next()
            assert event is not None
            return event.name, event.entity_tag, event.json


@asynccontextmanager
async def doors(*places: World) -> AsyncIterator[list[Door]]:
    async with AsyncExitStack() as stack:
        opened = []
        for place in places:
            app = create_app(Shelves(place), Settings(deadline_s=20.0))
            port = await stack.enter_async_context(serve_app(app, "127.0.0.1", 0))
            session = aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False)
            opened.append(Door(await stack.enter_async_context(session)))
        yield opened


def question(random: Random) -> dict[str, Any]:
    near: Point = random.choice(CENTRES)
    return {
        "gtin": "00300691085301",
        "lat": near.lat,
        "lon": near.lon,
        "radius_m": random.choice((1_000.0, 20_000.0, 100_000.0)),
        "limit": random.choice((1, 3, 10, 20)),
        "quantity": random.choice((1, 1, 2, 3)),
    }


@pytest.mark.parametrize("seed", range(3))
async def test_nobody_without_the_scope_can_tell_two_counts_apart(seed: int) -> None:
    one, other, random = world(Random(seed), 60), world(Random(seed), 60), Random(seed)
    assert recounted(other, random) > 20
    async with doors(one, other) as (here, there):

        async def same(ask: str, *details: Any, **headers: str) -> None:
            told = await asyncio.gather(*(getattr(door, ask)(*details, **headers) for door in (here, there)))
            assert told[0] == told[1], details

        differing = 0
        for _ in range(25):
            asked = question(random)
            target = "/v1/availability?" + "&".join(f"{name}={value}" for name, value in asked.items())
            for headers in ({}, READER, {"Accept": "application/ld+json"}, {"Accept-Encoding": "gzip"}):
                await same("get", target, **headers)
            await same("get", f"{target}&open_now=1")
            await same("get", target.replace(f"quantity={asked['quantity']}", "quantity=4"))
            await same("first_event", target)
            basket = {key: value for key, value in asked.items() if key not in ("gtin", "quantity")}
            for headers in ({}, READER):
                await same("post", "/v1/availability/batch", {"queries": [asked, {**asked, "limit": 50}]}, **headers)
                for quantity in (1, 2, 3, 4):
                    items = [{"gtin": asked["gtin"], "quantity": quantity}]
                    await same("post", "/v1/basket", {**basket, "items": items}, **headers)
            counted = [(await door.get(target, **COUNTS))[2] for door in (here, there)]
            differing += counted[0] != counted[1]
        assert differing > 3

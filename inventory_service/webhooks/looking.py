"""What an answer would tell of some positions now, out of Postgres: the cache may lag behind what is to be told."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.answered import Shelf, answered
from inventory_service.domain.availability import Found, Question
from inventory_service.domain.level import Level
from inventory_service.domain.product import Product
from inventory_service.domain.store import Store
from inventory_service.lookup.memory import POLL, Memory
from inventory_service.lookup.telling import Candidate, told
from inventory_service.storage import offered, positions
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection

AT_ONCE = 20
"""Judged, or told, without letting anybody else in: about 2 ms."""
LOOKS_FOR_MEMORY = 10


@dataclass(frozen=True, slots=True)
class Sight:
    """A product at a store, as an answer would tell of it; its distance is 0."""

    product: Product
    found: Found


async def look(connection: Connection, memory: Memory, keys: Sequence[Key], now: datetime) -> dict[Key, Sight]:
    """Of those of `keys` of which anything is held. Raises StorageError."""
    held = await positions.levels(connection, keys)
    stores = await _stores(memory, held)
    covered: dict[int, dict[int, datetime]] = {store_id: {} for store_id in stores}
    for (store_id, source_id), at in (await positions.coverage(connection, sorted(stores))).items():
        covered[store_id][source_id] = at
    described = await offered.by_ids(connection, sorted({key[0] for key in held}))
    products = {one.product_id: one for one in described if one.merged_into is None}
    sights: dict[Key, Sight] = {}
    for place, (key, level) in enumerate(held.items()):
        await let_others_in(place)
        if key[0] in products and key[1] in stores:
            store = stores[key[1]]
            sights[key] = _sight(memory, products[key[0]], store, level, covered[store.store_id], now)
    return sights


async def let_others_in(place: int) -> None:
    """To be called in long loops with the place in them: lookups come first."""
    if place % AT_ONCE == AT_ONCE - 1:
        await asyncio.sleep(0)


async def _stores(memory: Memory, held: Mapping[Key, Level]) -> dict[int, Store]:
    """As this worker knows them; it learns of new stores and sources a moment after they are written."""
    wanted = {key[1] for key in held}
    sources = {one.source_id for level in held.values() for one in (level.own, level.in_bands)}
    for _ in range(LOOKS_FOR_MEMORY):
        if sources <= memory.sources.keys() and len(found := _known(memory, wanted)) == len(wanted):
            return found
        await asyncio.sleep(POLL.total_seconds())
    return _known(memory, wanted)


def _known(memory: Memory, wanted: Collection[int]) -> dict[int, Store]:
    directory = memory.directory
    return {one: store for one in wanted if (store := directory.store(one)) is not None}


def _sight(
    memory: Memory, product: Product, store: Store, level: Level, covered: Mapping[int, datetime], now: datetime
) -> Sight:
    shelf = Shelf(product.product_id, store.store_id, store.retailer_id)
    judgement = answered(memory.learned, shelf, level, covered, now).judgement
    candidate = Candidate(store, memory.learned.heard(level, covered), 0.0, judgement)
    return Sight(product, told(candidate, Question(product, store.point), memory.sources, now))

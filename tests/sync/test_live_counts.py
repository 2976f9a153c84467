"""Live counts in columns: they leave behind, and tell of, just what the same lines do one by one."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from inventory_service.domain.feed import Loaded, Refusal, Row, StockColumns
from store_sync.formats.json_counts import parse_batch
from store_sync.formats.json_lines import parse_line
from store_sync.job import Line
from tests.sync.world import GTIN, NOW, Shelf, Syncer, at, count, item, order, shop

STORES, ITEMS = ("1", "2", "3"), ("cola", "coke", "tea", "rice", "salt", "nuts")
BATCHES = 6
LISTED = "SELECT line, field, reason, detail, raw, parked - 'item_id' AS parked FROM rejected ORDER BY rejected_id"


def said(code: str, item_id: str, quantity: int, observed_at: datetime | None) -> bytes:
    told = {"kind": "count", "store_code": code, "item_id": item_id, "quantity": quantity}
    return json.dumps(told if observed_at is None else {**told, "observed_at": observed_at.isoformat()}).encode()


def in_columns(lines: Sequence[bytes]) -> Sequence[Line]:
    found = parse_batch(list(enumerate(lines, start=1)))
    assert any(isinstance(one, StockColumns) for one in found)
    return found


def in_rows(lines: Sequence[bytes]) -> Sequence[Line]:
    found = (parse_line(number, line) for number, line in enumerate(lines, start=1))
    return [one for one in found if isinstance(one, Row | Refusal)]


async def take(sync: Syncer, retailer: str, lines: Sequence[Line], source: str = "feed") -> Loaded:
    return await sync.loader.take(replace(order(retailer, source=source, file="events"), kind="events"), lines)


async def stocked(sync: Syncer, retailer: str) -> None:
    """Two items are one product; the last store's shelves were told of by nobody."""
    items = [item(one, GTIN if one in ("cola", "coke") else None) for one in ITEMS]
    counts = [count(code, one, 9, at(600)) for code in STORES[:2] for one in ITEMS[:4]]
    await sync.load([*map(shop, STORES), *items, *counts], retailer, as_of=at(600))


def happening(rng: random.Random, before: list[bytes]) -> list[bytes]:
    """News, repetitions, late words, clocks that are wrong, stores and items that nobody knows."""
    lines = [
        said(
            rng.choice((*STORES, "nowhere")) if rng.random() < 0.2 else rng.choice(STORES),
            rng.choice((*ITEMS, f"new {rng.randrange(3)}")),
            rng.choice((0, 1, 5, 9)),
            NOW + timedelta(minutes=rng.choice((-900, -500, -400, -300, -200, -100, -5, 0, 4, 6, -20_000_000))),
        )
        for _ in range(rng.choice((1, 5, 40, 130)))
    ]
    return [*lines, *rng.sample(before, min(len(before), 8)), *rng.sample([b"{", b"", said("1", "tea", -1, NOW)], 1)]


async def of_one(sync: Syncer, retailer: str) -> dict[tuple[str, str], Shelf]:
    return {(code, product): one for (slug, code, product), one in (await sync.shelves()).items() if slug == retailer}


@pytest.mark.parametrize("seed", range(4))
async def test_columns_and_rows_come_to_the_same(sync: Syncer, seed: int) -> None:
    rng, before = random.Random(seed), list[bytes]()
    for retailer in ("acme", "bell"):
        await stocked(sync, retailer)
    for number in range(BATCHES):
        lines, source = happening(rng, before), "till" if number == BATCHES - 2 else "feed"
        one = await take(sync, "acme", in_columns(lines), source)
        other = await take(sync, "bell", in_rows(lines), source)
        assert replace(one, load_id=0) == replace(other, load_id=0)
        assert await of_one(sync, "acme") == await of_one(sync, "bell")
        before = lines
    listed = [tuple(row) for row in await sync.fetch(LISTED)]
    half = sorted(map(str, listed))
    assert half[::2] == half[1::2]
    assert {"future", "too_old", "unknown_store"} <= {row[2] for row in listed}


async def test_counts_without_a_time_are_of_the_moment_they_come(sync: Syncer) -> None:
    await stocked(sync, "acme")
    told = await take(sync, "acme", in_columns([said("1", "tea", 3, None), said("2", "tea", 4, None)]))
    shelves = await of_one(sync, "acme")
    assert told.applied == 2
    assert [(shelves[code, "item tea"].quantity, shelves[code, "item tea"].observed_at) for code in ("1", "2")] == [
        (3, NOW),
        (4, NOW),
    ]


async def test_a_parked_count_keeps_its_own_time_until_the_store_loads(sync: Syncer) -> None:
    await stocked(sync, "acme")
    told = await take(sync, "acme", in_columns([said("new", "tea", 3, at(30))]))
    assert told.reasons == {"unknown_store": 1}
    await sync.load([shop("new")])
    shelf = (await of_one(sync, "acme"))["new", "item tea"]
    assert (shelf.quantity, shelf.observed_at) == (3, at(30))

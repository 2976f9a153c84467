"""A row that tells a GTIN alone means the item that has it, in every format and in either order."""

import io
from collections.abc import Callable, Iterable

import pytest

from inventory_service.domain.feed import Loaded, Refusal, Row, StockRow
from inventory_service.domain.stock import Stock
from store_sync.formats import json_lines, mapped
from store_sync.formats.mapping import load_mapping
from tests.sync.world import GTIN, OTHER_GTIN, Syncer, at, count, item, shop

EAN = "8901030001239"
EAN14 = "0" + EAN
AS_CSV = f"store_code,gtin,quantity\n1,{EAN},4\n"
AS_JSON = f'{{"store_code": "1", "gtin": "{EAN}", "quantity": 4}}\n'


def csv(text: str) -> list[Row | Refusal]:
    mapping = load_mapping("products-simple" if "name" in text else "stock-simple")
    return list(mapped.parse(io.BytesIO(text.encode()), mapping, None, None))


def jsonl(text: str) -> list[Row | Refusal]:
    return list(json_lines.parse(io.BytesIO(text.encode())))


def by_gtin(quantity: int, gtin: str = EAN14) -> Row:
    return Row(2, stock=StockRow("1", None, Stock.exactly(quantity), gtin), raw=gtin)


async def items(sync: Syncer) -> dict[str, int]:
    return {row["item_id"]: row["rank"] for row in await sync.fetch("SELECT item_id, rank FROM item")}


async def loaded(sync: Syncer, rows: Iterable[Row | Refusal], minutes: float) -> Loaded:
    return await sync.load(rows, as_of=at(minutes))


@pytest.mark.parametrize(("read", "text"), [(csv, AS_CSV), (jsonl, AS_JSON)])
async def test_stock_by_gtin_alone_is_of_the_item_that_has_it(
    sync: Syncer, read: Callable[[str], list[Row | Refusal]], text: str
) -> None:
    await loaded(sync, [shop("1"), item("I1", EAN14)], 90)
    await loaded(sync, [count("1", "I1", 5)], 60)
    told = await loaded(sync, read(text), 50)
    assert (told.shared_gtin, told.rejected) == (0, 0)
    assert await sync.quantities() == {("1", EAN14): 4}
    assert await items(sync) == {"I1": 0}


@pytest.mark.parametrize(("read", "text"), [(csv, AS_CSV), (jsonl, AS_JSON)])
async def test_an_item_that_comes_later_takes_over_what_was_told_by_gtin_alone(
    sync: Syncer, read: Callable[[str], list[Row | Refusal]], text: str
) -> None:
    await loaded(sync, [shop("1")], 90)
    await loaded(sync, read(text), 60)
    await loaded(sync, csv(f"item_id,gtin,name\nI1,{EAN},Soap\n"), 55)
    assert await sync.quantities() == {("1", EAN14): 4}
    told = await loaded(sync, [count("1", "I1", 5, gtin=EAN14)], 50)
    assert told.shared_gtin == 0
    assert await sync.quantities() == {("1", EAN14): 5}
    assert await items(sync) == {"I1": 0}


async def test_products_by_gtin_alone_are_the_items_that_stock_names(sync: Syncer) -> None:
    await loaded(sync, [shop("1"), count("1", "I1", 5, gtin=EAN14)], 60)
    await loaded(sync, csv(f"gtin,name\n{EAN},Soap\n"), 55)
    assert await items(sync) == {"I1": 0}
    assert await sync.value("SELECT name FROM product") == "Soap"


async def test_products_and_stock_by_gtin_alone_are_one_item_by_the_id_that_came(sync: Syncer) -> None:
    await loaded(sync, [shop("1"), *csv(f"gtin,name\n{EAN},Soap\n"), *csv(AS_CSV)], 60)
    await loaded(sync, [count("1", EAN, 3)], 50)
    assert await items(sync) == {EAN: 0}
    assert await sync.quantities() == {("1", EAN14): 3}


async def test_an_item_and_stock_by_its_gtin_in_one_file_are_one(sync: Syncer) -> None:
    told = await loaded(sync, [shop("1"), by_gtin(4), item("I1", EAN14)], 60)
    assert told.shared_gtin == 0
    assert await items(sync) == {"I1": 0}
    await loaded(sync, [count("1", "I1", 2)], 50)
    assert await sync.quantities() == {("1", EAN14): 2}


async def test_a_known_item_that_gets_the_gtin_later_takes_over_too(sync: Syncer) -> None:
    await loaded(sync, [shop("1"), count("1", "I1", 7), by_gtin(4)], 60)
    await loaded(sync, [item("I1", EAN14)], 55)
    assert await items(sync) == {"I1": 0}
    await loaded(sync, [count("1", "I1", 2)], 50)
    assert await sync.quantities() == {("1", EAN14): 2}


async def test_an_item_that_leaves_another_gtin_takes_over_too(sync: Syncer) -> None:
    await loaded(sync, [shop("1"), count("1", "I1", 7, gtin=GTIN)], 60)
    await loaded(sync, [by_gtin(4)], 58)
    await loaded(sync, [item("I1", EAN14)], 55)
    assert await sync.quantities() == {("1", EAN14): 4, ("1", GTIN): None}
    await loaded(sync, [count("1", "I1", 2)], 50)
    assert await sync.quantities() == {("1", EAN14): 2, ("1", GTIN): None}


async def test_an_id_that_looks_like_its_gtin_is_an_item_of_its_own(sync: Syncer) -> None:
    await loaded(sync, [shop("1"), item(EAN, EAN14), item("I1", EAN14)], 90)
    told = await loaded(sync, [count("1", EAN, 4), count("1", "I1", 5)], 60)
    assert told.shared_gtin == 1
    assert await sync.quantities() == {("1", EAN14): 9}


async def test_what_waits_for_its_store_goes_to_the_item_that_took_over(sync: Syncer) -> None:
    await loaded(sync, [by_gtin(4), by_gtin(3, OTHER_GTIN)], 60)
    await loaded(sync, [item("I1", EAN14)], 55)
    await loaded(sync, [shop("1")], 50)
    assert await sync.quantities() == {("1", EAN14): 4, ("1", OTHER_GTIN): 3}
    await loaded(sync, [count("1", "I1", 2)], 40)
    assert await sync.quantities() == {("1", EAN14): 2, ("1", OTHER_GTIN): 3}


async def test_a_snapshot_by_gtin_alone_leaves_nothing_behind(sync: Syncer) -> None:
    await sync.snapshot([shop("1"), by_gtin(4), by_gtin(6, OTHER_GTIN)], at(60))
    await loaded(sync, [item("I1", EAN14), item("I2", OTHER_GTIN)], 55)
    told = await sync.snapshot([count("1", "I1", 3)], at(50))
    assert (told.emptied, told.shared_gtin) == (1, 0)
    assert await sync.quantities() == {("1", EAN14): 3, ("1", OTHER_GTIN): 0}

"""A first stock is written without looking what is held, and comes to what any other way comes to."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from inventory_service.domain.feed import Loaded, Refusal, Row, StockColumns
from inventory_service.storage import lane
from inventory_service.storage.apply import apply_new_columns, lock_retailer
from inventory_service.storage.columns import Columns
from inventory_service.storage.postgres import transaction
from store_sync.formats import google_columns
from store_sync.formats.registry import parser_for
from store_sync.formats.runs import RUN
from tests.sync.world import NOW, Shelf, Syncer, at, count, shop

ITEMS = 150
CODES = [str(number) for number in range(8)]


@dataclass
class Looks:
    """How often it was looked what is held."""

    times: int = 0


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Cut small, so that a short file has many parts; `times` counts looking, which only costs time."""
    found, held_of = Looks(), lane.held_of

    async def counted(*told: Any) -> Any:
        found.times += 1
        return await held_of(*told)

    monkeypatch.setattr(lane, "held_of", counted)
    monkeypatch.setattr(google_columns, "MAX_LINES", RUN)
    return found


def columns(lines: list[tuple[str, str, str, str]]) -> Iterator[Row | Refusal | StockColumns]:
    text = "".join("\t".join(line) + "\n" for line in lines)
    parse = parser_for("google", "stock", None)
    for one in parse(io.BytesIO(b"store_code\tid\tquantity\tavailability\n" + text.encode())):
        assert isinstance(one, StockColumns)
        yield one


def stock() -> list[tuple[str, str, str, str]]:
    """Counts, and now and then a word alone."""
    return [
        (code, f"{n:03}", "" if n % 7 == 0 else str((n * 17 + int(code)) % 5), "in_stock" if n % 7 == 0 else "")
        for code in CODES
        for n in range(ITEMS)
    ]


async def by_rows(sync: Syncer, retailer: str, lines: list[tuple[str, str, str, str]], **about: Any) -> Loaded:
    return await sync.load([row for one in columns(lines) for row in map(one.row, range(len(one)))], retailer, **about)


async def shelves(sync: Syncer, retailer: str) -> dict[tuple[str, str], Shelf]:
    return {(code, product): one for (name, code, product), one in (await sync.shelves()).items() if name == retailer}


def told(loaded: Loaded) -> Loaded:
    return replace(loaded, load_id=0)


async def opened(sync: Syncer) -> None:
    for retailer in ("quick", "slow"):
        await sync.load([shop(code) for code in CODES], retailer)


async def test_a_first_stock_is_looked_for_once_and_becomes_what_its_lines_say(sync: Syncer, looks: Looks) -> None:
    await opened(sync)
    lines = stock()
    quick = await sync.load(columns(lines), "quick", as_of=at(60))
    assert looks.times == 1
    slow = await by_rows(sync, "slow", lines, as_of=at(60))
    assert (quick.applied, told(quick)) == (len(lines), told(slow))
    assert await shelves(sync, "quick") == await shelves(sync, "slow")
    for row in await sync.log("levels"):
        assert len(row["ids"]) == len(row["store_ids"]) > 0


@pytest.mark.parametrize("minutes", [90, 30], ids=["older", "newer"])
async def test_where_it_meets_what_is_held_it_goes_on_as_any_other(sync: Syncer, looks: Looks, minutes: int) -> None:
    """Store 5 has counts already, from before or after the file, and the file tells of one of them twice."""
    await opened(sync)
    for retailer in ("quick", "slow"):
        await sync.load([count("5", f"{n:03}", 1, line=n + 2) for n in range(0, ITEMS, 3)], retailer, as_of=at(minutes))
    lines = [*stock(), ("5", "004", "9", "")]
    looks.times = 0
    quick = await sync.load(columns(lines), "quick", as_of=at(60))
    assert looks.times > 1
    slow = await by_rows(sync, "slow", lines, as_of=at(60))
    assert told(quick) == told(slow)
    assert await shelves(sync, "quick") == await shelves(sync, "slow")


async def test_a_snapshot_of_new_stores_empties_nothing_and_covers_them(sync: Syncer, looks: Looks) -> None:
    await opened(sync)
    lines = stock()
    loaded = await sync.snapshot(columns(lines), at(60), "quick")
    assert (loaded.applied, loaded.emptied, loaded.held) == (len(lines), 0, 0)
    assert len({code for code, _ in await sync.coverage()}) == len(CODES)
    again = await sync.snapshot(columns(lines), at(30), "quick")
    assert (again.applied, again.unchanged) == (0, len(lines))


async def test_nothing_of_it_is_written_where_one_position_is_there_already(sync: Syncer) -> None:
    await sync.load([shop("1")])
    await sync.load([count("1", "cola", 5)], as_of=at(60))
    (row,) = await sync.fetch(
        "SELECT product_id, store_id, source_id, retailer_id FROM position JOIN store USING (store_id)"
    )
    ids = np.array([row["product_id"], row["product_id"] + 1], dtype=np.int32)
    ones, moments = np.ones(2, dtype=np.int32), np.full(2, 1_700_000_000_000_000)
    new = Columns(ids, ones * row["store_id"], ones, ones, moments, moments, 0 * ones, [], row["source_id"], 1)
    before, log = await sync.versions(), await sync.log("levels")
    async with transaction(sync.pool, deadline_s=60) as connection:
        await lock_retailer(connection, row["retailer_id"])
        assert await apply_new_columns(connection, new, [], NOW, "delta") is None
        alone = new.where(np.array([False, True]))
        applied = await apply_new_columns(connection, alone, [], NOW, "delta")
        assert applied is not None
        assert applied.changed == 1
    after = await sync.versions()
    assert before.items() < after.items()
    assert [one["ids"] for one in (await sync.log("levels"))[len(log) :]] == [[row["product_id"] + 1]]

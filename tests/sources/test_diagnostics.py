"""What a retailer's engineer is told of a source."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from inventory_service.storage import diagnostics, source_state
from inventory_service.storage.postgres import Pool, connected
from inventory_service.storage.refusals import RECENT_LOADS
from tests.sources.world import DEADLINE_S, Sources
from tests.sync.world import NOW, at, count, item

ADD_LOAD = """
INSERT INTO load (source_id, file, kind, as_of, started_at, finished_at, rows, applied, unchanged, rejected, reasons,
                  duplicates, new_items, newest_observed_at, progressed_at, failure, day)
VALUES ($1, $2, 'stock', $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING load_id
"""
ADD_REJECTED = """
INSERT INTO rejected (load_id, line, field, reason, detail, raw, retailer_id, store_code)
SELECT $1, n, 'quantity', $2, 'line ' || n, '', (SELECT retailer_id FROM retailer WHERE slug = 'acme'),
       $3::text || CASE WHEN $4 THEN (n % 700)::text ELSE '' END
FROM generate_series(1, $5) n
"""


class History:
    """A source whose loads are written down by hand."""

    def __init__(self, pool: Pool, source_id: int) -> None:
        self.pool, self.source_id = pool, source_id

    async def load(self, file: str, started_at: datetime, **more: Any) -> int:
        finished_at = more.get("finished_at", started_at + timedelta(seconds=5))
        return int(
            await self.pool.fetchval(
                ADD_LOAD, self.source_id, file, started_at, finished_at, more.get("rows", 0), more.get("applied", 0),
                more.get("unchanged", 0), more.get("rejected", 0), more.get("reasons", {}), more.get("duplicates", 0),
                more.get("new_items", 0), more.get("newest_observed_at"), more.get("progressed_at", finished_at),
                more.get("failure"), more.get("day"),
            )
        )  # fmt: skip

    async def reject(self, load_id: int, reason: str, lines: int, store_code: str | None = None) -> None:
        await self.pool.execute(ADD_REJECTED, load_id, reason, store_code, store_code is not None, lines)


@pytest.fixture
async def history(sources: Sources) -> History:
    async with connected(sources.means.pool, deadline_s=DEADLINE_S) as connection:
        source_id = await source_state.enrol(connection, "acme", "feed", NOW)
    return History(sources.means.pool, source_id)


async def test_a_source_that_never_ran_says_so(sources: Sources, history: History) -> None:
    row = await sources.row()
    assert (row["last_run"], row["last_position"], row["lag_s"], row["rows"]) == (None, None, None, 0)
    assert diagnostics.unseen("acme", "feed").keys() == row.keys()


async def test_the_last_run_and_the_totals_are_told(sources: Sources, history: History) -> None:
    await history.load("a.txt", at(30), rows=10, applied=7, unchanged=2, rejected=1, duplicates=1)
    await history.load("b.txt", at(20), rows=5, applied=1, unchanged=4, failure="It is cut.")
    row = await sources.row()
    assert (row["loads"], row["rows"], row["applied"], row["unchanged"]) == (2, 15, 8, 6)
    assert (row["duplicates"], row["rejected"], row["since"]) == (1, 1, at(30))
    run = row["last_run"]
    assert (run["file"], run["started_at"], run["failure"], run["rows"]) == ("b.txt", at(20), "It is cut.", 5)


async def test_the_last_run_is_the_one_that_moved_last(sources: Sources, history: History) -> None:
    """Events of the day go on under one load while files come and go."""
    await history.load("events", at(60), finished_at=None, progressed_at=at(1), day=NOW.date())
    await history.load("a.txt", at(30))
    assert (await sources.row())["last_run"]["file"] == "events"


async def test_the_last_position_is_the_newest_file_that_was_loaded_whole(sources: Sources, history: History) -> None:
    load_id = await history.load("a.txt", at(30))
    await history.load("b.txt", at(20), failure="It is cut.")
    await history.load("c.txt", at(10), finished_at=None, progressed_at=at(9))
    assert (await sources.row())["last_position"] == {"load_id": load_id, "file": "a.txt", "as_of": at(30)}


async def test_lag_is_by_the_sources_clock(sources: Sources, history: History) -> None:
    await history.load("a.txt", at(10), newest_observed_at=at(45))
    assert (await sources.row())["lag_s"] == 45 * 60


async def test_a_clock_ahead_of_ours_shows_as_skew_and_not_as_lag(sources: Sources, history: History) -> None:
    await history.load("a.txt", at(1), progressed_at=at(1), newest_observed_at=NOW + timedelta(minutes=2))
    row = await sources.row()
    assert (row["clock_skew_s"], row["lag_s"]) == (180.0, 0.0)


async def test_reasons_are_counted_with_up_to_three_examples_of_the_newest_load(
    sources: Sources, history: History
) -> None:
    old = await history.load("a.txt", at(30), reasons={"negative": 2, "missing": 1})
    await history.reject(old, "negative", 2)
    await history.reject(old, "missing", 1)
    new = await history.load("b.txt", at(20), reasons={"negative": 5})
    await history.reject(new, "negative", 5)
    reasons = (await sources.row())["reasons"]
    assert {reason: found["count"] for reason, found in reasons.items()} == {"negative": 7, "missing": 1}
    assert reasons["negative"]["examples"] == [
        {"load_id": new, "file": "b.txt", "line": line, "field": "quantity", "detail": f"line {line}"}
        for line in (1, 2, 3)
    ]
    assert [one["file"] for one in reasons["missing"]["examples"]] == ["a.txt"]


async def test_unknown_stores_are_counted_until_they_are_known(sources: Sources, history: History) -> None:
    load_id = await history.load("a.txt", at(30), reasons={"unknown_store": 2_000})
    await history.reject(load_id, "unknown_store", 2_000, "x")
    assert (await sources.row())["unknown_stores"] == {"count": 700, "examples": ["x0", "x1", "x10"]}
    await sources.open_shops("x0", "x10")
    assert (await sources.row())["unknown_stores"] == {"count": 698, "examples": ["x1", "x100", "x101"]}


async def test_unknown_items_are_counted_until_a_product_feed_names_them(sources: Sources) -> None:
    await sources.sync.load([item("cola"), item("tea"), item("rum", name="Rum")], source="products", as_of=at(60))
    told = [count("1", name, 5, at(40), line=line) for line, name in enumerate(("cola", "tea", "rum"), start=2)]
    await sources.sync.load([*told, count("1", "new", 5, at(40), line=5)], as_of=at(30))
    assert (await sources.row())["unknown_items"] == {"count": 3, "examples": ["cola", "new", "tea"]}
    await sources.sync.load([item("cola", name="Cola")], source="products", as_of=at(10))
    assert (await sources.row())["unknown_items"] == {"count": 2, "examples": ["new", "tea"]}


async def test_an_unknown_item_of_another_source_is_not_told_of_this_one(sources: Sources) -> None:
    await sources.sync.load([count("1", "cola", 5, at(40))], as_of=at(30))
    await sources.sync.load([count("1", "gin", 5, at(40))], source="other", as_of=at(30))
    assert (await sources.row())["unknown_items"] == {"count": 1, "examples": ["cola"]}


async def test_what_a_load_met_is_told(sources: Sources) -> None:
    """From the file to the engineer, nothing written down by hand."""
    lines = [count("1", "cola", 5, at(40)), count("nowhere", "cola", 5, at(45), line=3)]
    await sources.sync.load(lines, as_of=at(30), file="a.txt")
    row = await sources.row()
    assert (row["rows"], row["applied"], row["rejected"], row["lag_s"]) == (2, 1, 1, 40 * 60)
    told = row["reasons"]["unknown_store"]
    assert (told["count"], told["examples"][0]["file"], told["examples"][0]["line"]) == (1, "a.txt", 3)
    assert row["unknown_stores"] == {"count": 1, "examples": ["nowhere"]}
    assert row["unknown_items"] == {"count": 1, "examples": ["cola"]}
    assert row["last_position"]["as_of"] == at(30)


async def test_a_pause_is_told_and_who_decided_it_is_kept(sources: Sources, history: History) -> None:
    await sources.pause()
    await sources.pause()
    assert (await sources.row())["paused"] is True
    await sources.resume()
    rows = await sources.sync.fetch("SELECT paused, decided_at, decided_by FROM source_pause ORDER BY source_pause_id")
    assert [tuple(row) for row in rows] == [(True, NOW, "ann@till"), (False, NOW, "ann@till")]


async def test_a_long_history_is_looked_at_in_bounded_work(sources: Sources, history: History, pool: Pool) -> None:
    """1,000 newer loads hide the older ones; no query reads all of a large table."""
    for number in range(RECENT_LOADS + 20):
        await history.load(f"{number}.txt", at(5_000 - number), rows=1)
    load_id = await history.load("last.txt", at(20), rows=1, reasons={"negative": 40_000, "unknown_store": 40_000})
    await history.reject(load_id, "negative", 40_000)
    await history.reject(load_id, "unknown_store", 40_000, "x")
    await pool.execute("ANALYZE load; ANALYZE rejected; ANALYZE source")
    assert (await sources.row())["rows"] == RECENT_LOADS
    read = await _rows_read(pool, sources)
    assert 0 < read < 2_000, f"{read} rows of rejected were read"


async def _rows_read(pool: Pool, sources: Sources) -> int:
    """Rows of `rejected` that one overview reads, by index or not."""
    async with connected(pool, deadline_s=DEADLINE_S) as connection, connection.transaction():
        before = await _reads(connection)
        await diagnostics.overview(connection, NOW)
        return await _reads(connection) - before


async def _reads(connection: Any) -> int:
    return int(
        await connection.fetchval(
            "SELECT pg_stat_get_xact_tuples_returned('rejected'::regclass)"
            " + sum(pg_stat_get_xact_tuples_returned(indexrelid))::bigint"
            " FROM pg_index WHERE indrelid = 'rejected'::regclass"
        )
    )

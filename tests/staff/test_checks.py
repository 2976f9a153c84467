"""What to look at next, in one store, on one walk."""

import asyncio
from typing import Any

import pytest

from inventory_service.domain.offer import Details
from inventory_service.lookup.demand import Demand
from tests.staff.world import COUNTING, ONE_STORE, Counter
from tests.sync.world import GTIN, NOW, at, count, item


async def shelves(counter: Counter, *told: tuple[str, int, float, str | None]) -> dict[str, int]:
    """Of s1: item, pieces, how many hours ago, aisle; the ids of the products."""
    rows = [
        count("s1", item_id, pieces, at(60 * hours), details=Details(aisle=aisle))
        for item_id, pieces, hours, aisle in told
    ]
    await counter.sync.load([*(item(item_id, name=item_id) for item_id, *_ in told), *rows])
    return {
        row["item_id"]: row["product_id"]
        for row in await counter.pool.fetch(
            "SELECT item_id, product_id FROM item JOIN retailer USING (retailer_id) WHERE slug = 'acme'"
        )
    }


async def asked_for(counter: Counter, product_id: int, times: int) -> None:
    demand = counter.service.demand
    for _ in range(times):
        demand.count(product_id)
    await demand.add_up(counter.pool, counter.time())


async def checks(counter: Counter, more: str = "", key: str = COUNTING) -> list[Any]:
    heard = await counter.get(f"checks?store_code=s1{more}", key)
    assert (heard.status, heard.json["next"]) == (200, None)
    results: list[Any] = heard.json["results"]
    return results


def names(results: list[Any]) -> list[str]:
    return [one["product"]["name"] for one in results]


async def test_the_most_useful_few_stand_in_the_order_of_one_walk(counter: Counter) -> None:
    await shelves(counter, ("a", 5, 200, "10"), ("b", 1, 200, "2"), ("c", 1, 250, None), ("d", 9, 1, "1"))
    assert names(await checks(counter, "&limit=3")) == ["b", "a", "c"]
    assert names(await checks(counter, "&limit=1")) == ["b"]
    assert "Paxlovid" in names(await checks(counter))


async def test_each_says_what_is_answered_now_and_why(counter: Counter) -> None:
    ids = await shelves(counter, ("a", 2, 72, "7"))
    await asked_for(counter, ids["a"], 700)
    (check,) = await checks(counter, "&limit=1")
    value, probability = check.pop("value"), check.pop("probability")
    assert value > 1
    assert 0.6 < probability < 0.9
    assert check == {
        "product": {"id": ids["a"], "gtin": None, "name": "a", "brand": None, "image_url": None},
        "aisle": "7",
        "availability": "limited_availability",
        "quantity_band": "1-2",
        "quantity": 2,
        "as_of": "2026-11-19T12:00:00Z",
        "asked_per_day": 100.0,
        "why": "Said to be down to a few 3 days ago; asked for 100 times a day.",
    }
    (plain,) = await checks(counter, "&limit=1", ONE_STORE)
    assert "quantity" not in plain


async def test_what_is_asked_for_more_is_looked_at_first_while_it_is_asked_for(counter: Counter) -> None:
    ids = await shelves(counter, ("a", 5, 60, None), ("b", 5, 61, None))
    assert names(await checks(counter, "&limit=1")) == ["b"]
    await asked_for(counter, ids["a"], 50)
    assert names(await checks(counter, "&limit=1")) == ["a"]
    counter.time.passes(days=7)
    assert names(await checks(counter, "&limit=1")) == ["b"]


async def test_what_was_confirmed_lately_is_not_looked_at_again(counter: Counter) -> None:
    await shelves(counter, ("a", 5, 60, None))
    assert "a" in names(await checks(counter))
    confirmation = (await counter.confirm(item_id="a")).json
    assert "a" not in names(await checks(counter))
    await counter.undo(confirmation["id"])
    assert "a" in names(await checks(counter))
    await counter.confirm(item_id="a", shelf="seen")
    counter.time.passes(hours=25)
    assert "a" in names(await checks(counter))


async def test_a_product_that_has_turned_out_to_be_another_is_not_looked_for(counter: Counter) -> None:
    await shelves(counter, ("a", 5, 60, None))
    await counter.sync.load([item("a", GTIN)])
    assert len(await checks(counter)) == len({one["product"]["id"] for one in await checks(counter)}) == 1


@pytest.mark.parametrize(
    ("query", "pointers"),
    [("", ["store_id"]), ("store_code=s1&limit=101", ["limit"]), ("store_code=s1&limit=0", ["limit"])],
)
async def test_each_wrong_field_is_named(counter: Counter, query: str, pointers: list[str]) -> None:
    heard = await counter.get(f"checks?{query}")
    assert (heard.status, heard.pointers) == (400, pointers)


# How often


async def counted(counter: Counter) -> dict[tuple[int, str], int]:
    rows = await counter.pool.fetch("SELECT product_id, day::text AS day, count FROM asked")
    return {(row["product_id"], row["day"]): row["count"] for row in rows}


async def test_answers_of_many_workers_add_up_by_day_and_old_days_go(counter: Counter) -> None:
    workers = [Demand(), Demand()]
    for worker in workers:
        for product_id in (7, 7, 9):
            worker.count(product_id)
        await worker.add_up(counter.pool, NOW)
        await worker.add_up(counter.pool, NOW)
    assert await counted(counter) == {(7, "2026-11-22"): 4, (9, "2026-11-22"): 2}
    counter.time.passes(days=8)
    workers[0].count(7)
    await workers[0].add_up(counter.pool, counter.time())
    assert await counted(counter) == {(7, "2026-11-30"): 1}


async def test_an_answer_is_counted_and_a_question_about_nothing_is_not(counter: Counter) -> None:
    ids = await shelves(counter)
    for target, status in ((f"gtin={GTIN}", 200), (f"product={ids['i1']}", 200), ("gtin=4006381333931", 404)):
        heard = await counter.send("GET", f"/v1/availability?{target}&lat=47.6&lon=-122.3", None)
        assert heard.status == status
    await counter.service.demand.add_up(counter.pool, NOW)
    async with asyncio.timeout(20):
        while sum((found := await counted(counter)).values()) < 2:
            await asyncio.sleep(0.01)
    assert found == {(ids["i1"], "2026-11-22"): 2}

"""A confirmation taken back: the level is as if it had not been, and nothing is gone from the trace."""

import asyncio
from datetime import timedelta

from inventory_service.domain.stock import NOTHING_KNOWN, Stock
from tests.staff.world import COUNTING, OTHERS, STAFF, Counter
from tests.sync.world import GTIN, NOW, OWN_GTIN, at, count, item


async def test_the_level_is_as_if_it_had_not_been(counter: Counter) -> None:
    before = await counter.held()
    confirmation = (await counter.confirm()).json
    counter.time.passes(minutes=5)
    heard = await counter.undo(confirmation["id"])
    assert heard.status == 200
    assert heard.json == {**confirmation, "undone_at": "2026-11-22T12:05:00Z"}
    after = await counter.held()
    assert (after.stock, after.observed_at, after.covered_at, after.source) == (
        before.stock,
        before.observed_at,
        before.covered_at,
        before.source,
    )


async def test_twice_is_the_same(counter: Counter) -> None:
    confirmation = (await counter.confirm()).json
    first = await counter.undo(confirmation["id"])
    counter.time.passes(minutes=5)
    entries = len(await counter.sync.log("levels"))
    again = await counter.undo(confirmation["id"], COUNTING)
    assert (again.status, again.json["undone_at"]) == (200, first.json["undone_at"])
    assert len(await counter.sync.log("levels")) == entries


async def test_many_at_once_take_it_back_once(counter: Counter) -> None:
    confirmation = (await counter.confirm()).json
    entries = len(await counter.sync.log("levels"))
    heard = await asyncio.gather(*(counter.undo(confirmation["id"]) for _ in range(20)))
    assert {(one.status, one.body) for one in heard} == {(200, heard[0].body)}
    assert len(await counter.sync.log("levels")) == entries + 1


async def test_of_two_at_one_moment_the_other_still_counts(counter: Counter) -> None:
    first, second = (await counter.confirm()).json, (await counter.confirm()).json
    await counter.undo(first["id"])
    assert (await counter.held()).quantity == 0
    await counter.undo(second["id"])
    assert (await counter.held()).quantity == 5


async def test_what_was_told_meanwhile_stands(counter: Counter) -> None:
    confirmation = (await counter.confirm()).json
    counter.time.passes(hours=1)
    await counter.sync.load([count("s1", "i1", 5, at(-30))])
    await counter.undo(confirmation["id"])
    after = await counter.held()
    assert (after.quantity, after.covered_at) == (5, at(-30))


async def test_days_of_echoes_later_it_can_still_be_taken_back(counter: Counter) -> None:
    confirmation = (await counter.confirm()).json
    for hour in range(1, 40):
        counter.time.passes(hours=4)
        await counter.sync.load([count("s1", "i1", 5, NOW + timedelta(hours=4 * hour))])
    assert (await counter.held()).quantity == 0
    assert (await counter.undo(confirmation["id"])).status == 200
    assert (await counter.held()).quantity == 5


async def test_after_so_much_news_that_it_was_added_up_with_the_rest_it_is_settled(counter: Counter) -> None:
    confirmation = (await counter.confirm()).json
    for day in range(1, 22):
        counter.time.passes(days=1)
        await counter.sync.load([count("s1", "i1", day, NOW + timedelta(days=day))])
    heard = await counter.undo(confirmation["id"])
    assert (heard.status, heard.json["type"]) == (409, "/problems/settled")
    assert (await counter.get("confirmations")).json["results"][0]["undone_at"] is None


async def test_where_it_was_the_only_word_nothing_is_known(counter: Counter) -> None:
    confirmation = (await counter.confirm(gtin=OWN_GTIN, shelf="seen")).json
    await counter.undo(confirmation["id"])
    assert (await counter.held(OWN_GTIN)).stock == NOTHING_KNOWN
    held = await counter.get(f"position?store_code=s1&gtin={OWN_GTIN}")
    assert (held.json["availability"], held.json["probability"]) == ("unknown", None)
    assert (await counter.confirm(gtin=OWN_GTIN, quantity=3)).json["after"]["availability"] == "in_stock"


async def test_of_a_product_that_has_turned_out_to_be_another_it_is_taken_back_there(counter: Counter) -> None:
    confirmation = (await counter.confirm(item_id="plain", quantity=9)).json
    await counter.sync.load([item("plain", GTIN)])
    assert (await counter.held()).stock == Stock.exactly(14)
    heard = await counter.undo(confirmation["id"])
    assert (heard.status, heard.json["product"]["gtin"]) == (200, GTIN)
    assert (await counter.held()).quantity == 5


async def test_one_that_is_not_there_or_not_theirs_is_not_found(counter: Counter) -> None:
    confirmation = (await counter.confirm()).json
    missing, others = await counter.undo("999999"), await counter.undo(confirmation["id"], OTHERS)
    assert (missing.status, missing.pointers) == (404, ["id"])
    assert (others.status, others.body) == (404, missing.body)
    assert (await counter.undo("x")).status == 400


async def test_the_trace_tells_who_when_before_and_after_newest_first(counter: Counter) -> None:
    told = [(await counter.confirm(quantity=number)).json for number in range(5)]
    await counter.undo(told[3]["id"])
    page = (await counter.get("confirmations?limit=2")).json
    assert [one["id"] for one in page["results"]] == [told[4]["id"], told[3]["id"]]
    assert page["results"][0]["by"] == {"key": STAFF[:9], "name": f"the one that begins with {STAFF[:6]}"}
    assert page["results"][0]["before"] == told[4]["before"]
    assert page["results"][1]["undone_at"] == "2026-11-22T12:00:00Z"
    rest = (await counter.get(f"confirmations?limit=50&cursor={page['next']}")).json
    assert ([one["id"] for one in rest["results"]], rest["next"]) == ([one["id"] for one in told[2::-1]], None)
    assert (await counter.get(f"confirmations?store_id={counter.store_ids['acme/s2']}")).json["results"] == []

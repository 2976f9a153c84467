"""What we said at a moment is told again as it was said, with what it stood on and nothing that came later."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_service.domain.answered import Shelf as ShelfOf
from inventory_service.domain.answered import answered
from inventory_service.domain.belief.verdict import Judgement
from inventory_service.domain.errors import InputError, NotFoundError
from inventory_service.domain.history import MOST_BEHIND
from inventory_service.domain.stock import Stock
from inventory_service.explaining.explain import SPOKE_LATER
from inventory_service.explaining.explanation import Explanation
from inventory_service.explaining.naming import shelf, shelf_of_item
from inventory_service.explaining.telling import as_json, plain, sections
from inventory_service.storage import learned, positions
from inventory_service.storage.postgres import connected
from inventory_service.web.wording import instant_text
from tests.explaining.world import HORIZON, Day
from tests.sync.world import GTIN, Syncer, at, count, shop

FORGOTTEN = "position, coverage, held, load, rejected, confirmation, source, shopper_report"
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.sampled_from([None, 0, 2, 5]), st.sampled_from(["night", "noon"])),
        st.tuples(st.sampled_from(["sale", "delivery"]), st.integers(1, 3), st.sampled_from(["night", "till"])),
        st.tuples(st.just("look"), st.integers(0, 4), st.none()),
        st.tuples(st.just("shopper"), st.booleans(), st.none()),
    ),
    min_size=1,
    max_size=9,
)


@pytest.fixture
async def day(sync: Syncer) -> Day:
    day = Day(sync)
    await day.opened()
    return day


def effects(of: Explanation) -> list[tuple[str, str]]:
    return [(one.report.kind, one.effect) for one in of.words]


async def happen(day: Day, what: tuple[Any, ...], minutes: float) -> None:
    kind, value, source = what
    if kind == "file":
        await day.file(value, minutes, source=source)
    elif kind == "shopper":
        await day.shopper(minutes, found=value)
    elif kind == "look":
        await day.look(value, minutes)
    else:
        await day.event(kind, value, minutes, source)


async def said(day: Day, minutes: float) -> tuple[Stock, Judgement] | None:
    """What an answer of that moment says, by what is held then."""
    of = await day.shelf()
    async with connected(day.sync.pool, deadline_s=10) as connection:
        held = (await positions.held(connection, [(of.product_id, of.store_id)])).values()
        covered = await positions.covered_of(connection, of.store_id)
        knows = await learned.in_force(connection, HORIZON)
    for position in held:
        level = position.level
        told = answered(knows, ShelfOf(of.product_id, of.store_id, of.retailer_id), level, covered, at(minutes))
        return level.stock, told.judgement
    return None


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(happened=HAPPENINGS)
async def test_every_answer_of_a_day_is_told_as_it_was_given(day: Day, happened: list[tuple[Any, ...]]) -> None:
    await day.sync.pool.execute(f"TRUNCATE {FORGOTTEN} CASCADE")
    await day.opened()
    answers = []
    for place, what in enumerate(happened):
        minutes = 1_000 - 50 * place
        await happen(day, what, minutes)
        answers.append((minutes - 20, await said(day, minutes - 20)))
    for minutes, answer in answers:
        if answer is None:
            with pytest.raises(NotFoundError):
                await day.explained(minutes)
        else:
            told = await day.explained(minutes)
            assert (told.level.stock, told.reasoned.judgement) == answer


async def test_sales_and_deliveries_since_the_anchor_are_told(day: Day) -> None:
    await day.file(5, 600)
    await day.event("sale", 2, 500)
    await day.event("delivery", 4, 400)
    told = await day.explained(300)
    assert effects(told) == [("record", "anchor"), ("sale", "moved"), ("delivery", "moved")]
    assert [one.held for one in told.words] == [Stock.exactly(5), Stock.exactly(3), Stock.exactly(7)]
    assert told.words[0].by == "night.tsv"


async def test_staffs_word_outlives_the_echo_of_what_it_contradicted(day: Day) -> None:
    await day.file(5, 600)
    await day.look(0, 500)
    await day.event("sale", 1, 450, source="elsewhere")
    await day.file(5, 400)
    told = await day.explained(300)
    assert ("record", "repeated") in effects(told)
    assert told.reasoned.judgement.availability == "out_of_stock"
    assert [one.by for one in told.words if one.report.kind == "confirmation"] == ["key st_ab12cd Ann"]
    assert any("night has only repeated" in one for one in as_json(told)["summary"])


async def test_whose_word_was_shown_to_those_who_see_no_counts_is_told_where_it_is_anothers(day: Day) -> None:
    await day.file(9, 600)
    await day.file(8, 400)
    same, other = await day.explained(500), await day.explained(300)
    assert not any("Without counts" in one for one in as_json(same)["summary"])
    assert any(
        one.startswith("Without counts it was shown on the word of night at") for one in as_json(other)["summary"]
    )
    assert (as_json(other)["shown"]["as_of"], as_json(other)["as_of"]) == (
        as_json(same)["as_of"],
        instant_text(at(400)),
    )


async def test_shoppers_words_since_the_news_are_told_with_what_they_weigh(day: Day) -> None:
    await day.shopper(700, found=True)
    await day.file(2, 600)
    for minutes, found in ((500, False), (490, False), (480, True)):
        await day.shopper(minutes, found=found)
    before, told = await day.explained(550), await day.explained(300)
    assert "1 of 3 shoppers" in " ".join(as_json(told)["summary"])
    assert as_json(told)["shoppers"] == {"found": 1, "not_found": 2}
    assert any("Shoppers' words add -0." in step for step in told.reasoned.steps)
    assert not before.shoppers
    assert before.level.leaning == 0


async def test_a_word_that_reached_us_later_weighs_nothing_yet(day: Day) -> None:
    await day.file(2, 600)
    await day.shopper(500, found=False, told=300)
    told = await day.explained(400)
    assert not told.shoppers
    assert SPOKE_LATER in told.caveats


async def test_what_had_not_reached_us_then_is_told_apart(day: Day) -> None:
    await day.file(5, 600)
    await day.file(0, 500, told=100, source="noon")
    before, after = await day.explained(300), await day.explained(50)
    assert (before.level.stock, [one.report.observed_at for one in before.late]) == (Stock.exactly(5), [at(500)])
    assert (after.level.stock, after.late) == (Stock.exactly(0), ())


async def test_coverage_counts_as_it_was_then(day: Day) -> None:
    await day.file(5, 600)
    await day.file(5, 400)
    ages = [(await day.explained(minutes)).reasoned.age for minutes in (500, 390, 100)]
    assert ages == [timedelta(minutes=100), timedelta(minutes=10), timedelta(minutes=300)]


async def test_a_full_file_that_came_late_had_not_covered_anything_yet(day: Day) -> None:
    await day.file(5, 600)
    await day.file(5, 400, told=200)
    assert (await day.explained(300)).store_covered_at == at(600)
    assert (await day.explained(100)).store_covered_at == at(400)


async def test_a_load_that_was_taken_back_counted_until_then(day: Day) -> None:
    await day.file(5, 600)
    number = await day.look(0, 500)
    await day.sync.pool.execute(
        "UPDATE confirmation SET undone_at = $2, undone_by = key_id WHERE confirmation_id = $1", number, at(200)
    )
    await day.sync.pool.execute(
        "UPDATE position SET reports = reports || jsonb_build_object('x', ARRAY[-$1::int]) WHERE reports IS NOT NULL",
        number,
    )
    assert (await day.explained(300)).level.stock == Stock.exactly(0)
    after = await day.explained(100)
    assert after.level.stock == Stock.exactly(5)
    assert ("confirmation", "taken back") in effects(after)


async def test_a_time_of_which_nothing_is_kept_says_how_far_back_it_can_tell(day: Day) -> None:
    for place in range(20):
        await day.file(place, 2_000 - 50 * place)
    first = (await day.explained(1)).begins_at
    assert first > at(2_000)
    with pytest.raises(NotFoundError, match=f"{first:%Y-%m-%d %H:%M:%S}Z"):
        await day.explained(1_990)


async def test_a_long_history_folded_away_says_so_too(day: Day) -> None:
    await day.file(500, 20_000)
    await day.events("sale", [19_000 - 10 * place for place in range(MOST_BEHIND + 20)])
    await day.event("sale", 1, 100)
    with pytest.raises(NotFoundError, match="what is kept of it begins at"):
        await day.explained(19_500)
    assert (await day.explained(1)).level.stock == Stock.exactly(500 - MOST_BEHIND - 21)


async def test_a_shelf_that_nobody_told_of_was_in_no_answer(day: Day) -> None:
    with pytest.raises(NotFoundError, match="Nobody has ever told us of Cola at Store 1"):
        await day.explained(1)


async def test_silence_beyond_the_horizon_is_told_step_by_step(day: Day) -> None:
    await day.file(5, 30 * 24 * 60)
    told = await day.explained(1)
    assert told.reasoned.judgement == Judgement("unknown", None)
    assert any("longer than the horizon" in step for step in told.reasoned.steps)


@pytest.mark.parametrize("quantity", [1, 2, 3, 7])
async def test_the_steps_end_in_what_was_said(day: Day, quantity: int) -> None:
    await day.file(5, 600)
    told = await day.explained(100, quantity)
    assert f" {told.reasoned.judgement.probability:.4f}." in " ".join(told.reasoned.steps)


async def test_the_lines_for_a_pipe_tell_all_of_it(day: Day) -> None:
    await day.file(5, 600)
    await day.look(2, 500)
    text = "\n".join(plain(sections(await day.explained(100))))
    for part in (
        "Cola at Store 1 (acme/1)",
        "limited_availability",
        "key st_ab12cd Ann",
        "night.tsv",
        "probability",
        "at least 1 piece is there",
    ):
        assert part in text
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("gtin", "store", "error"),
    [
        ("00300691085302", "acme/1", InputError),
        ("04006381333931", "acme/1", NotFoundError),
        (GTIN, "acme/2", NotFoundError),
        (GTIN, "nobody/1", NotFoundError),
        (GTIN, "999999", NotFoundError),
        (GTIN, "1; DROP TABLE store", InputError),
        (GTIN, "99999999999", InputError),
    ],
)
async def test_names_that_mean_nothing_are_refused(day: Day, gtin: str, store: str, error: type[Exception]) -> None:
    async with connected(day.sync.pool, deadline_s=10) as connection:
        with pytest.raises(error):
            await shelf(connection, gtin, store)


async def test_a_store_goes_by_our_id_too(day: Day) -> None:
    named = await day.shelf()
    async with connected(day.sync.pool, deadline_s=10) as connection:
        assert await shelf(connection, GTIN, str(named.store_id)) == named


async def test_an_item_without_a_gtin_goes_by_its_retailers_own_id(sync: Syncer) -> None:
    await sync.load([shop("1"), count("1", "loose/apples", 4, at(30))])
    async with connected(sync.pool, deadline_s=5) as connection:
        found = await shelf_of_item(connection, "acme/loose/apples", "acme/1")
        assert str(found) == "item loose/apples at Store 1 (acme/1)"
        for item, sentence in (("acme/pears", "acme has no item pears"), ("bolt/pears", "such as acme/4711")):
            with pytest.raises((InputError, NotFoundError), match=sentence):
                await shelf_of_item(connection, item, "acme/1")

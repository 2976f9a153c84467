"""Counts never leak, however often they are told anew: feed after feed, with staff in between, on real servers.

What one town's feeds repeat, the other's may change within the band, and the other way round.
"""

from itertools import chain

import orjson
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.answers.towns import COUNTS, PLACE, SHOPS, Town, assert_alike, new_gtin

KINDS = st.sampled_from(["delta", "delta", "snapshot", "another source", "seen", "low", "none"])
MANY = st.sampled_from([20, 30, 40])
PIECES = st.one_of(st.sampled_from([(0, 0), (1, 1), (2, 2)]), *[st.tuples(MANY, MANY)] * 3)
"""Here and there."""
TOLD = st.lists(PIECES, min_size=3, max_size=3)
STEPS = st.lists(st.tuples(KINDS, TOLD, st.sampled_from(SHOPS[:3])), min_size=1, max_size=5)


async def tell(towns: tuple[Town, Town], gtin: str, kind: str, told: list[tuple[int, int]], code: str) -> None:
    for each, pieces in zip(towns, zip(*told, strict=True), strict=True):
        if kind in ("seen", "low", "none"):
            await each.look(gtin, code, kind)
        else:
            source = "another" if kind == "another source" else "feed"
            await each.stock(gtin, pieces, snapshot=kind == "snapshot", source=source)


async def may_be_told(town: Town, gtin: str) -> list[tuple[object, ...]]:
    """Word, band and step of each store, for each quantity that anybody may ask for."""
    asked = [f"/v1/availability?gtin={gtin}&{PLACE}&quantity={quantity}" for quantity in (1, 2, 3)]
    answers = [orjson.loads((await town.get(target))[2])["results"] for target in asked]
    return [
        (one["store"]["store_code"], one["availability"], one["quantity_band"], one["probability"])
        for one in chain.from_iterable(answers)
    ]


@given(TOLD, STEPS)
@settings(max_examples=30, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
async def test_nobody_without_the_scope_can_tell_what_was_repeated_from_what_was_changed(
    towns: tuple[Town, Town], first: list[tuple[int, int]], steps: list[tuple[str, list[tuple[int, int]], str]]
) -> None:
    here, there = towns
    gtin = new_gtin()
    await tell(towns, gtin, "delta", first, "")
    for kind, told, code in steps:
        here.time.passes(minutes=7)
        await tell(towns, gtin, kind, told, code)
        assume(await may_be_told(here, gtin) == await may_be_told(there, gtin))
        await assert_alike(towns, gtin)


async def test_a_count_that_changed_is_told_as_one_that_was_repeated_but_to_whoever_is_told_counts(
    towns: tuple[Town, Town],
) -> None:
    here, there = towns
    gtin, plain = new_gtin(), f"/v1/availability?gtin={{}}&{PLACE}&limit=1"
    await tell(towns, gtin, "delta", [(20, 20)] * 3, "")
    began = here.time().isoformat().replace("+00:00", "Z")
    here.time.passes(minutes=7)
    await tell(towns, gtin, "delta", [(20, 21)] * 3, "")
    now = here.time().isoformat().replace("+00:00", "Z")
    await assert_alike(towns, gtin)
    assert (await here.get("/v1/accuracy"))[2] == (await there.get("/v1/accuracy"))[2]
    (told,) = orjson.loads((await there.get(plain.format(gtin)))[2])["results"]
    assert (told["as_of"], told["covered_at"], told["evidence"][0]["observed_at"]) == (began, now, began)
    (counted,) = orjson.loads((await there.get(plain.format(gtin), Authorization=f"Bearer {COUNTS}"))[2])["results"]
    assert (counted["as_of"], counted["evidence"][0]["quantity"]) == (now, 21)

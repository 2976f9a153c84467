"""Counts never leak, on real servers: two worlds whose feeds differ in counts alone, loaded in one go each.

Where the same words, bands and steps are told of them, nobody without scope `counts` sees a difference in any byte.
"""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inventory_service.domain.belief.learned import untaught
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock
from inventory_service.settings import Settings
from inventory_service.web.wording import public_probability
from tests.answers.towns import COUNTS, PLACE, SHOPS, Town, assert_alike, new_gtin
from tests.sync.world import NOW, at

HOURS = (1, 20, 100, 300)
MOST = 60


def told_of(pieces: int, hours: int) -> tuple[Any, ...]:
    """All that may be told of a record, for each quantity that anybody may ask for."""
    learned, seen_at = untaught(timedelta(seconds=Settings().horizon_s)), at(60 * hours)
    stock = Stock.exactly(pieces)
    basis = learned.basis(1, 1, Level(stock, seen_at, seen_at, seen_at, 1), seen_at, NOW)
    judged = [learned.judge(basis, quantity, 0) for quantity in (1, 2, 3)]
    steps = [None if one.probability is None else public_probability(one.probability) for one in judged]
    return stock.band, *((one.availability, step) for one, step in zip(judged, steps, strict=True))


def alike(hours: int) -> list[list[int]]:
    """Counts of which the same is told, where there are several."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for pieces in range(MOST + 1):
        found.setdefault(told_of(pieces, hours), []).append(pieces)
    return [group for group in found.values() if len(group) > 1]


@st.composite
def twins(draw: st.DrawFn) -> tuple[int, int, int]:
    """Two counts that nobody may tell apart, and how many hours ago they were seen."""
    hours = draw(st.sampled_from(HOURS))
    group = draw(st.sampled_from(ALIKE[hours]))
    return draw(st.sampled_from(group)), draw(st.sampled_from(group)), hours


ALIKE = {hours: alike(hours) for hours in HOURS}
WORLDS = st.lists(twins(), min_size=1, max_size=len(SHOPS)).filter(lambda found: any(a != b for a, b, _ in found))


@given(WORLDS)
@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
async def test_nobody_without_the_scope_can_tell_two_loads_apart(
    towns: tuple[Town, Town], levels: list[tuple[int, int, int]]
) -> None:
    here, there = towns
    gtin, minutes = new_gtin(), [60 * hours for *_, hours in levels]
    await here.stock(gtin, [one for one, *_ in levels], minutes)
    await there.stock(gtin, [other for _, other, _ in levels], minutes)
    await assert_alike(towns, gtin)
    plain = f"/v1/availability?gtin={gtin}&{PLACE}"
    counted = [(await each.get(plain, Authorization=f"Bearer {COUNTS}"))[2] for each in towns]
    assert counted[0] != counted[1]

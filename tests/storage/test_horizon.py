"""What snapshots see, compared long after they were taken."""

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.storage import changes
from inventory_service.storage.horizon import Horizon

HORIZONS = st.builds(
    lambda end, running: Horizon(min({one for one in running if one < end}, default=end), end, frozenset(running)),
    st.integers(3, 9),
    st.frozensets(st.integers(1, 8), max_size=4),
).map(lambda one: Horizon(one.start, one.end, frozenset(xact for xact in one.running if xact < one.end)))


def seen(one: Horizon) -> set[int]:
    return {xact for xact in range(1, one.end) if xact not in one.running}


@given(HORIZONS, HORIZONS)
def test_one_covers_another_where_it_sees_all_that_the_other_sees(one: Horizon, other: Horizon) -> None:
    assert one.covers(other) == (seen(one) >= seen(other))


@given(HORIZONS)
def test_a_horizon_goes_through_text(one: Horizon) -> None:
    assert Horizon.parse(str(one)) == one


@pytest.mark.parametrize("text", ["", "1", "1:2", "1:2:x", "a:b:"])
def test_what_is_no_horizon_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Horizon.parse(text)


async def test_a_snapshot_taken_later_covers_the_earlier_and_not_the_other_way_round(database_url: str) -> None:
    one, other = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    slow = one.transaction()
    await slow.start()
    await one.execute("SELECT pg_current_xact_id()")
    before = await changes.horizon(other)
    await other.execute("SELECT pg_current_xact_id()")
    between = await changes.horizon(other)
    await slow.commit()
    after = await changes.horizon(other)
    assert (between.covers(before), after.covers(between), after.covers(before)) == (True, True, True)
    assert (before.covers(between), between.covers(after), before.covers(after)) == (False, False, False)
    await one.close()
    await other.close()

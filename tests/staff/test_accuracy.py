"""What staff tell at the counter becomes the score in public, and that of their own stores."""

from typing import Any

import pytest

from tests.staff.world import ONE_STORE, OTHERS, READER, STAFF, Counter

TIMES = 32


async def looked(counter: Counter) -> list[str]:
    """Every two hours somebody looks at a shelf: three times in four it is there. Ids of what was told."""
    told = []
    for place in range(TIMES):
        counter.time.passes(hours=2)
        words = {"store_code": "s1" if place % 2 else "s2", "shelf": "none" if place % 4 == 3 else "seen"}
        told.append((await counter.confirm(**words)).json["id"])
    return told


async def report(counter: Counter, key: str | None = None) -> Any:
    heard = await counter.send("GET", "/v1/accuracy?days=7", key)
    assert heard.status == 200
    return heard.json


async def test_what_was_answered_before_is_judged_by_what_was_seen(counter: Counter) -> None:
    await looked(counter)
    told = await report(counter)
    assert told["confirmations"]["judged"] == told["score"]["count"] == TIMES
    assert told["score"]["seen_share"] == 0.75
    assert sum(one["count"] for one in told["score"]["reliability"]) == TIMES
    assert 0 < told["score"]["brier"] < 1


async def test_what_is_taken_back_does_not_count(counter: Counter) -> None:
    told = await looked(counter)
    for one in told[:3]:
        assert (await counter.undo(one)).status == 200
    found = await report(counter)
    assert found["confirmations"]["undone"] == 3
    assert found["confirmations"]["judged"] == TIMES - 3
    assert found["score"] is None


@pytest.mark.parametrize(
    ("key", "judged"), [(STAFF, TIMES), (ONE_STORE, TIMES // 2), (OTHERS, 0), (READER, TIMES), (None, TIMES)]
)
async def test_staff_see_the_figures_of_their_own_stores(counter: Counter, key: str | None, judged: int) -> None:
    await looked(counter)
    assert (await report(counter, key))["confirmations"]["judged"] == judged


async def test_looking_twice_is_told_apart(counter: Counter) -> None:
    for _ in range(3):
        await counter.confirm(shelf="seen")
        counter.time.passes(minutes=10)
    found = (await report(counter))["confirmations"]
    assert (found["judged"], found["repeated"]) == (1, 2)

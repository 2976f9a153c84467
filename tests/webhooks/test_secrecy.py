"""Two worlds that differ only in counts tell a key without scope counts the same, event for event and byte for byte."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.availability import Backing, Evidence, Found, OpenState
from inventory_service.domain.key import Key
from inventory_service.domain.stock import Stock
from inventory_service.domain.webhooks import NOTHING_TOLD, is_news
from inventory_service.web.webhook_events import EventWording
from inventory_service.webhooks.looking import Sight
from inventory_service.webhooks.telling import may_hear
from tests.web.twin import NOW, PAXLOVID, STORES

PLAIN = Key(1, "sk", "plain", "sk_p", frozenset({"read"}))
COUNTING = Key(2, "sk", "counting", "sk_c", frozenset({"read", "counts"}))
WORDS = EventWording()

WORD_OF = {
    "0": ("out_of_stock", "unknown"),
    "1-2": ("limited_availability", "unknown"),
    "3+": ("in_stock", "limited_availability", "unknown"),
}
BANDS = {"0": st.just(0), "1-2": st.integers(1, 2), "3+": st.integers(3, 10_000)}
STEPS = st.sampled_from([(band, word, step) for band in BANDS for word in WORD_OF[band] for step in range(1, 20)])


def sight(pieces: int, word: Any, probability: float, shown_at: datetime, at: datetime | None = None) -> Sight:
    """`at`: of the evidence itself, if it is another one than what is shown."""
    stock = Stock.exactly(pieces)
    exact, shown = (
        Backing(one, one, (Evidence("record", source, stock, one),))
        for source, one in (("till" if at else "feed", at or shown_at), ("feed", shown_at))
    )
    found = Found(
        store=STORES[0],
        hours=OpenState(),
        distance_m=0,
        availability=word,
        probability=None if word == "unknown" else probability,
        stock=stock,
        exact=exact,
        shown=shown,
    )
    return Sight(PAXLOVID, found)


def told(world: list[Sight], key: Key) -> list[bytes]:
    """The bodies of all events, as the positions change one after another."""
    events, before = [], dict(NOTHING_TOLD)
    for place, seen in enumerate(world):
        now = WORDS.seen(seen, key)
        previous = {name: before.get(name) for name in now}
        if is_news(previous, now):
            events.append(WORDS.event(seen, key, previous, NOW + timedelta(minutes=place)))
            before = now
    return events


@st.composite
def twins(draw: st.DrawFn) -> tuple[list[Sight], list[Sight]]:
    """Word, band, rounded probability and the evidence that is shown are the same at each step; counts, exact
    probabilities and the evidence itself are drawn twice.
    """
    worlds: tuple[list[Sight], list[Sight]] = ([], [])
    for place, (band, word, step) in enumerate(draw(st.lists(STEPS, min_size=1, max_size=8))):
        for world in worlds:
            exact = step / 20 + draw(st.floats(-0.024, 0.024))
            shown_at, later = NOW - timedelta(hours=9 - place), timedelta(seconds=draw(st.integers(0, 3_000)))
            world.append(
                sight(draw(BANDS[band]), word, exact, shown_at, draw(st.sampled_from((None, shown_at + later))))
            )
    return worlds


@given(twins())
def test_counts_show_neither_in_events_nor_in_when_they_come(worlds: tuple[list[Sight], list[Sight]]) -> None:
    one, other = worlds
    assert told(one, PLAIN) == told(other, PLAIN)


def test_a_key_with_counts_would_tell_these_worlds_apart() -> None:
    one, other = ([sight(pieces, "in_stock", 0.9, NOW)] for pieces in (5, 6))
    assert told(one, COUNTING) != told(other, COUNTING)
    assert told(one, PLAIN) == told(other, PLAIN) != []


def test_evidence_that_a_count_has_moved_within_its_band_is_told_to_keys_with_counts_alone() -> None:
    one, other = [sight(5, "in_stock", 0.9, NOW)], [sight(5, "in_stock", 0.9, NOW, NOW + timedelta(seconds=9))]
    assert told(one, PLAIN) == told(other, PLAIN)
    assert b"till" in told(other, COUNTING)[0]
    assert b'"as_of":"2026-11-22T03:40:21Z"' in told(other, COUNTING)[0]


def test_a_key_is_told_of_its_retailers_and_fields_alone() -> None:
    seen = sight(5, "in_stock", 0.9, NOW)
    assert may_hear(PLAIN, seen)
    assert may_hear(Key(3, "sk", "", "", frozenset(), retailers=frozenset({"cvs"})), seen)
    assert not may_hear(Key(3, "sk", "", "", frozenset(), retailers=frozenset({"indie"})), seen)
    few = Key(3, "sk", "", "", frozenset({"read"}), fields=frozenset({"availability"}))
    assert set(WORDS.seen(seen, few)) == {"availability"}
    body = WORDS.event(seen, few, {"availability": "unknown"}, NOW)
    assert b"quantity_band" not in body
    assert b"evidence" not in body
    assert not is_news({"availability": "in_stock"}, WORDS.seen(sight(2, "in_stock", 0.9, NOW), few))

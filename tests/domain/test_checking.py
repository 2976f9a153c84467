"""What a look is worth, and the order of the walk."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.answered import NOTHING, Answered, Shelf, answered
from inventory_service.domain.belief.learned import untaught
from inventory_service.domain.checking import Candidate, along_the_aisles, most_useful, reason, worth
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEARNED = untaught(timedelta(days=14))
SHELF = Shelf(1, 1, 1)


def told(pieces: int, days: float) -> Answered:
    at = NOW - timedelta(days=days)
    return answered(LEARNED, SHELF, Level(Stock.exactly(pieces), at, at, at, 1), {}, NOW)


def value(pieces: int, days: float, asked: int = 70) -> float:
    return worth(Candidate(1, told(pieces, days), asked), LEARNED.model)


@given(st.integers(0, 50), st.floats(0, 30), st.integers(0, 10_000))
def test_what_is_asked_for_more_is_worth_no_less(pieces: int, days: float, asked: int) -> None:
    assert 0 <= value(pieces, days, asked) <= value(pieces, days, asked + 1)


def test_what_is_unsure_is_worth_more_than_what_has_just_been_told() -> None:
    assert value(5, 13) > value(5, 0.1)
    assert value(1, 1) > value(40, 1)


def test_there_is_nothing_to_be_looked_at_where_nobody_ever_told_anything() -> None:
    assert worth(Candidate(1, NOTHING, 70), LEARNED.model) == 0


def test_the_most_useful_come_first_and_ties_by_id() -> None:
    few = [Candidate(4, told(9, 1), 7), Candidate(3, told(9, 1), 7), Candidate(2, told(1, 9), 7)]
    best = most_useful(few, 2, LEARNED.model)
    assert [check.candidate.product_id for check in best] == [2, 3]


def test_one_walk_goes_along_the_aisles_as_they_are_numbered() -> None:
    aisles = ["A 10", None, "B 1", "a 2", "A 2b", "", "7", "Dairy"]
    assert sorted(aisles, key=along_the_aisles) == ["", "7", "a 2", "A 2b", "A 10", "B 1", "Dairy", None]


@given(st.lists(st.none() | st.text(max_size=8)), st.randoms())
def test_any_aisles_have_one_order(aisles: list[str | None], random: Random) -> None:
    ordered = [along_the_aisles(aisle) for aisle in sorted(aisles, key=along_the_aisles)]
    random.shuffle(aisles)
    assert [along_the_aisles(aisle) for aisle in sorted(aisles, key=along_the_aisles)] == ordered


@pytest.mark.parametrize(
    ("of", "asked", "sentence"),
    [
        (told(5, 0.01), 0, "Said to be there an hour ago; seldom asked for."),
        (told(1, 3), 98, "Said to be down to a few 3 days ago; asked for 14 times a day."),
        (told(0, 0.5), 7, "Said to be gone 12 hours ago; seldom asked for."),
        (told(5, 20), 700, "Nothing sure was told for 20 days; asked for 100 times a day."),
    ],
)
def test_each_says_why(of: Answered, asked: int, sentence: str) -> None:
    assert reason(Candidate(1, of, asked), of.covered_at, NOW) == sentence

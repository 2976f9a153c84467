"""Shoppers' words move the probability a little, together never far, and nothing but the probability."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.belief.reading import leant
from inventory_service.domain.shoppers import BOUND, HALF_LIFE, HUNDREDTHS, Word, leaning, supersedes

EVIDENCE_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOON = EVIDENCE_AT + timedelta(hours=2)

LATER = st.timedeltas(timedelta(microseconds=1), timedelta(days=30))
WORDS = st.builds(Word, st.booleans(), LATER.map(lambda later: EVIDENCE_AT + later))
CROWDS = st.lists(WORDS, min_size=1, max_size=30)
PROBABILITIES = st.floats(0.01, 0.99)


def leaned(probability: float, hundredths: int) -> float:
    """As answers are."""
    return leant(probability, hundredths / HUNDREDTHS)


def said(*found: bool) -> int:
    """What so many voices of one moment weigh."""
    return leaning([Word(one, NOON) for one in found], EVIDENCE_AT)


def test_one_voice_doubles_or_halves_the_odds() -> None:
    assert leaned(0.5, said(True)) == pytest.approx(2 / 3, abs=0.002)
    assert leaned(0.5, said(False)) == pytest.approx(1 / 3, abs=0.002)


def test_each_further_voice_on_one_side_weighs_less_and_still_something() -> None:
    weights = [said(*[False] * voices) for voices in range(6)]
    steps = [before - after for before, after in pairwise(weights)]
    assert steps == sorted(steps, reverse=True)
    assert min(steps) > 0


@pytest.mark.parametrize("liars", [1, 3, 10, 1_000, 100_000])
def test_liars_however_many_neither_empty_a_full_shelf_nor_fill_an_empty_one(liars: int) -> None:
    emptied, filled = leaned(0.95, said(*[False] * liars)), leaned(0.05, said(*[True] * liars))
    assert 0.75 <= emptied < 0.95
    assert 0.05 < filled <= 0.25


@given(CROWDS)
def test_no_crowd_passes_the_bound(words: list[Word]) -> None:
    assert abs(leaning(words, EVIDENCE_AT)) <= HUNDREDTHS * BOUND


@given(CROWDS)
def test_the_order_of_arrival_does_not_matter(words: list[Word]) -> None:
    assert leaning(words, EVIDENCE_AT) == leaning(words[::-1], EVIDENCE_AT)


@given(CROWDS)
def test_words_for_and_against_cancel(words: list[Word]) -> None:
    other_way = [Word(not word.found, word.observed_at) for word in words]
    assert leaning(words + other_way, EVIDENCE_AT) == 0
    assert leaning(other_way, EVIDENCE_AT) == -leaning(words, EVIDENCE_AT)


@given(CROWDS, st.booleans())
def test_one_voice_more_never_moves_it_the_other_way(words: list[Word], found: bool) -> None:
    newest = max(word.observed_at for word in words)
    before, after = leaning(words, EVIDENCE_AT), leaning([*words, Word(found, newest)], EVIDENCE_AT)
    assert after >= before if found else after <= before


def test_words_up_to_the_evidence_weigh_nothing() -> None:
    old = [Word(False, EVIDENCE_AT), Word(False, EVIDENCE_AT - timedelta(days=1))]
    assert leaning(old, EVIDENCE_AT) == 0
    assert leaning([*old, Word(True, NOON)], EVIDENCE_AT) == said(True)
    assert leaning([], EVIDENCE_AT) == 0


def test_a_newer_word_outweighs_an_older_one() -> None:
    contradicted = [Word(False, NOON), Word(True, NOON + HALF_LIFE)]
    assert 0 < leaning(contradicted, EVIDENCE_AT) < said(True)


@given(PROBABILITIES, st.integers(-200, 200))
def test_a_shift_and_its_reverse_undo_each_other(probability: float, hundredths: int) -> None:
    assert leaned(leaned(probability, hundredths), -hundredths) == pytest.approx(probability)


@given(PROBABILITIES, st.integers(-200, 200))
def test_the_probability_of_the_opposite_is_shifted_the_other_way(probability: float, hundredths: int) -> None:
    assert leaned(1 - probability, -hundredths) == pytest.approx(1 - leaned(probability, hundredths))


@given(PROBABILITIES)
def test_where_nobody_has_spoken_it_is_the_same_to_the_bit(probability: float) -> None:
    assert leaned(probability, 0) == probability


def test_of_one_voice_the_last_word_counts() -> None:
    first, second = Word(False, NOON), Word(True, NOON + timedelta(minutes=1))
    assert supersedes(second, first, EVIDENCE_AT)
    assert not supersedes(first, second, EVIDENCE_AT)


def test_a_repetition_tells_nothing_new_unless_news_came_in_between() -> None:
    again = Word(False, NOON + timedelta(minutes=2))
    assert not supersedes(again, Word(False, NOON), EVIDENCE_AT)
    assert not supersedes(again, Word(False, NOON), None)
    assert supersedes(again, Word(False, NOON), NOON + timedelta(minutes=1))


def test_the_page_of_the_attack_tells_what_liars_can_do() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SHOPPERS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)
    assert len(rows) > 4
    for liars, emptied, filled in rows:
        shift = said(*[True] * int(liars))
        assert (emptied, filled) == (f"{leaned(0.95, -shift):.3f}", f"{leaned(0.05, shift):.3f}")

"""What is shown to those who are told no counts: moved by bands, looks and sales, and by no count within a band."""

from dataclasses import replace
from itertools import groupby, takewhile

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory_service.domain.level import Shown, stand, summed
from inventory_service.domain.report import Report, merge
from inventory_service.domain.showing import Showing
from inventory_service.domain.stock import NONE_LEFT, SEEN, Band, Stock
from tests.domain.reporting import absent, at, count, delivery, fold, one_by_one, reports, sale, seen


def shown(*told: Report) -> Shown:
    return fold(merge((), told)).in_bands


def moments(ordered: tuple[Report, ...]) -> list[tuple[Report, ...]]:
    return [tuple(some) for _, some in groupby(ordered, key=lambda report: report.observed_at)]


def bands(ordered: tuple[Report, ...]) -> list[Band | None]:
    """After each moment."""
    standings, found = stand(()), []
    for some in moments(ordered):
        standings = stand(some, standings)
        found.append(summed(standings).stock.band if standings else None)
    return found


@pytest.mark.parametrize("pieces", [3, 5, 6, 900])
def test_a_count_that_changes_within_its_band_is_shown_as_one_that_is_repeated(pieces: int) -> None:
    assert shown(count(0, 5), count(1, pieces)) == Shown(1, at(0), at(1))


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_a_count_of_another_band_is_news(pieces: int) -> None:
    assert shown(count(0, 5), count(1, pieces)) == Shown(1, at(1), at(1))


@pytest.mark.parametrize("pieces", [5, 6])
def test_who_has_looked_stays_shown_whatever_count_of_the_same_band_follows(pieces: int) -> None:
    assert shown(count(0, 5), seen(1, SEEN), count(2, pieces)) == Shown(9, at(1), at(1))


def test_who_looks_is_shown_even_where_nothing_changes() -> None:
    assert shown(count(0, 5), seen(1, SEEN)) == Shown(9, at(1), at(1))


def test_a_sale_within_the_band_is_shown_and_leaves_whose_word_it_is() -> None:
    assert shown(count(0, 9), sale(1, source=2)) == Shown(1, at(1), at(1))


@pytest.mark.parametrize("pieces", [7, 8])
def test_another_source_that_tells_the_same_band_is_not_shown(pieces: int) -> None:
    assert shown(count(0, 7), count(1, pieces, source=2)) == Shown(1, at(0), at(0))


@pytest.mark.parametrize("pieces", [5, 6])
def test_the_source_that_is_shown_stands_by_it_also_where_the_count_that_holds_is_anothers(pieces: int) -> None:
    assert shown(count(0, 5), count(1, 8, source=2), count(2, pieces)) == Shown(1, at(0), at(2))


def test_a_sale_from_a_shelf_that_was_seen_empty_shows_the_seller_again() -> None:
    assert shown(count(0, 9), seen(1, NONE_LEFT), sale(60)) == Shown(1, at(60), at(60))


def test_a_file_that_does_not_list_an_item_is_news_where_some_were_left() -> None:
    assert shown(count(0, 5), absent(1)) == Shown(1, at(1), at(1))


@pytest.mark.parametrize("split", [(1, 1), (2, 0), (0, 2)])
def test_items_of_one_product_are_shown_by_the_band_of_their_sum(split: tuple[int, int]) -> None:
    told = [count(0, 2), count(0, 0, rank=1), count(1, split[0]), count(1, split[1], rank=1)]
    assert shown(*told) == Shown(1, at(0), at(1))


@given(st.lists(reports(sources=3, ranks=2), min_size=1, max_size=20), st.data())
def test_showing_can_go_on_between_any_two_moments(told: list[Report], data: st.DataObject) -> None:
    ordered = merge((), told)
    assume(stand(ordered))
    some = moments(ordered)
    cut = data.draw(st.integers(0, len(some)))
    before = Showing().hear(report for moment in some[:cut] for report in moment)
    rest = [report for moment in some[cut:] for report in moment]
    assert Showing(before.standings, before.shown).hear(rest).level == fold(ordered)


QUANTITIES = st.integers(0, 9)


@st.composite
def twins(draw: st.DrawFn) -> tuple[tuple[Report, ...], tuple[Report, ...]]:
    """Two histories that differ in counts alone; at one moment one source tells something."""
    one, other = [], []
    for minute in range(draw(st.integers(1, 40) | st.integers(1, 12))):
        kind = draw(st.sampled_from(["record", "record", "record", "absence", "sale", "delivery", "look"]))
        source, rank, look = draw(st.integers(1, 2)), draw(st.sampled_from([0, 0, 0, 1])), draw(LOOKS)
        for side in (one, other):
            pieces = draw(QUANTITIES)
            if kind == "record":
                side.append(count(10 * minute, pieces, source=source, rank=rank))
            elif kind == "absence":
                side.append(absent(10 * minute, source=source, rank=rank))
            elif kind == "look":
                side.append(replace(seen(10 * minute, look), rank=rank))
            else:
                move = sale if kind == "sale" else delivery
                side.append(move(10 * minute, pieces, source=source, rank=rank))
    return tuple(one), tuple(other)


LOOKS = st.sampled_from([NONE_LEFT, SEEN, Stock(1, 2)])


@given(twins())
def test_histories_that_differ_in_counts_alone_show_the_same_where_their_bands_are_the_same(
    both: tuple[tuple[Report, ...], tuple[Report, ...]],
) -> None:
    one, other = both
    alike = sum(takewhile(bool, (first == second for first, second in zip(bands(one), bands(other), strict=True))))
    assume(stand(one[:alike]))
    assert fold(one[:alike]).in_bands == fold(other[:alike]).in_bands
    assert one_by_one(one[:alike]).level == fold(one[:alike])

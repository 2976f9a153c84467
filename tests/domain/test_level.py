"""The merge rule: a level depends on what was reported, never on how the reports came in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from inventory_service.domain.level import RECORDS_KEPT, Level, Record, fold, merge, retain
from inventory_service.domain.offer import NO_DETAILS, Details, Money
from inventory_service.domain.stock import IN_STOCK, NONE_LEFT, SEEN, Stock

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
STOCKS = st.sampled_from([NONE_LEFT, Stock.exactly(1), Stock.exactly(2), IN_STOCK, SEEN])
DETAILS = st.sampled_from([NO_DETAILS, NO_DETAILS, Details(aisle="A1"), Details(price=Money(Decimal("2.50"), "USD"))])


def at(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def record(minute: int, quantity: int, *, source: int = 1, told_at: int | None = None, aisle: str = "") -> Record:
    told = minute if told_at is None else told_at
    details = Details(aisle=aisle) if aisle else NO_DETAILS
    return Record(at(minute), at(told), Stock.exactly(quantity), source, details)


def records(sources: int, at_most: int) -> st.SearchStrategy[list[Record]]:
    one = st.builds(
        Record, st.integers(0, 6).map(at), st.integers(0, 2).map(at), STOCKS, st.integers(1, sources), DETAILS
    )
    return st.lists(one, min_size=1, max_size=at_most)


def whole(reports: Sequence[Record]) -> Level:
    """The level of everything at once, with nothing forgotten."""
    return fold(merge((), reports))


def arriving(batches: Sequence[Sequence[Record]]) -> tuple[Record, ...]:
    kept: tuple[Record, ...] = ()
    for batch in batches:
        kept = retain(merge(kept, batch))
    return kept


def oracle(reports: Sequence[Record]) -> tuple[Stock, datetime, datetime, datetime, int]:
    """DESIGN §4.1 again, for records alone, by looking back instead of walking forward."""
    ordered = sorted(
        {
            (one.observed_at, one.as_of, *one.stock.generosity, one.source_id, repr(one.details)): one
            for one in reports
        }.values(),
        key=lambda one: (
            one.observed_at,
            one.as_of,
            -one.stock.generosity[0],
            -one.stock.low,
            one.source_id,
            repr(one.details),
        ),
    )

    def is_news(place: int) -> bool:
        mine = [one for one in ordered[:place] if one.source_id == ordered[place].source_id]
        return not mine or mine[-1].stock != ordered[place].stock

    last = max(place for place in range(len(ordered)) if is_news(place))
    anchor = ordered[last]
    covered_at = max(one.observed_at for one in ordered[last:] if one.source_id == anchor.source_id)
    return (anchor.stock, anchor.observed_at, anchor.as_of, covered_at, anchor.source_id)


@given(records(sources=3, at_most=30))
def test_the_level_is_the_newest_news_and_the_last_echo_of_it(reports: list[Record]) -> None:
    level = whole(reports)
    assert (level.stock, level.observed_at, level.as_of, level.covered_at, level.source_id) == oracle(reports)


@given(records(sources=3, at_most=RECORDS_KEPT), st.data())
def test_order_of_arrival_batches_and_repetitions_do_not_matter(reports: list[Record], data: st.DataObject) -> None:
    rng = Random(data.draw(st.integers(0, 2**32)))
    shuffled = reports + rng.sample(reports, rng.randint(0, len(reports)))
    rng.shuffle(shuffled)
    batches, rest = [], shuffled
    while rest:
        size = rng.randint(1, len(rest))
        batches.append(rest[:size])
        rest = rest[size:]
    kept = arriving(batches)
    assert kept == merge((), reports)
    assert fold(kept) == whole(reports)


@given(records(sources=1, at_most=24), records(sources=1, at_most=60))
def test_what_a_single_source_told_long_ago_can_be_forgotten_as_long_as_reports_come_in_order(
    first: list[Record], then: list[Record]
) -> None:
    reports = merge((), [*first, *then])
    kept = arriving([[one] for one in reports])
    assert fold(kept) == fold(reports)


@given(records(sources=3, at_most=90))
@example([record(0, 5, source=2), record(1, 3), record(2, 5, source=2), *(record(3 + n, 3) for n in range(24))])
def test_forgetting_does_not_change_the_level_of_several_sources(reports: list[Record]) -> None:
    ordered = merge((), reports)
    assert fold(retain(ordered)) == fold(ordered)
    assert fold(arriving([[one] for one in ordered])) == fold(ordered)


@given(st.integers(1, 3), st.integers(RECORDS_KEPT, 200))
def test_the_records_that_are_kept_are_few_however_many_come(sources: int, number: int) -> None:
    reports = [record(n, n % 3, source=1 + n % sources) for n in range(number)]
    kept = arriving([[one] for one in reports])
    assert RECORDS_KEPT <= len(kept) <= RECORDS_KEPT + 2 * sources
    assert set(reports[-RECORDS_KEPT:]) <= set(kept)


def test_forgetting_keeps_the_anchor_behind_a_long_run_of_echoes() -> None:
    reports = [record(0, 7), *(record(n, 4) for n in range(1, 200))]
    level = fold(arriving([[one] for one in reports]))
    assert (level.stock, level.observed_at, level.covered_at) == (Stock.exactly(4), at(1), at(199))


def test_the_later_observation_wins_whatever_file_told_it() -> None:
    assert whole([record(5, 3, told_at=6), record(4, 9, told_at=99)]).stock == Stock.exactly(3)


def test_of_two_files_about_one_moment_the_later_file_wins() -> None:
    assert whole([record(5, 3, told_at=6), record(5, 9, told_at=7)]).stock == Stock.exactly(9)


def test_of_two_counts_in_one_file_about_one_moment_the_smaller_wins() -> None:
    level = whole([record(5, 3, told_at=6), record(5, 9, told_at=6)])
    assert level.stock == Stock.exactly(3)


def test_of_two_words_about_one_moment_the_smaller_claim_wins() -> None:
    one, other = (Record(at(1), at(1), stock, 1) for stock in (SEEN, IN_STOCK))
    assert whole([one, other]).stock == SEEN
    assert whole([one, other, Record(at(1), at(1), Stock.exactly(9), 1)]).stock == Stock.exactly(9)


def test_an_echo_moves_coverage_and_nothing_else() -> None:
    before, after = whole([record(1, 3)]), whole([record(1, 3), record(9, 3)])
    assert after.covered_at == at(9)
    assert (after.stock, after.observed_at, after.as_of) == (before.stock, before.observed_at, before.as_of)


def test_a_second_source_that_repeats_itself_does_not_contradict_a_newer_word_of_the_first() -> None:
    level = whole([record(1, 0, source=2), record(2, 6), record(3, 0, source=2)])
    assert (level.stock, level.source_id, level.covered_at) == (Stock.exactly(6), 1, at(2))


def test_another_count_is_news_even_if_it_returns_to_an_older_one() -> None:
    level = whole([record(1, 3), record(2, 4), record(3, 3)])
    assert (level.stock, level.observed_at, level.covered_at) == (Stock.exactly(3), at(3), at(3))


def test_a_late_record_turns_later_ones_into_echoes() -> None:
    late = retain(merge(retain(merge((), [record(5, 3)])), [record(2, 3)]))
    assert (fold(late).observed_at, fold(late).covered_at) == (at(2), at(5))


def test_details_are_those_of_the_newest_row_even_if_it_only_repeats_the_count() -> None:
    level = whole([record(1, 3, aisle="A1"), record(2, 3, aisle="A2")])
    assert (level.details, level.observed_at) == (Details(aisle="A2"), at(1))


def test_a_source_that_tells_counts_alone_leaves_the_details_of_another_in_place() -> None:
    assert whole([record(1, 3, aisle="A1"), record(2, 4, source=2)]).details == Details(aisle="A1")


def test_a_source_that_no_longer_tells_details_takes_its_own_back() -> None:
    level = whole([record(1, 3, aisle="A1"), record(2, 4), record(0, 9, source=2, aisle="B1")])
    assert level.details == Details(aisle="B1")

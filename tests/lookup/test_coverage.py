"""Coverage remembers the newest word of each source about each store."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from inventory_service.lookup.coverage import Coverage

pairs = st.tuples(st.integers(1, 2**31 - 1) | st.integers(1, 3), st.integers(1, 2**15 - 1) | st.integers(1, 2))
moments = st.datetimes(timezones=st.just(UTC))
news = st.dictionaries(pairs, moments, max_size=8)
NINE, TEN = (datetime(2022, 3, 16, hour, tzinfo=UTC) for hour in (9, 10))


def test_the_coverage_that_was_read_last_counts_and_a_file_taken_back_makes_it_older():
    assert Coverage.of([(1, 2, NINE)]).updated([(1, 2, TEN)]).covered_at(1, 2) == TEN
    assert Coverage.of([(1, 2, TEN)]).updated([(1, 2, NINE)]).covered_at(1, 2) == NINE


def test_an_update_leaves_the_older_state_as_it_was():
    before = Coverage.of([(1, 2, NINE)])
    after = before.updated([(1, 3, TEN)])
    assert before.covered_at(1, 3) is None
    assert (after.covered_at(1, 2), after.covered_at(1, 3)) == (NINE, TEN)


@given(st.lists(news, max_size=4), pairs)
def test_coverage_is_what_was_read_last_of_each_store_and_source(several, other):
    coverage, expected = Coverage.of(()), dict[tuple[int, int], datetime]()
    for one in several:
        coverage = coverage.updated([(*pair, moment) for pair, moment in one.items()])
        expected |= one
    assert dict(coverage) == expected
    assert all(coverage.covered_at(*pair) == expected.get(pair) for pair in [*expected, other])

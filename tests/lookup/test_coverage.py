"""Coverage remembers the newest word of each source about each store."""

from datetime import UTC, datetime

from inventory_service.lookup.coverage import Coverage

NINE, TEN = (datetime(2022, 3, 16, hour, tzinfo=UTC) for hour in (9, 10))


def test_the_coverage_that_was_read_last_counts_and_a_file_taken_back_makes_it_older():
    assert Coverage.of([(1, 2, NINE)]).updated([(1, 2, TEN)]).covered_at(1, 2) == TEN
    assert Coverage.of([(1, 2, TEN)]).updated([(1, 2, NINE)]).covered_at(1, 2) == NINE


def test_an_update_leaves_the_older_state_as_it_was():
    before = Coverage.of([(1, 2, NINE)])
    after = before.updated([(1, 3, TEN)])
    assert before.covered_at(1, 3) is None
    assert (after.covered_at(1, 2), after.covered_at(1, 3)) == (NINE, TEN)

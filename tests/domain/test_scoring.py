"""Scores of forecasts: what a perfect one gets, what a coin gets, and how sure a share is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.scoring import (
    BINS,
    ENOUGH,
    Tally,
    added,
    bin_of,
    record_says,
    score,
    tally_of,
    wilson,
)

Forecast = tuple[float, bool]
SHARES = st.floats(0, 1)
FORECASTS = st.lists(st.tuples(SHARES, st.booleans()), min_size=ENOUGH, max_size=120)


def tallies(forecasts: list[Forecast], record: float = 0.5) -> dict[int, Tally]:
    bins: dict[int, Tally] = {}
    for probability, there in forecasts:
        place = bin_of(probability)
        bins[place] = bins.get(place, Tally()) + tally_of(probability, record, there=there)
    return bins


@given(st.lists(st.booleans(), min_size=ENOUGH, max_size=100))
def test_who_always_knows_has_no_error_at_all(truths: list[bool]) -> None:
    found = score(tallies([(float(there), there) for there in truths]))
    assert found is not None
    assert (found.brier, found.ece) == (0, 0)


@given(st.lists(st.booleans(), min_size=ENOUGH, max_size=100))
def test_who_always_says_a_half_gets_a_quarter(truths: list[bool]) -> None:
    found = score(tallies([(0.5, there) for there in truths]))
    assert found is not None
    assert found.brier == pytest.approx(0.25)
    assert found.brier_of_record == pytest.approx(0.25)


@given(st.integers(0, 10), st.integers(3, 20))
def test_who_is_right_as_often_as_promised_is_calibrated(tenths: int, times: int) -> None:
    forecasts = [(tenths / 10, place < tenths) for place in range(10)] * times
    found = score(tallies(forecasts))
    assert found is not None
    assert found.ece == pytest.approx(0)
    assert found.brier == pytest.approx(tenths / 10 * (1 - tenths / 10))


def test_who_promises_too_much_is_told_by_how_much() -> None:
    found = score(tallies([(0.95, place < 6) for place in range(10)] * 10))
    assert found is not None
    assert found.ece == pytest.approx(0.35)
    (line,) = found.table
    assert (line.low, line.high, line.count) == (0.9, 1.0, 100)
    assert (line.predicted, line.observed) == (pytest.approx(0.95), pytest.approx(0.6))


@given(FORECASTS, SHARES)
def test_no_constant_beats_the_true_share(forecasts: list[Forecast], other: float) -> None:
    truths = [there for _, there in forecasts]
    share = sum(truths) / len(truths)
    best, found = (score(tallies([(constant, there) for there in truths])) for constant in (share, other))
    assert best is not None
    assert found is not None
    assert best.brier <= found.brier + 1e-12


@given(FORECASTS)
def test_every_forecast_stands_in_exactly_one_line_of_the_table(forecasts: list[Forecast]) -> None:
    found = score(tallies(forecasts))
    assert found is not None
    assert sum(line.count for line in found.table) == found.count == len(forecasts)
    for line in found.table:
        assert line.low - 1e-4 <= line.predicted <= line.high + 1e-4
        assert 0 <= line.observed_low <= line.observed <= line.observed_high <= 1
    assert 0 <= found.ece <= 1


def test_the_interval_of_a_share_holds_it() -> None:
    for count in range(1, 300):
        for seen in {0, 1, count // 2, count}:
            low, high = wilson(seen, count)
            assert 0 <= low <= seen / count <= high <= 1


@given(st.lists(st.tuples(SHARES, st.booleans()), max_size=ENOUGH - 1))
def test_too_few_give_no_score(forecasts: list[Forecast]) -> None:
    assert score(tallies(forecasts)) is None


@given(SHARES)
def test_four_bytes_put_a_probability_into_no_other_bin(probability: float) -> None:
    rounded = round(probability, 2)
    kept = float(math.nextafter(rounded, 0)) if rounded else 0.0
    assert bin_of(kept) == bin_of(rounded) == min(int(round(rounded * 100) // 10), BINS - 1)


@pytest.mark.parametrize(
    ("low", "high", "said"), [(1, None, 1.0), (3, 3, 1.0), (0, 0, 0.0), (0, None, 0.5), (0, 2, 0.5), (None, None, 0.5)]
)
def test_a_record_is_taken_at_its_word(low: int | None, high: int | None, said: float) -> None:
    assert record_says(low, high) == said


@given(st.lists(st.builds(Tally, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=5))
def test_tallies_add_up_in_any_order(some: list[Tally]) -> None:
    assert added(some) == added(reversed(some))


@given(st.integers(1, 2_000), st.data())
def test_wilsons_interval_holds_the_share_and_narrows(count: int, data: st.DataObject) -> None:
    seen = data.draw(st.integers(0, count))
    low, high = wilson(seen, count)
    assert 0 <= low <= seen / count + 1e-12
    assert seen / count - 1e-12 <= high <= 1
    narrower = wilson(4 * seen, 4 * count)
    assert narrower[1] - narrower[0] < high - low


@pytest.mark.parametrize("count", [30, 100, 300])
def test_wilsons_interval_holds_the_truth_nineteen_times_in_twenty(count: int) -> None:
    held = []
    for percent in range(2, 99):
        truth = percent / 100
        chances = (
            math.comb(count, seen) * truth**seen * (1 - truth) ** (count - seen)
            for seen in range(count + 1)
            if wilson(seen, count)[0] <= truth <= wilson(seen, count)[1]
        )
        held.append(sum(chances))
    assert sum(held) / len(held) == pytest.approx(0.95, abs=0.01)
    assert min(held) > 0.83

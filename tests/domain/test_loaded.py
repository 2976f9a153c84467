"""The tally of a load, and of several together."""

from inventory_service.domain.feed import REFUSALS_SHOWN, Loaded, Refusal


def test_two_tallies_together_add_up_and_name_the_later_load() -> None:
    one = Loaded(rows=3, applied=1, unchanged=1, rejected=1, duplicates=1, reasons={"negative": 1}, load_id=4)
    other = Loaded(rows=2, applied=0, unchanged=0, rejected=2, held=1, reasons={"negative": 1, "missing": 1}, load_id=5)
    assert one.joined(other) == Loaded(
        rows=5,
        applied=1,
        unchanged=1,
        rejected=3,
        held=1,
        duplicates=1,
        reasons={"negative": 2, "missing": 1},
        load_id=5,
    )


def test_a_stream_that_never_ends_keeps_no_more_refusals_than_are_shown() -> None:
    batch = Loaded(rejected=1, refusals=(Refusal(1, None, "missing", ""),))
    tally = Loaded()
    for _ in range(10 * REFUSALS_SHOWN):
        tally = tally.joined(batch)
    assert (tally.rejected, len(tally.refusals)) == (10 * REFUSALS_SHOWN, REFUSALS_SHOWN)

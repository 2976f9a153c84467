"""What a bot is said to know follows from what looks alike."""

from loadtests.inferring import alike, figures


def test_counts_that_look_alike_to_the_end_are_told_apart_by_their_band_alone() -> None:
    same = {count: [0.9, 0.9, 0.9] for count in range(6)}
    assert alike(same, hours=1) == [[0], [1], [2], [3, 4, 5]]


def test_an_hour_more_can_tell_them_apart() -> None:
    of = {4: [0.9, 0.9, 0.9, 0.85, 0.8, 0.8], 5: [0.9, 0.9, 0.9, 0.85, 0.85, 0.8]}
    assert (alike(of, hours=1), alike(of, hours=2)) == ([[4, 5]], [[4], [5]])


def test_who_can_tell_nothing_apart_knows_none() -> None:
    assert figures([list(range(61))]) == {"known_share": 0.0, "alike_mean": 61.0}
    assert figures([[count] for count in range(61)]) == {"known_share": 1.0, "alike_mean": 1.0}

"""What a bot is said to know follows from what looks alike."""

from loadtests.inferring import alike, figures, given_away, retold


def test_counts_that_look_alike_to_the_end_are_told_apart_by_their_band_alone() -> None:
    same = {count: [0.9, 0.9, 0.9] for count in range(6)}
    assert alike(same, hours=1) == [[0], [1], [2], [3, 4, 5]]


def test_an_hour_more_can_tell_them_apart() -> None:
    of = {4: [0.9, 0.9, 0.9, 0.85, 0.8, 0.8], 5: [0.9, 0.9, 0.9, 0.85, 0.85, 0.8]}
    assert (alike(of, hours=1), alike(of, hours=2)) == ([[4, 5]], [[4], [5]])


def test_who_can_tell_nothing_apart_knows_none() -> None:
    assert figures([list(range(61))]) == {"known_share": 0.0, "alike_mean": 61.0}
    assert figures([[count] for count in range(61)]) == {"known_share": 1.0, "alike_mean": 1.0}


def test_a_change_that_looks_like_its_repetition_is_not_given_away() -> None:
    same = {one: [0.9, 0.9, 0.9] for one in retold()}
    assert given_away(same) == 0.0
    assert given_away({one: [float(one[0] - one[1])] for one in retold()}) == 1.0


def test_all_changes_by_one_within_a_band_are_looked_at_and_no_others() -> None:
    changes = {(one, other) for one, other in retold() if one != other}
    assert {(1, 2), (2, 1), (3, 4), (60, 59)} <= changes
    assert not {(2, 3), (3, 2), (1, 0)} & changes

"""What is spent counts in all limits or in none, and is all there again when its window ends."""

import re

from inventory_service.spending.meter import Meter, per_day, per_minute
from inventory_service.spending.purse import Purse

NOON_S = 1_800_000_000.0 // 86_400 * 86_400 + 43_200


def purse(*meters: Meter) -> Purse:
    return Purse(meters, {})


def standing(of: Purse, now_s: float) -> tuple[str, int, int]:
    found = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', of.headers(now_s)["RateLimit"])
    assert found is not None
    return found[1], int(found[2]), int(found[3])


def test_a_quota_is_spent_to_the_last_piece_and_no_further() -> None:
    of = purse(Meter("a:1.2.3.4", per_minute(5)))
    assert [of.spend(cost, NOON_S) is None for cost in (2, 2, 2, 1, 1)] == [True, True, False, True, False]
    assert standing(of, NOON_S)[1] == 0


def test_all_is_there_again_once_the_window_has_ended() -> None:
    of = purse(Meter("a:1.2.3.4", per_minute(1)))
    assert of.spend(1, NOON_S) is None
    left_s = standing(of, NOON_S)[2]
    assert 1 <= left_s <= 60
    short = of.spend(1, NOON_S)
    assert short is not None
    assert short.left_s(NOON_S) == left_s
    assert of.spend(1, NOON_S + left_s) is None


def test_what_one_limit_refuses_no_other_counts() -> None:
    minute, day = Meter("k:1", per_minute(10)), Meter("k:1", per_day(3))
    of = purse(minute, day)
    assert of.spend(2, NOON_S) is None
    assert of.spend(2, NOON_S) is day
    assert (minute.spent, day.spent) == (2, 2)


def test_the_limit_that_is_nearest_to_its_end_is_told_and_all_are_named() -> None:
    of = purse(Meter("k:1", per_minute(10)), Meter("k:1", per_day(100)))
    of.spend(1, NOON_S)
    assert of.headers(NOON_S)["RateLimit-Policy"] == '"minute";q=10;w=60, "day";q=100;w=86400'
    assert standing(of, NOON_S)[:2] == ("minute", 9)
    for minute in range(1, 20):
        of.spend(5, NOON_S + 60 * minute)
    assert standing(of, NOON_S + 60 * 19)[:2] == ("day", 4)


def test_a_day_ends_at_midnight_of_utc() -> None:
    of = purse(Meter("k:1", per_day(3)))
    of.spend(1, NOON_S)
    assert standing(of, NOON_S) == ("day", 2, 43_200)


def test_what_is_given_back_was_never_spent() -> None:
    meter = Meter("k:1", per_minute(3))
    of = purse(meter)
    of.spend(3, NOON_S)
    of.give_back(3)
    assert (meter.spent, meter.unsent) == (0, 0)
    assert of.spend(3, NOON_S) is None


def test_who_has_no_limit_is_told_of_none() -> None:
    of = purse()
    assert of.spend(1_000_000, NOON_S) is None
    assert (of.headers(NOON_S), of.lines(NOON_S)) == ({}, b"")


def test_the_lines_on_the_wire_are_the_headers() -> None:
    of = purse(Meter("a:1.2.3.4", per_minute(600)))
    of.spend(1, NOON_S)
    told = "".join(f"{name}: {value}\r\n" for name, value in of.headers(NOON_S).items())
    assert of.lines(NOON_S) == told.encode()


def test_not_everybody_comes_back_in_the_same_second() -> None:
    ends = set()
    for number in range(200):
        meter = Meter(f"a:10.0.0.{number}", per_minute(1))
        meter.begin(NOON_S)
        ends.add(meter.left_s(NOON_S))
    assert len(ends) > 30

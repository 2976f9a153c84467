"""Open or closed in the store's own time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.availability import OpenState
from inventory_service.domain.hours import OUTLOOK, hours_fault, open_state

NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_open_store_tells_when_it_closes_in_utc() -> None:
    state = open_state("Mo-Sa 08:00-22:00; Su 09:00-20:00", NEW_YORK, utc("2026-07-01T23:10:42"))
    assert state == OpenState(open_now=True, closes_at=utc("2026-07-02T02:00:00"))
    assert state.closes_at is not None
    assert state.closes_at.tzinfo is UTC


def test_a_closed_store_tells_when_it_opens() -> None:
    state = open_state("Mo-Sa 08:00-22:00; Su 09:00-20:00", NEW_YORK, utc("2026-07-05T03:00:00"))
    assert state == OpenState(open_now=False, opens_at=utc("2026-07-05T13:00:00"))


def test_the_same_hours_are_read_in_each_stores_own_zone() -> None:
    at = utc("2026-01-14T07:30:00")
    assert open_state("08:00-20:00", "Europe/Berlin", at).open_now is True
    assert open_state("08:00-20:00", "Europe/London", at).open_now is False
    assert open_state("08:00-20:00", "Asia/Kathmandu", at).closes_at == utc("2026-01-14T14:15:00")


@pytest.mark.parametrize("text", ["24/7", "00:00-24:00", "Mo-Su 00:00-24:00", "Mo-Su 10:00-10:00"])
def test_a_store_that_never_closes_is_open_without_an_end(text: str) -> None:
    assert open_state(text, NEW_YORK, utc("2026-07-01T12:00:00")) == OpenState(open_now=True)


@pytest.mark.parametrize("text", ["off", "24/7 off", "2019 Mo-Su 08:00-20:00", "2099 Mo-Su 08:00-20:00"])
def test_a_store_that_does_not_open_within_the_outlook_is_closed_without_an_end(text: str) -> None:
    assert open_state(text, NEW_YORK, utc("2026-07-01T12:00:00")) == OpenState(open_now=False)


def test_a_seasonal_store_tells_its_next_season() -> None:
    state = open_state("Jun-Aug 10:00-18:00", "Europe/Berlin", utc("2026-10-01T12:00:00"))
    assert state.opens_at == utc("2027-06-01T08:00:00")


def test_hours_past_midnight_belong_to_one_evening() -> None:
    state = open_state("Fr-Sa 18:00-02:00", "Europe/London", utc("2026-07-11T00:30:00"))
    assert state == OpenState(open_now=True, closes_at=utc("2026-07-11T01:00:00"))


def test_a_mere_change_of_comment_is_no_closing() -> None:
    text = 'Mo-Su 08:00-12:00 "early staff", Mo-Su 12:00-18:00 "late staff"'
    assert open_state(text, "UTC", utc("2026-07-01T09:00:00")).closes_at == utc("2026-07-01T18:00:00")


@pytest.mark.parametrize("text", [None, "", "  ", "ask inside", "Mo-Fr 8-18", "\ud800", "24/7; " * 400])
def test_hours_that_nobody_can_read_are_unknown(text: str | None) -> None:
    assert open_state(text, NEW_YORK, utc("2026-07-01T12:00:00")) == OpenState()


def test_uncertain_hours_are_unknown() -> None:
    assert open_state("08:00-20:00 unknown", "UTC", utc("2026-07-01T12:00:00")) == OpenState()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "America", "\ud800", "a\x00b"])
def test_a_zone_that_does_not_exist_makes_the_state_unknown(zone: str) -> None:
    assert open_state("24/7", zone, utc("2026-07-01T12:00:00")) == OpenState()


def test_the_night_the_clocks_go_forward_is_an_hour_shorter() -> None:
    state = open_state("Mo-Su 08:00-22:00", NEW_YORK, utc("2026-03-08T03:00:00"))
    assert state.opens_at == utc("2026-03-08T12:00:00")


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    state = open_state("Mo-Su 08:00-22:00", NEW_YORK, utc("2026-11-01T03:00:00"))
    assert state.opens_at == utc("2026-11-01T13:00:00")


def test_a_closing_time_that_the_clocks_skip_is_the_moment_they_jump() -> None:
    state = open_state("Mo-Su 01:30-02:30", NEW_YORK, utc("2026-03-08T06:45:00"))
    assert state.closes_at == utc("2026-03-08T07:00:00")


def test_hours_inside_the_doubled_hour_count_each_time_the_wall_clock_shows_them() -> None:
    before = open_state("Mo-Su 00:30-01:30", NEW_YORK, utc("2026-11-01T05:15:00"))
    between = open_state("Mo-Su 00:30-01:30", NEW_YORK, utc("2026-11-01T05:45:00"))
    assert before.closes_at == utc("2026-11-01T05:30:00")
    assert between == OpenState(open_now=False, opens_at=utc("2026-11-01T06:00:00"))


TEXTS = st.sampled_from(
    [
        "Mo-Sa 08:00-22:00; Su 09:00-20:00",
        "Mo-Su 01:30-02:30",
        "Mo-Su 22:00-03:00",
        "Mo-Fr 09:00-12:30,13:30-18:00; Sa 10:00-14:00",
        "Su 00:30-01:30",
        "24/7",
        "off",
    ]
)
ZONES = st.sampled_from([NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
CLOCK_CHANGES = st.builds(
    lambda day, minute: day + timedelta(minutes=minute),
    st.sampled_from([utc("2026-03-08T04:00:00"), utc("2026-11-01T04:00:00"), utc("2026-03-29T00:00:00")]),
    st.integers(0, 300),
)


@given(TEXTS, ZONES, st.one_of(MOMENTS, CLOCK_CHANGES), st.floats(0.0, 0.999))
def test_the_state_holds_exactly_until_the_time_that_is_told(text: str, zone: str, at: datetime, part: float) -> None:
    state = open_state(text, zone, at)
    turn = state.closes_at or state.opens_at
    if turn is None:
        turn = at + OUTLOOK
    else:
        assert turn > at
        assert turn == turn.replace(second=0, microsecond=0)
        assert open_state(text, zone, turn).open_now is not state.open_now
    assert open_state(text, zone, at + (turn - at) * part).open_now is state.open_now
    assert open_state(text, zone, turn - timedelta(microseconds=1)).open_now is state.open_now


@given(TEXTS, ZONES, MOMENTS)
def test_the_zone_of_the_question_does_not_matter(text: str, zone: str, at: datetime) -> None:
    assert open_state(text, zone, at) == open_state(text, zone, at.astimezone(ZoneInfo("Asia/Tokyo")))


@pytest.mark.parametrize("text", ["24/7", "Mo-Fr 08:00-18:00; PH off", "Mo-Fr 08:00+", "sunrise-sunset"])
def test_valid_hours_have_no_fault(text: str) -> None:
    assert hours_fault(text) is None


def test_the_fault_names_the_character_and_what_was_expected() -> None:
    assert hours_fault("Mo-Xx 1") == "Not in OSM opening_hours syntax: character 4, expected wday."


@given(st.text())
def test_any_text_is_either_valid_or_has_a_fault_of_one_line(text: str) -> None:
    fault = hours_fault(text)
    assert fault is None or (fault.endswith(".") and "\n" not in fault)
    open_state(text, "UTC", utc("2026-07-01T12:00:00"))


def test_a_shop_that_closes_on_public_holidays_keeps_those_of_its_country() -> None:
    text, christmas = "Mo-Sa 08:00-20:00; PH off", utc("2026-12-24T23:30:00")
    assert open_state(text, "Europe/Berlin", christmas, "DE").opens_at == utc("2026-12-28T07:00:00")
    assert open_state(text, NEW_YORK, utc("2026-12-25T15:00:00"), "US").opens_at == utc("2026-12-26T13:00:00")
    assert open_state(text, "Asia/Tokyo", christmas, "JP") == OpenState(
        open_now=True, closes_at=utc("2026-12-25T11:00:00")
    )


@pytest.mark.parametrize("country", [None, "IN", "??"])
def test_where_nobody_knows_the_holidays_the_hours_of_the_week_stand(country: str | None) -> None:
    state = open_state("Mo-Sa 08:00-20:00; PH off", "Asia/Kolkata", utc("2026-12-25T05:00:00"), country)
    assert state.closes_at == utc("2026-12-25T14:30:00")

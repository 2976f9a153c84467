"""Open or closed, in the store's own time, from hours in OSM's `opening_hours` syntax."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import (  # type: ignore[attr-defined]  # its stub lacks ParserError
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from inventory_service.domain.availability import OpenState
from inventory_service.domain.clock import whole_minute

HOURS_UNKNOWN = OpenState()
HoursOf = tuple[str | None, str, str | None]
"""Hours, IANA time zone and country (alpha-2) of a store."""
LONGEST_TEXT = 1_000
"""Characters. Longer expressions cost milliseconds to evaluate; OSM itself ends at 255."""
OUTLOOK = timedelta(days=366)
"""How far ahead the next opening or closing is looked for."""
MOST_CHANGES = 64
"""A change of comment alone is no opening or closing; so many are stepped over."""


def hours_fault(text: str) -> str | None:
    """A sentence that says why `text` is no opening hours, or None where it is."""
    if not text.strip():
        return "The opening hours are empty."
    if len(text) > LONGEST_TEXT:
        return f"The opening hours are longer than {LONGEST_TEXT} characters."
    try:
        _parse(text)
    except ParserError as error:
        return f"Not in OSM opening_hours syntax: {_where(str(error))}"
    except UnicodeEncodeError:
        return "The opening hours hold characters that are no text."
    return None


def open_state(opening_hours: str | None, timezone: str, at: datetime, country: str | None = None) -> OpenState:
    """Is a shop with these hours open at `at` (aware), and until or from when?

    `timezone` is an IANA name. Hours or a zone that nobody can read give a state of three None; so do hours that
    are themselves uncertain at that time. Nothing beyond `OUTLOOK` is told. `PH` in the hours are the holidays of
    a whole `country` (alpha-2) on the days on which they are observed; where nobody knows them, there are none.
    """
    if opening_hours is None:
        return HOURS_UNKNOWN
    return _state_in_minute(opening_hours, timezone, country, whole_minute(at.astimezone(UTC)))


@lru_cache(maxsize=16_384)
def _state_in_minute(text: str, timezone: str, country: str | None, at: datetime) -> OpenState:
    """Hours change on whole minutes, so one answer holds for the minute and for all stores with these hours."""
    hours, zone = _hours(text, country), _zone(timezone)
    if hours is None or zone is None:
        return HOURS_UNKNOWN
    state = hours.state(_wall(at, zone))[0]
    if state == State.UNKNOWN:
        return HOURS_UNKNOWN
    is_open = state == State.OPEN
    turn = _next_turn(hours, zone, at)
    return OpenState(open_now=is_open, closes_at=turn if is_open else None, opens_at=None if is_open else turn)


def _next_turn(hours: OpeningHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The next moment (UTC) at which open becomes not open, or the other way round."""
    was_open = hours.is_open(_wall(at, zone))
    moment = at
    for _ in range(MOST_CHANGES):
        change = _next_change(hours, zone, moment)
        if change is None or change - at > OUTLOOK:
            return None
        if hours.is_open(_wall(change, zone)) != was_open:
            return change
        moment = change
    return None


def _next_change(hours: OpeningHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The next moment at which the state may change: by the hours, or because the clocks are put forward or back.

    Hours speak of the clock on the wall. Up to the moment when that clock jumps it runs evenly, so the time until a
    change is plain subtraction; a jump before it is a moment to look at anew.
    """
    wall = _wall(at, zone)
    wall_change = hours.next_change(wall)
    if wall_change is None or wall_change - wall > OUTLOOK:
        return None
    change = at + (wall_change - wall)
    if _offset(change, zone) == _offset(at, zone):
        return change
    return _clock_jump(zone, at, change)


def _clock_jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole minute in (before, after] with another offset than `before`; the offsets of both ends differ."""
    offset = _offset(before, zone)
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows: naive local time."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


@lru_cache(maxsize=4_096)
def _hours(text: str, country: str | None) -> OpeningHours | None:
    if hours_fault(text):
        return None
    try:
        return _parse(text, country)
    except UnknownCountryError:
        return _parse(text)


def _parse(text: str, country: str | None = None) -> OpeningHours:
    """Hours free of any place. Without `max_interval_days` hours that never change take a second to evaluate."""
    return OpeningHours(text, country=country, auto_country=False, auto_timezone=False, max_interval_days=OUTLOOK.days)


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def _where(message: str) -> str:
    """Position and expectation out of the parser's drawing, whose first line ends in `--> line:character`."""
    head, *_, last = message.splitlines()
    return f"character {head.rpartition(':')[2]}, {last.removeprefix('  = ')}."

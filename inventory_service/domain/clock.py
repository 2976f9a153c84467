"""Our own clock, which may start at another time so that history can be replayed as if it were now."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC time."""

FUTURE_TOLERANCE = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def system_clock() -> datetime:
    return datetime.now(UTC)


def clock_from(start: datetime | None) -> Clock:
    """A clock that reads `start` now and runs on from there; the system's clock for None."""
    if start is None:
        return system_clock
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def at_micros(since_1970: int) -> datetime:
    """The reverse of `micros`."""
    return EPOCH + timedelta(microseconds=since_1970)


def whole_minute(moment: datetime) -> datetime:
    """The minute that `moment` lies in: answers are cut into minutes."""
    return moment.replace(second=0, microsecond=0)


def clock_fault(observed_at: datetime, now: datetime) -> str | None:
    """`future` or `too_old` where a source's time cannot be true, else None."""
    if observed_at > now + FUTURE_TOLERANCE:
        return "future"
    return "too_old" if observed_at < EARLIEST else None

"""A clock finer than an event loop's, whose timers are whole milliseconds."""

import asyncio
import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CLOCK_MONOTONIC, NONBLOCK, CLOEXEC = 1, os.O_NONBLOCK, os.O_CLOEXEC


class _Time(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Timer(ctypes.Structure):
    _fields_ = (("interval", _Time), ("first", _Time))


@contextmanager
def ticking(every_s: float, tick: Callable[[], None]) -> Iterator[None]:
    """Calls `tick` in the running loop every so often (timerfd_create(2)) while the block lasts."""
    libc = ctypes.CDLL(None, use_errno=True)
    timer = libc.timerfd_create(CLOCK_MONOTONIC, NONBLOCK | CLOEXEC)
    if timer < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create")
    loop = asyncio.get_running_loop()

    def expired() -> None:
        os.read(timer, 8)
        tick()

    try:
        seconds, nanoseconds = divmod(max(1, round(every_s * 1e9)), 10**9)
        period = _Time(seconds, nanoseconds)
        if libc.timerfd_settime(timer, 0, ctypes.byref(_Timer(period, period)), None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")
        loop.add_reader(timer, expired)
        yield
        loop.remove_reader(timer)
    finally:
        os.close(timer)

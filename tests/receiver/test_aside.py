"""Busy work runs beside the event loop, and ends with whoever asked for it."""

import asyncio
import threading
import time

import pytest

from store_sync.receiver.aside import aside


async def test_the_loop_goes_on_while_busy_work_runs() -> None:
    async def busy() -> str:
        until = time.perf_counter() + 0.3
        while time.perf_counter() < until:
            sum(range(1_000))
        return threading.current_thread().name

    longest_s, running = 0.0, asyncio.create_task(aside(busy))
    while not running.done():
        began = time.perf_counter()
        await asyncio.sleep(0)
        longest_s = max(longest_s, time.perf_counter() - began)
    assert await running != threading.current_thread().name
    assert longest_s < 0.25


async def test_errors_come_back() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await aside(fail)


async def test_giving_up_ends_the_work_before_going_on() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    running = asyncio.create_task(aside(wait))
    await asyncio.to_thread(begun.wait, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()

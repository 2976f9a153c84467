"""Work that keeps a processor busy, on an event loop of its own in a thread: the rest goes on answering."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

CANCEL_AGAIN_S = 0.5


async def aside(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs `work` to its end. Cancelled, it cancels the work and waits until that has ended."""
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    loop = runner.get_loop()

    def run() -> T:
        with runner:
            return runner.run(work())

    running = asyncio.ensure_future(asyncio.to_thread(run))
    try:
        return await asyncio.shield(running)
    finally:
        while not running.done():
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_cancel_all, loop)
            await asyncio.wait([running], timeout=CANCEL_AGAIN_S)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()

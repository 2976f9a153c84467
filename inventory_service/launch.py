"""`make run`: both programs as one. The answering one as several workers, if wanted; nothing is left behind."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from inventory_service.domain.errors import ConfigurationError
from inventory_service.runtime.shutdown import stop_signal
from inventory_service.settings import Settings
from inventory_service.workers import READY, Workers, ready_line, reserved, start, stop

SYNC = ("store_sync", "serve")
ANSWER = ("inventory_service", "serve")


async def run(settings: Settings) -> int:
    """Starts `store_sync serve` and the workers of `inventory_service serve`; prints `ready URL` once all answer.

    A worker that dies is replaced; SIGHUP renews all of them, one after another. Returns the exit status: 0 after
    SIGTERM or SIGINT, 1 where `store_sync` ended by itself or one of them never got ready. Raises ConfigurationError.
    """
    if settings.port == settings.sync_port != 0:
        raise ConfigurationError(f"PORT and SYNC_PORT are both {settings.port}: each program needs one of its own.")
    asked, renewal = stop_signal(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, renewal.set)
    with reserved(settings.host, settings.port) as shared:
        workers = Workers(ANSWER, settings.workers, shared)
        sync = await start(SYNC)
        try:
            await _first(asked.wait(), sync.wait(), _serve(workers, sync, renewal))
            if not asked.is_set() and sync.returncode is not None:
                print(f"store_sync ended with status {sync.returncode}; stopping the rest.", file=sys.stderr)
            return 0 if asked.is_set() else 1
        finally:
            await asyncio.gather(workers.stop(), stop(sync))


async def _serve(workers: Workers, sync: asyncio.subprocess.Process, renewal: asyncio.Event) -> None:
    """Until cancelled. Ends where one of the programs cannot begin."""
    with suppress(ConfigurationError, TimeoutError):
        receiver, answering = await asyncio.gather(ready_line(sync), workers.start())
        print(f"receiver {receiver.removeprefix(READY)}", flush=True)
        print(answering, flush=True)
        await asyncio.gather(workers.watch(), _renew_when(renewal, workers))


async def _renew_when(wanted: asyncio.Event, workers: Workers) -> None:
    while True:
        await wanted.wait()
        wanted.clear()
        await workers.renew()


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Until one of them is over; the others are cancelled."""
    tasks = [asyncio.create_task(one) for one in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

"""`make run`: both programs as one. Whoever stops first stops the other; nothing is left behind."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from functools import partial

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.kernel import end_with_parent
from inventory_service.runtime.shutdown import stop_signal

SYNC, ANSWER = "store_sync", "inventory_service"
READY = "ready "
STOP_WITHIN_S = 30.0
READY_WITHIN_S = 300.0


async def run(workers: int) -> int:
    """Starts `store_sync serve` and `workers` times `inventory_service serve`, on one port; prints `ready URL` once
    all of them answer.

    Returns the exit status: 0 after SIGTERM or SIGINT, 1 where a program ended by itself.
    """
    stop = stop_signal()
    processes = [await _start(name) for name in (SYNC, *(ANSWER for _ in range(workers)))]
    try:
        stopping = asyncio.create_task(stop.wait())
        ended = [asyncio.create_task(process.wait()) for process in processes]
        ready = asyncio.create_task(_ready(processes))
        await asyncio.wait([stopping, ready, *ended], return_when=asyncio.FIRST_COMPLETED)
        if ready.done() and not stop.is_set() and ready.exception() is None:
            print(ready.result(), flush=True)
            await asyncio.wait([stopping, *ended], return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            _tell(processes)
        ready.cancel()
        with suppress(asyncio.CancelledError, ConfigurationError, TimeoutError):
            await ready
        return 0 if stop.is_set() else 1
    finally:
        await asyncio.gather(*(_stop(process) for process in processes))


async def _start(program: str) -> Process:
    """In a session of its own, so that Ctrl-C reaches only us; it is asked to stop if we die."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        program,
        "serve",
        stdout=PIPE,
        start_new_session=True,
        preexec_fn=partial(end_with_parent, signal.SIGTERM, os.getpid()),
    )


def _tell(processes: list[Process]) -> None:
    for name, process in zip((SYNC, *(ANSWER for _ in processes[1:])), processes, strict=True):
        if process.returncode is not None:
            print(f"{name} ended with status {process.returncode}; stopping the rest.", file=sys.stderr)


async def _ready(processes: list[Process]) -> str:
    async with asyncio.timeout(READY_WITHIN_S):
        lines = await asyncio.gather(*(_ready_line(process) for process in processes))
    print(f"receiver {lines[0].removeprefix(READY)}", flush=True)
    return lines[-1]


async def _ready_line(process: Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        text = line.decode().rstrip()
        if text.startswith(READY):
            return text
        print(text, flush=True)
    raise ConfigurationError("A program ended before it was ready.")


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

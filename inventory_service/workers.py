"""Several answering processes on one socket: started, watched, replaced when they die, and renewed one after another.

The socket is ours and outlives them all: once one is ready, a connection that nobody has taken yet waits for the next.
"""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from functools import partial

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.kernel import end_with_parent
from inventory_service.runtime.ports import unheard

READY = "ready "
READY_WITHIN_S = 300.0
STOP_WITHIN_S = 30.0
REST_S, LONGEST_REST_S = 0.5, 10.0
"""Between a worker's death and its successor; doubled each time that one dies before it was ready."""


def reserved(host: str, port: int) -> socket.socket:
    """A socket of this address, `port` 0 takes a free one, that nobody can connect to before a worker is ready.

    Raises ConfigurationError.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
    except OSError as error:
        raise unheard(host, port, error) from error
    return found


async def start(words: tuple[str, ...], inherited: socket.socket | None = None) -> Process:
    """One of our programs, in a session of its own, so that Ctrl-C reaches only us; it is asked to stop if we die."""
    files = () if inherited is None else (inherited.fileno(),)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        stdout=PIPE,
        start_new_session=True,
        pass_fds=files,
        env={**os.environ, **({} if inherited is None else {"LISTEN_FD": str(inherited.fileno())})},
        preexec_fn=partial(end_with_parent, signal.SIGTERM, os.getpid()),
    )


async def ready_line(process: Process) -> str:
    """What it prints once it is ready; what it says before goes on to our output. Raises ConfigurationError."""
    assert process.stdout is not None
    async with asyncio.timeout(READY_WITHIN_S):
        async for line in process.stdout:
            text = line.decode().rstrip()
            if text.startswith(READY):
                return text
            print(text, flush=True)
    raise ConfigurationError("A program ended before it was ready.")


async def stop(process: Process) -> None:
    """Lets it finish what it has begun."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


class Workers:
    """`count` processes of `words`, each of which answers what comes on `shared`."""

    def __init__(self, words: tuple[str, ...], count: int, shared: socket.socket) -> None:
        self._words, self._count, self._shared = words, count, shared
        self._processes: list[Process] = []
        self._renewing = asyncio.Lock()

    async def start(self) -> str:
        """Starts all; returns the line that says where they answer. Raises ConfigurationError where one cannot."""
        self._processes = [await start(self._words, self._shared) for _ in range(self._count)]
        lines = await asyncio.gather(*map(ready_line, self._processes))
        return lines[0]

    async def watch(self) -> None:
        """Puts another in the place of each that dies, until cancelled."""
        await asyncio.gather(*(self._keep(place) for place in range(self._count)))

    async def renew(self) -> None:
        """Puts a new one in the place of each, one after another: the old one stops when the new one is ready."""
        async with self._renewing:
            for place, old in enumerate(list(self._processes)):
                new = await start(self._words, self._shared)
                try:
                    await ready_line(new)
                except (ConfigurationError, TimeoutError):
                    print("A new worker did not get ready; the old ones stay.", file=sys.stderr, flush=True)
                    await stop(new)
                    return
                except asyncio.CancelledError:
                    new.terminate()
                    raise
                self._processes[place] = new
                await stop(old)

    async def stop(self) -> None:
        await asyncio.gather(*map(stop, self._processes))

    async def _keep(self, place: int) -> None:
        rest_s = REST_S
        while True:
            process = self._processes[place]
            status = await process.wait()
            async with self._renewing:
                if self._processes[place] is not process:
                    rest_s = REST_S
                    continue
                print(f"A worker ended with status {status}; another takes its place.", file=sys.stderr, flush=True)
                await asyncio.sleep(rest_s)
                rest_s = min(2 * rest_s, LONGEST_REST_S) if not await self._replace(place) else REST_S

    async def _replace(self, place: int) -> bool:
        """Whether the new one got ready."""
        self._processes[place] = await start(self._words, self._shared)
        try:
            await ready_line(self._processes[place])
        except (ConfigurationError, TimeoutError):
            return False
        return True

"""A program's side of the embedded servers: find or start the supervisor, stay joined, leave in order."""

import asyncio
import fcntl
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.binaries import find_postgres_bin, find_redis_server
from inventory_service.embedded.folders import Folders, create_data_folder, folders_of
from inventory_service.embedded.protocol import MESSAGE_BYTES, Durability, Reply, Request, decode_reply, encode

if TYPE_CHECKING:
    from inventory_service.settings import Settings

_log = logging.getLogger("nearshelf.embedded")

_JOIN_DEADLINE_S = 300.0
_LEAVE_DEADLINE_S = 90.0
_POLL_S = 0.02
_REJOIN_PAUSE_S = 1.0
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where Postgres and Redis are. `embedded`: at least one of them is ours and ends with us."""

    database_url: str
    redis_url: str
    embedded: bool


@asynccontextmanager
async def servers(settings: "Settings", durability: Durability = Durability.SAFE) -> AsyncIterator[Servers]:
    """The servers that the settings name, and embedded ones in DATA_DIR for those they don't name.

    Joined until the block ends; the last program to leave waits until the servers have stopped. A supervisor that dies
    meanwhile is replaced, at the same addresses. Raises ConfigurationError.
    """
    if settings.database_url and settings.redis_url:
        yield Servers(settings.database_url, settings.redis_url, embedded=False)
        return
    request = Request(
        postgres_bin="" if settings.database_url else str(find_postgres_bin(settings)),
        redis_program="" if settings.redis_url else str(find_redis_server(settings)),
        durability=durability,
    )
    folders = folders_of(settings.data_dir)
    create_data_folder(folders)
    membership = _Membership(folders, request)
    reply = await membership.join()
    stay = asyncio.create_task(membership.stay())
    try:
        yield Servers(settings.database_url or reply.database_url, settings.redis_url or reply.redis_url, embedded=True)
    finally:
        stay.cancel()
        with suppress(asyncio.CancelledError):
            await stay
        await membership.leave()


class _Membership:
    """An open connection to the supervisor: while it is open, the servers run."""

    def __init__(self, folders: Folders, request: Request) -> None:
        self._folders = folders
        self._request = request
        self._connection = _unconnected()

    async def join(self) -> Reply:
        """Raises ConfigurationError where the servers cannot be had."""
        try:
            async with asyncio.timeout(_JOIN_DEADLINE_S):
                reply = await self._ask_or_launch()
        except TimeoutError:
            raise ConfigurationError(
                f"The supervisor of DATA_DIR={self._folders.data} did not answer within {_JOIN_DEADLINE_S:g} s."
            ) from None
        if reply.failure:
            await self.leave()
            raise ConfigurationError(reply.failure)
        return reply

    async def stay(self) -> None:
        """Joins again, for ever, when the supervisor is gone."""
        while True:
            await self._closed()
            _log.warning("the supervisor of the embedded servers is gone; starting another")
            try:
                await self.join()
            except ConfigurationError as error:
                _log.error("%s", error)
                await asyncio.sleep(_REJOIN_PAUSE_S)

    async def leave(self) -> None:
        """Returns when the supervisor has taken note: for the last client, when the servers have stopped."""
        try:
            with suppress(OSError, TimeoutError):
                self._connection.shutdown(socket.SHUT_WR)
                await asyncio.wait_for(self._closed(), _LEAVE_DEADLINE_S)
        finally:
            self._connection.close()

    async def _ask_or_launch(self) -> Reply:
        while True:
            with suppress(FileNotFoundError, ConnectionError):
                return await self._ask()
            with self._folders.launch_lock.open("w") as lock:
                await _locked(lock.fileno())
                with suppress(FileNotFoundError, ConnectionError):
                    return await self._ask()
                await asyncio.to_thread(_launch_supervisor, self._folders)

    async def _ask(self) -> Reply:
        """Raises FileNotFoundError or ConnectionError where no supervisor listens, or one that is about to end."""
        self._connection.close()
        self._connection = _unconnected()
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._connection, str(self._folders.supervisor_socket))
        await loop.sock_sendall(self._connection, encode(self._request))
        data = await loop.sock_recv(self._connection, MESSAGE_BYTES)
        if not data:
            raise ConnectionResetError("the supervisor is about to end")
        return decode_reply(data)

    async def _closed(self) -> None:
        with suppress(OSError):
            while await asyncio.get_running_loop().sock_recv(self._connection, MESSAGE_BYTES):
                pass


def _unconnected() -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.setblocking(False)
    return connection


async def _locked(descriptor: int) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            await asyncio.sleep(_POLL_S)


def _launch_supervisor(folders: Folders) -> None:
    """In a session of its own: a Ctrl-C in our terminal is not for the servers. Raises ConfigurationError."""
    paths = [str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "inventory_service.embedded.supervisor", str(folders.data)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        check=False,
    )
    if done.returncode != 0:
        raise ConfigurationError(f"The embedded servers cannot be started: {done.stderr.strip()}")

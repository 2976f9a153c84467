"""Who lives in the house: clients counted by their connections, and the servers that run while one is left."""

import logging
import selectors
import signal
import socket
import time
from pathlib import Path

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded import postgres, valkey
from inventory_service.embedded.folders import Folders, remove_run_folder
from inventory_service.embedded.logs import bound_log
from inventory_service.embedded.protocol import MESSAGE_BYTES, Durability, Reply, Request, decode_request, encode
from inventory_service.embedded.server import Server

_log = logging.getLogger("nearshelf.supervisor")

_PATIENCE_S = 10.0
"""How long it waits for its first client."""


class Supervisor:
    """Clients are counted by their open connections, which the kernel closes however they die."""

    def __init__(self, folders: Folders, lock: int, listener: socket.socket) -> None:
        self._folders = folders
        self._lock = lock
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._clients: set[socket.socket] = set()
        self._leaving: list[socket.socket] = []
        self._postgres: Server | None = None
        self._valkey: Server | None = None
        self._durability: Durability | None = None
        self._ends_at: float | None = time.monotonic() + _PATIENCE_S
        self._told_to_stop = False

    def run(self) -> None:
        """Returns when the last client is gone or a signal came; the servers are stopped by then."""
        wake, waker = socket.socketpair()
        for end in (wake, waker):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        self._selector.register(wake, selectors.EVENT_READ, self._wake_up)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        while not self._is_over():
            for key, _ in self._selector.select(self._tend()):
                key.data(key.fileobj)
        self._stop_servers()

    def _is_over(self) -> bool:
        return self._told_to_stop or (self._ends_at is not None and time.monotonic() >= self._ends_at)

    def _stop_soon(self, *_: object) -> None:
        self._told_to_stop = True

    def _wake_up(self, wake: socket.socket) -> None:
        wake.recv(MESSAGE_BYTES)

    def _tend(self) -> float:
        """Seconds until something is to be done without being woken."""
        bound_log(self._folders.logs / "supervisor.log")
        waits = [server.tend() for server in self._servers()]
        return min(waits, default=1.0)

    def _accept(self, listener: socket.socket) -> None:
        client, _ = listener.accept()
        self._clients.add(client)
        self._selector.register(client, selectors.EVENT_READ, self._hear)

    def _hear(self, client: socket.socket) -> None:
        try:
            data = client.recv(MESSAGE_BYTES)
            if data:
                client.send(encode(self._answer(data)))
                self._go_on()
                return
        except OSError as error:
            _log.info("a client is gone: %s", error)
        self._let_go(client)

    def _go_on(self) -> None:
        """There is a client: those that left have nothing to wait for."""
        self._ends_at = None
        while self._leaving:
            self._leaving.pop().close()

    def _let_go(self, client: socket.socket) -> None:
        """A client that leaves waits until its connection closes: at once, or for the last one when all is stopped."""
        self._selector.unregister(client)
        self._clients.discard(client)
        if self._clients:
            client.close()
            return
        self._leaving.append(client)
        if self._ends_at is None:
            self._ends_at = time.monotonic()

    def _answer(self, data: bytes) -> Reply:
        try:
            return self._provide(decode_request(data))
        except (ConfigurationError, ValueError, OSError) as error:
            _log.error("%s", error)
            return Reply(failure=str(error))

    def _provide(self, request: Request) -> Reply:
        """Starts what is asked for and does not run yet."""
        if self._durability not in (None, request.durability):
            raise ConfigurationError(
                f"The servers of DATA_DIR={self._folders.data} already run as {self._durability},"
                f" not as {request.durability}."
            )
        self._durability = request.durability
        if request.redis_program and self._valkey is None:
            program = valkey.valkey_program(Path(request.redis_program), self._folders)
            self._valkey = self._started(Server(program, self._lock), valkey.START_DEADLINE_S)
        if request.postgres_bin and self._postgres is None:
            bin_folder = Path(request.postgres_bin)
            program = postgres.postgres_program(bin_folder, self._folders, request.durability, self._lock)
            self._postgres = self._started(Server(program, self._lock), postgres.START_DEADLINE_S)
        return Reply(
            postgres.database_url(self._folders) if request.postgres_bin else "",
            valkey.redis_url(self._folders) if request.redis_program else "",
        )

    def _started(self, server: Server, deadline_s: float) -> Server:
        server.start(deadline_s)
        return server

    def _servers(self) -> list[Server]:
        return [server for server in (self._postgres, self._valkey) if server is not None]

    def _stop_servers(self) -> None:
        """The socket goes first, so that a client that comes now knows that it must start anew."""
        self._folders.supervisor_socket.unlink(missing_ok=True)
        self._listener.close()
        for server in self._servers():
            server.ask_to_stop()
        for server in self._servers():
            server.stop()
        remove_run_folder(self._folders)

"""The private Valkey (or Redis): a cache that can be thrown away at any time, so it keeps nothing on disk."""

import socket
from pathlib import Path
from signal import SIGTERM

from inventory_service.embedded.folders import Folders
from inventory_service.embedded.server import Program

START_DEADLINE_S = 30.0

_ANSWER_DEADLINE_S = 1.0


def redis_url(folders: Folders) -> str:
    return f"unix://{folders.redis_socket}?db=0"


def valkey_program(server: Path, folders: Folders) -> Program:
    """No persistence: Postgres refills it. No eviction: a key that is missing must mean "not cached yet"."""
    options = {
        "--port": "0",
        "--unixsocket": str(folders.redis_socket),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--maxmemory-policy": "noeviction",
        "--protected-mode": "yes",
        "--daemonize": "no",
        "--dir": str(folders.run),
    }
    return Program(
        name="Valkey",
        command=[str(server), *(part for option in options.items() for part in option)],
        folder=folders.run,
        log=folders.logs / "valkey.log",
        become=lambda: None,
        is_ready=lambda _: _answers(folders.redis_socket),
        stops=((SIGTERM, 10.0),),
        orphan_signal=SIGTERM,
    )


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_ANSWER_DEADLINE_S)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

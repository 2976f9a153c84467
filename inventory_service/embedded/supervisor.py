"""The one process that owns the servers of a DATA_DIR: `python -m inventory_service.embedded.supervisor DATA_DIR`.

It detaches, takes the owner lock, serves clients until the last is gone, stops the servers and ends. One thread only:
children are forked with code to run before their program, and are told when that thread's process dies.
"""

import fcntl
import logging
import os
import socket
import sys
import time
from pathlib import Path

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.folders import Folders, create_data_folder, create_run_folder, folders_of
from inventory_service.embedded.logs import open_log
from inventory_service.embedded.postgres import forget_dead_postgres
from inventory_service.embedded.supervision import Supervisor

LISTENING = b"listening"
_LOCK_DEADLINE_S = 90.0


class AlreadyOwnedError(Exception):
    """Another supervisor got there first."""


def own(folders: Folders) -> int:
    """The owner lock's descriptor, once the last process of an earlier owner is gone.

    Raises ConfigurationError, and AlreadyOwnedError where another supervisor listens.
    """
    lock = os.open(folders.owner_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_up_at = time.monotonic() + _LOCK_DEADLINE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if _listens(folders.supervisor_socket):
                raise AlreadyOwnedError from None
            if time.monotonic() > give_up_at:
                raise ConfigurationError(
                    f"Servers that someone else started in DATA_DIR={folders.data} have not stopped in"
                    f" {_LOCK_DEADLINE_S:g} s."
                ) from None
            time.sleep(0.02)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
        return True


def supervise(folders: Folders, ready: int) -> None:
    """Writes LISTENING to the descriptor `ready`, or why not, and closes it; then runs to the end."""
    try:
        lock = own(folders)
        forget_dead_postgres(folders)
        create_run_folder(folders)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(folders.supervisor_socket))
        listener.listen(128)
    except AlreadyOwnedError:
        os.write(ready, LISTENING)
        return
    except (ConfigurationError, OSError) as error:
        os.write(ready, f"DATA_DIR={folders.data}: {error}".encode())
        return
    supervisor = Supervisor(folders, lock, listener)
    os.write(ready, LISTENING)
    os.close(ready)
    supervisor.run()


def main(data_dir: str) -> int:
    """The process that was started ends as soon as its child listens, so that nobody needs to wait for that child."""
    folders = folders_of(Path(data_dir))
    create_data_folder(folders)
    told, tell = os.pipe()
    if os.fork() != 0:
        os.close(tell)
        with os.fdopen(told, "rb") as message:
            said = message.read()
        if said != LISTENING:
            sys.stderr.write(said.decode(errors="replace") or f"The supervisor ended: see {folders.logs}.")
        return int(said != LISTENING)
    os.close(told)
    _detach(folders)
    supervise(folders, tell)
    return 0


def _detach(folders: Folders) -> None:
    os.chdir(folders.data)
    log, nothing = open_log(folders.logs / "supervisor.log"), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(process)d] %(message)s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""What lies where in DATA_DIR, and a short folder for sockets, whose paths the kernel cuts at 107 bytes."""

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from inventory_service.domain.errors import ConfigurationError

SOCKET_PATH_BYTES = 107
_LONGEST_SOCKET = "postgres/.s.PGSQL.5432"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True, slots=True)
class Folders:
    """`data` is DATA_DIR's real path; `run` holds the sockets and exists only while the servers do."""

    data: Path
    run: Path

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def unfinished_postgres(self) -> Path:
        return self.data / "postgres.new"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @property
    def owner_lock(self) -> Path:
        """Held by the supervisor and, through inheritance, by each process of its servers until the last is gone."""
        return self.data / "supervisor.lock"

    @property
    def launch_lock(self) -> Path:
        """Held by the client that starts a supervisor."""
        return self.data / "launch.lock"

    @property
    def supervisor_socket(self) -> Path:
        return self.run / "supervisor.sock"

    @property
    def postgres_sockets(self) -> Path:
        return self.run / "postgres"

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis.sock"


def folders_of(data_dir: Path) -> Folders:
    """The same answer for every program that names the same folder, by whichever path."""
    data = data_dir.resolve()
    run = data / "run"
    return Folders(data, run if _suits_sockets(run) else _short_folder(data))


def create_data_folder(folders: Folders) -> None:
    """Raises ConfigurationError where DATA_DIR cannot be made or written."""
    try:
        folders.data.mkdir(parents=True, exist_ok=True)
        folders.logs.mkdir(mode=0o700, exist_ok=True)
        if not os.access(folders.logs, os.W_OK):
            raise PermissionError(f"{folders.logs} belongs to another user")
    except OSError as error:
        raise ConfigurationError(f"DATA_DIR={folders.data} cannot be used: {error}.") from error


def create_run_folder(folders: Folders) -> None:
    """An empty folder of ours that nobody else can enter. Raises ConfigurationError where another user sits there."""
    remove_run_folder(folders)
    folders.run.mkdir(mode=0o700)
    folders.postgres_sockets.mkdir(mode=0o700)


def remove_run_folder(folders: Folders) -> None:
    """Raises ConfigurationError where it is not ours to remove."""
    try:
        found = folders.run.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ConfigurationError(f"{folders.run} is in the way: it should be a folder of ours for sockets.")
    shutil.rmtree(folders.run)


def _suits_sockets(run: Path) -> bool:
    """Short enough, and free of what URLs and Postgres's own lists would read as something else."""
    return _PLAIN_PATH.fullmatch(str(run)) is not None and len(os.fsencode(run / _LONGEST_SOCKET)) <= SOCKET_PATH_BYTES


def _short_folder(data: Path) -> Path:
    """Below /tmp and not TMPDIR, which may differ between two programs that share DATA_DIR."""
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(f"/tmp/nearshelf-{os.geteuid()}-{digest}")  # noqa: S108 - owner and mode are checked

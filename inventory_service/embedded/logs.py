"""Log files of the servers: appended to, bounded, and quoted from when a start fails."""

import os
import shutil
from pathlib import Path

LOG_BYTES = 8 * 1024 * 1024
"""A longer log is moved aside, over the one moved before."""

_QUOTED_LINES = 12
_QUOTED_BYTES = 4096


def open_log(path: Path) -> int:
    """A descriptor that always writes at the end, so that `bound_log` may cut the file under its writers."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def bound_log(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_BYTES:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)


def end_of_log(path: Path, since_byte: int) -> str:
    """The last lines written from `since_byte` on."""
    with path.open("rb") as log:
        log.seek(max(since_byte, path.stat().st_size - _QUOTED_BYTES))
        lines = log.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-_QUOTED_LINES:]) or "(nothing was logged)"

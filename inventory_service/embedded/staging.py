"""A copy of Postgres's programs for a user who cannot reach the original.

Postgres looks itself up with access(2), which knows no rights beyond the file modes: where a folder above the programs
is closed to others (a virtual environment in /root), nobody's right to pass folders does not help.
"""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from inventory_service.domain.errors import ConfigurationError

_COMPLETE = ".complete"


def reachable_by_all(program: Path) -> bool:
    """Whether file modes alone let any user run `program`."""
    wanted = stat.S_IROTH | stat.S_IXOTH
    return program.stat().st_mode & wanted == wanted and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in program.resolve().parents
    )


def staged(bin_folder: Path) -> Path:
    """The `bin` folder of a copy that any user can run, made once. Raises ConfigurationError."""
    prefix = bin_folder.resolve().parent
    home = _home(prefix / "bin" / "postgres")
    copy = home / prefix.parent.name / prefix.name
    if not (home / _COMPLETE).exists():
        shutil.copytree(prefix, copy, symlinks=True, dirs_exist_ok=True)
        libraries = prefix.parent.with_name(f"{prefix.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, home / libraries.name, symlinks=True, dirs_exist_ok=True)
        _open_to_all(home)
        (home / _COMPLETE).touch()
    return copy / "bin"


def _home(program: Path) -> Path:
    """A folder of ours below /tmp, named after what is copied; another version gets another one."""
    facts = program.stat()
    digest = hashlib.sha256(f"{program} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:16]
    home = Path(f"/tmp/nearshelf-{os.geteuid()}-postgres-{digest}")  # noqa: S108 - owner and mode are checked
    home.mkdir(mode=0o755, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise ConfigurationError(f"{home} is in the way: it should be a folder of ours for Postgres's programs.")
    return home


def _open_to_all(home: Path) -> None:
    home.chmod(0o755)
    for path in home.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))

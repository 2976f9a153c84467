"""Who Postgres runs as: it refuses root."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded import kernel
from inventory_service.embedded.child import before_program, server_environment

_PROBE_DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Identity:
    """`become` runs in the child between fork and exec; `owner` is the uid and gid its files must belong to.

    `uses_file_modes_alone`: its programs must be reachable for everybody (staging.py).
    """

    name: str
    become: Callable[[], None]
    owner: tuple[int, int]
    uses_file_modes_alone: bool = False


def ourselves() -> Identity:
    return Identity("this user", lambda: None, (os.geteuid(), os.getegid()))


def root_in_namespace() -> Identity:
    """Root that sees itself as nobody: needs no rights, but some containers and all chroots refuse it."""
    return Identity("root in a user namespace", kernel.enter_user_namespace, (0, 0))


def nobody() -> Identity:
    """The user nobody, who may still pass folders that only root can enter."""
    return Identity("nobody", kernel.become_nobody_with_reach, (kernel.NOBODY, kernel.NOBODY), True)


def choose_identity(postgres: Path, data: Path) -> Identity:
    """The first under which the program `postgres` really starts with `data` as its working folder.

    Raises ConfigurationError that says why each was refused.
    """
    candidates = [root_in_namespace(), nobody()] if os.geteuid() == 0 else [ourselves()]
    reasons = []
    for identity in candidates:
        reason = _refusal(identity, postgres, data)
        if reason is None:
            return identity
        reasons.append(f"as {identity.name}: {reason}")
    raise ConfigurationError(
        f"{postgres} cannot be run ({'; '.join(reasons)}). Start this program as an ordinary user who can read it,"
        " or set DATABASE_URL."
    )


def give_folder(folder: Path, identity: Identity) -> None:
    """Makes `identity` the owner of all in `folder`; the folder itself last, so that a broken-off run is repeated."""
    if os.geteuid() != 0 or folder.stat().st_uid == identity.owner[0]:
        return
    if folder.stat().st_uid not in (0, kernel.NOBODY):
        raise ConfigurationError(f"{folder} belongs to user {folder.stat().st_uid}: start this program as that user.")
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders):
            os.chown(Path(parent) / name, *identity.owner, follow_symlinks=False)
    os.chown(folder, *identity.owner)


def _refusal(identity: Identity, postgres: Path, data: Path) -> str | None:
    try:
        run = subprocess.run(
            [postgres, "--version"],
            preexec_fn=before_program(identity.become, data, SIGKILL),
            capture_output=True,
            text=True,
            env=server_environment(),
            timeout=_PROBE_DEADLINE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None if run.returncode == 0 else run.stderr.strip() or f"exit status {run.returncode}"

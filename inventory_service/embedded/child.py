"""What every process that the supervisor starts has in common."""

import os
from collections.abc import Callable
from pathlib import Path
from signal import Signals

from inventory_service.embedded import kernel

_VARIABLES_KEPT = ("PATH", "LD_LIBRARY_PATH")
_NOT_STARTED = 126


def before_program(become: Callable[[], None], folder: Path, orphan_signal: Signals) -> Callable[[], None]:
    """To run between fork and exec: take an identity, go to `folder`, and get `orphan_signal` when the parent dies.

    What fails is written to the child's stderr; the parent must have one thread only.
    """
    parent_pid = os.getpid()

    def prepare() -> None:
        try:
            become()
            os.chdir(folder)
            kernel.end_with_parent(orphan_signal, parent_pid)
        except OSError as error:
            os.write(2, f"{error}\n".encode())
            os._exit(_NOT_STARTED)

    return prepare


def server_environment() -> dict[str, str]:
    """Nothing of the user's (PGOPTIONS, a locale that is not installed) may change how a server runs."""
    kept = {name: os.environ[name] for name in _VARIABLES_KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}

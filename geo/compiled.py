"""`compiled` makes machine code of a function, and keeps it on the disk for the next start.

The code of a function holds that of all it calls, and constants of other files, but numba looks at its own file alone
to tell whether what it kept is still right. So what is kept lies in a folder named by all of our sources; where nothing
can be written beside them, in one that is used once.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numba
from numba import njit

PACKAGES = ("geo", "inventory_service")
ROOT = Path(__file__).resolve().parents[1]


def _digest() -> str:
    digest = blake2b(digest_size=8)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _begun(folder: Path) -> Path | None:
    """A folder for the code of these sources alone; None where nothing can be written."""
    mine = folder / _digest()
    try:
        mine.mkdir(parents=True, exist_ok=True)
        (mine / f"probe-{os.getpid()}").write_bytes(b"")
        (mine / f"probe-{os.getpid()}").unlink()
    except OSError:
        return None
    for other in folder.iterdir():
        if other != mine:
            with suppress(OSError):
                shutil.rmtree(other)
    return mine


KEPT = _begun(ROOT / "geo" / "__pycache__" / "compiled") or tempfile.mkdtemp(prefix="nearshelf-")
numba.config.CACHE_DIR = str(KEPT)  # type: ignore[attr-defined]
compiled: Any = njit(cache=True, boundscheck=False, _nrt=False)  # type: ignore[call-overload]
"""Without numba's own memory: functions get their arrays, and make none. Counting who holds which takes longer than
most of them do.
"""

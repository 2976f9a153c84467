"""What stands in a watched folder, and which of it has stopped changing. Nothing is moved or deleted."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from inventory_service.domain.errors import UnavailableError
from inventory_service.storage.source_files import Stamp

UNFINISHED = (".tmp", ".part")
"""Endings of files that somebody still writes."""
WILD = frozenset("*?[")


class WatchError(UnavailableError):
    """What is watched cannot be looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file as one look finds it. `inode` (device, number) stays the same when it is renamed."""

    path: Path
    stamp: Stamp
    inode: tuple[int, int]

    @property
    def name(self) -> str:
        """The file's name as text that can be stored, whatever its bytes are."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")

    @property
    def is_finished(self) -> bool:
        return not self.name.startswith(".") and not self.name.lower().endswith(UNFINISHED)


def look_at(watch: Path) -> list[Found]:
    """The files of a folder, or those that a pattern such as `in/stock-*.txt` fits, or the one file.

    Unfinished ones are among them, so that a renaming can be told from a writing. Raises WatchError.
    """
    try:
        return list(_files(watch))
    except FileNotFoundError:
        raise WatchError(f"There is no file or folder {watch}.") from None
    except OSError as error:
        raise WatchError(f"{watch} cannot be looked at: {error.strerror}.") from None


def _files(watch: Path) -> Iterator[Found]:
    pattern = watch.name if WILD & set(watch.name) else None
    folder = watch if pattern is None else watch.parent
    if pattern is None and not stat.S_ISDIR(folder.stat().st_mode):
        yield from _found(watch)
        return
    for path in folder.iterdir():
        for one in _found(path):
            if pattern is None or fnmatch(path.name, pattern) or not one.is_finished:
                yield one


def _found(path: Path) -> Iterator[Found]:
    """The file at `path`; nothing where there is none any more, a broken link, or no plain file."""
    try:
        facts = path.stat()
    except OSError:
        return
    if stat.S_ISREG(facts.st_mode):
        yield Found(path, Stamp(facts.st_size, facts.st_mtime_ns), (facts.st_dev, facts.st_ino))


def is_unchanged(one: Found) -> bool:
    """Whether the file is still as it was found."""
    return any(now.stamp == one.stamp for now in _found(one.path))


class Looks:
    """Tells which files have stopped changing: two looks in a row found them the same, whatever their names were."""

    def __init__(self) -> None:
        self._before: set[tuple[object, Stamp]] = set()

    def settled(self, found: Iterable[Found]) -> list[Found]:
        """Those of this look that can be taken, the oldest first by their own time."""
        files, before = list(found), self._before
        self._before = {(key, one.stamp) for one in files for key in (one.path, one.inode)}
        still = (one for one in files if (one.path, one.stamp) in before or (one.inode, one.stamp) in before)
        return sorted((one for one in still if one.is_finished), key=lambda one: (one.stamp.modified_ns, one.name))

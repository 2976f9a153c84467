"""Opens what a feed may come in: plain, gzip or zip, a path or standard input, in bounded memory."""

import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from inventory_service.domain.errors import FeedRefusedError
from store_sync.formats import ByteSource
from store_sync.formats.lines import Peeked
from store_sync.inflate import Bounded, Counted, Gunzip, Member

MAX_BYTES = 64 << 30
"""Decompressed bytes of one feed; Google allows 4 GB."""

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NOT_FEEDS = ("__MACOSX/", ".DS_Store")


@dataclass(frozen=True)
class FeedFile:
    """One feed, open until the next one is taken. Its `stream` raises FeedRefusedError where the file is broken."""

    name: str
    stream: ByteSource
    size: int | None
    """Bytes on disk; None: not known."""
    position: Callable[[], int]
    """Bytes on disk read so far."""
    modified_at: datetime | None


def open_feeds(path: str, max_bytes: int = MAX_BYTES) -> Iterator[FeedFile]:
    """The feeds at `path`: one, or each member of a zip; `-` is standard input. Raises FeedRefusedError."""
    if path == "-":
        yield _feed("standard input", sys.stdin.buffer, None, None, max_bytes)
        return
    with _opened(path) as file:
        facts = Path(path).stat()
        if not stat.S_ISREG(facts.st_mode):
            yield _feed(path, file, None, None, max_bytes)
            return
        modified_at = datetime.fromtimestamp(facts.st_mtime, UTC)
        yield from feeds_in(path, file, facts.st_size, modified_at, max_bytes)


def feeds_in(
    name: str, file: BinaryIO, size: int, modified_at: datetime | None, max_bytes: int = MAX_BYTES
) -> Iterator[FeedFile]:
    """The feeds in an open file that can be sought, of `size` bytes, `name` to people. Raises FeedRefusedError."""
    packed = file.read(len(_ZIP)) == _ZIP
    file.seek(0)
    if packed:
        yield from _members(name, file, modified_at, max_bytes)
    else:
        yield _feed(name, file, size, modified_at, max_bytes)


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise FeedRefusedError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise FeedRefusedError(f"{path} is a folder; name the files in it.") from None
    except PermissionError:
        raise FeedRefusedError(f"{path} may not be read by this user.") from None
    except (OSError, ValueError) as error:
        raise FeedRefusedError(f"{path} cannot be opened: {error}.") from None


def _members(path: str, file: BinaryIO, modified_at: datetime | None, max_bytes: int) -> Iterator[FeedFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FeedRefusedError(f"{path} is a broken zip file: {error}.") from None
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
        if not members:
            raise FeedRefusedError(f"{path} is a zip file without a file in it.")
        for info in members:
            name = f"{path}:{info.filename}"
            with _member(archive, info, name) as member:
                packed = Member(member, info.file_size, info.compress_size)
                plain = Bounded(packed, packed.position, max_bytes)
                yield FeedFile(
                    name, _unwrapped(name, plain, max_bytes), info.compress_size, packed.position, modified_at
                )


def _is_clutter(name: str) -> bool:
    return any(part in name for part in _NOT_FEEDS)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> IO[bytes]:
    if info.compress_type not in _ZIP_METHODS:
        raise FeedRefusedError(f"{name} is compressed in a way that is not supported: use deflate.")
    try:
        return archive.open(info)
    except RuntimeError:
        raise FeedRefusedError(f"{name} is encrypted.") from None
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise FeedRefusedError(f"{name} cannot be unpacked: {error}.") from None


def _feed(name: str, file: BinaryIO, size: int | None, modified_at: datetime | None, max_bytes: int) -> FeedFile:
    counted = Counted(file)
    return FeedFile(name, _unwrapped(name, counted, max_bytes), size, counted.position, modified_at)


def _unwrapped(name: str, source: Counted | Bounded, max_bytes: int) -> ByteSource:
    """The plain text of `source`, which may be gzip itself, whatever its name says."""
    peeked = Peeked(source, len(_ZIP))
    if peeked.head.startswith(_ZIP):
        raise FeedRefusedError(f"{name} is a zip file, which can be read from a path only, and not from within a zip.")
    if peeked.head.startswith(_GZIP):
        return Bounded(Gunzip(peeked), source.position, max_bytes)
    return peeked

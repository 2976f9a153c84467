"""Decompression that counts: streams that say how far they are, and refuse to be blown up."""

import zipfile
import zlib
from collections.abc import Callable
from typing import IO

from inventory_service.domain.errors import FeedRefusedError
from store_sync.formats import ByteSource

MAX_RATIO = 1_000
"""Decompressed to compressed bytes; feeds of real text stay below 100."""
RATIO_FROM = 64 << 20
"""Decompressed bytes from which the ratio is looked at."""

_GZIP_WINDOW = 31
"""zlib's wbits for the largest window with a gzip header and checksum."""
_MAGIC = b"\x1f\x8b"
_BLOCK = 1 << 16


class Counted:
    """A file, and how many of its bytes were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._position = 0

    def read(self, size: int, /) -> bytes:
        try:
            block = self._file.read(size)
        except OSError as error:
            raise FeedRefusedError(f"The file cannot be read any further: {error}.") from None
        self._position += len(block)
        return block

    def position(self) -> int:
        return self._position


class Member:
    """A member of a zip, of `full` bytes that take up `packed`."""

    def __init__(self, member: IO[bytes], full: int, packed: int) -> None:
        self._member = member
        self._full = full
        self._packed = packed
        self._read = 0

    def read(self, size: int, /) -> bytes:
        try:
            block = self._member.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise FeedRefusedError(f"The zip file is cut or broken: {error or 'it ends early'}.") from None
        self._read += len(block)
        return block

    def position(self) -> int:
        """Packed bytes read, as far as the unpacked ones tell."""
        return min(self._packed, self._packed * self._read // max(1, self._full))


class Gunzip:
    """The plain bytes of a gzip stream of one or more members."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._pending = b""
        self._inflate = zlib.decompressobj(_GZIP_WINDOW)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes. Raises FeedRefusedError where the data is cut or broken."""
        plain = b""
        while not plain and self._has_more():
            try:
                plain = self._inflate.decompress(self._pending, size)
            except zlib.error:
                raise FeedRefusedError("The gzip data is broken; what came before it was read.") from None
            self._pending = self._inflate.unconsumed_tail or self._inflate.unused_data
        return plain

    def _has_more(self) -> bool:
        if self._inflate.eof and not self._next_member():
            return False
        if not self._pending:
            self._pending = self._source.read(_BLOCK)
            if not self._pending:
                raise FeedRefusedError("The gzip data ends early: the file is cut; what came before was read.")
        return True

    def _next_member(self) -> bool:
        """True where another member follows; zeros that pad the last one are skipped."""
        while not (rest := self._pending.lstrip(b"\0")) or len(rest) < len(_MAGIC):
            block = self._source.read(_BLOCK)
            if not block:
                self._pending = rest
                break
            self._pending = rest + block
        if rest and not rest.startswith(_MAGIC):
            raise FeedRefusedError("Something else follows the gzip data; what came before was read.")
        self._pending = rest
        self._inflate = zlib.decompressobj(_GZIP_WINDOW) if rest else self._inflate
        return bool(rest)


class Bounded:
    """Decompressed bytes, up to a limit and to a ratio that text does not reach."""

    def __init__(self, source: ByteSource, position: Callable[[], int], max_bytes: int) -> None:
        self._source = source
        self.position = position
        self._max_bytes = max_bytes
        self._read = 0

    def read(self, size: int, /) -> bytes:
        block = self._source.read(size)
        self._read += len(block)
        if self._read > self._max_bytes:
            raise FeedRefusedError(f"The file unpacks to more than {self._max_bytes:,} bytes.")
        if self._read > RATIO_FROM and self._read > MAX_RATIO * max(1, self.position()):
            raise FeedRefusedError(f"The file unpacks to more than {MAX_RATIO:,} times its size, as no feed does.")
        return block

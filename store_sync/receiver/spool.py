"""Files on their way in: on disk without a name, so that nothing is left of them however the program ends."""

import asyncio
import errno
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inventory_service.runtime.http.errors import NoRoomError
from store_sync.receiver.metrics import SPOOL_BYTES

WRITE_BYTES = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole file, open at its start."""

    file: BinaryIO
    size: int


class Spool:
    """A folder for them on a disk of which `free_bytes` stay free."""

    def __init__(self, folder: Path, free_bytes: int) -> None:
        self._folder, self._free_bytes = folder, free_bytes
        folder.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def holding(self, blocks: AsyncIterator[bytes], expected_bytes: int) -> AsyncIterator[Spooled]:
        """What `blocks` yields, for as long as the block lasts. Raises NoRoomError, at once where that can be told."""
        self._require(expected_bytes)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            size = 0
            try:
                async for piece in _gathered(blocks):
                    await asyncio.to_thread(self._write, file, piece)
                    size += len(piece)
                    SPOOL_BYTES.inc(len(piece))
                file.seek(0)
                yield Spooled(file, size)
            finally:
                SPOOL_BYTES.dec(size)

    def _write(self, file: BinaryIO, piece: bytes) -> None:
        self._require(len(piece))
        try:
            file.write(piece)
            file.flush()
        except OSError as error:
            if error.errno in FULL:
                raise _no_room() from None
            raise

    def _require(self, more_bytes: int) -> None:
        if shutil.disk_usage(self._folder).free < more_bytes + self._free_bytes:
            raise _no_room()


def _no_room() -> NoRoomError:
    return NoRoomError("Our disk has no room for this file just now; nothing of it was loaded.")


async def _gathered(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces that are worth a thread's while."""
    piece = bytearray()
    async for block in blocks:
        piece += block
        if len(piece) >= WRITE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)

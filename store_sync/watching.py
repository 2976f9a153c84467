"""Watched files and folders: looked at again and again, each file taken once it has stopped changing."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from inventory_service.domain.errors import FeedRefusedError, PausedError
from inventory_service.storage import source_files, source_state
from inventory_service.storage.postgres import connected
from inventory_service.storage.source_files import Content, Stamp
from store_sync.declared import DeclaredSource, reading_of
from store_sync.sources.folder import Found, Looks, WatchError, is_unchanged, look_at
from store_sync.sources.taking import DEADLINE_S, Means, enrolled, load_file, tell_failed, tell_looked, turn_of
from store_sync.sources.turns import Turn

log = structlog.get_logger(__name__)

TELL_EVERY_S = 10.0
"""How often a look without news is written down."""
BLOCK = 8 << 20


class Watcher:
    """Keeps up with one watched file or folder. What it knows is in the database: it may be killed at any moment."""

    def __init__(self, source: DeclaredSource, watch: Path, means: Means) -> None:
        self._source, self._watch, self._means = source, watch, means
        self._reading = reading_of(source)
        self._looks = Looks()
        self._done: dict[str, Stamp] = {}
        self._source_id: int | None = None
        self._tell_at = 0.0

    async def look(self) -> float:
        """Looks once and takes what has settled; returns the seconds until the next look.

        Raises WatchError, StorageError and TurnLostError.
        """
        source_id = self._source_id = self._source_id or await enrolled(self._means, self._source)
        try:
            found = await asyncio.to_thread(look_at, self._watch)
            await self._take_new(source_id, self._looks.settled(found))
        except WatchError as error:
            await tell_failed(self._means, source_id, str(error))
            self._tell_at = 0.0
            raise
        names = {one.name for one in found}
        self._done = {name: stamp for name, stamp in self._done.items() if name in names}
        await self._tell(source_id)
        return self._source.every_s

    async def _tell(self, source_id: int) -> None:
        if time.monotonic() >= self._tell_at:
            await tell_looked(self._means, source_id)
            self._tell_at = time.monotonic() + TELL_EVERY_S

    async def _take_new(self, source_id: int, settled: Sequence[Found]) -> None:
        new = {one.name: one for one in settled if self._done.get(one.name) != one.stamp}
        if not new:
            return
        stamps = {name: one.stamp for name, one in new.items()}
        async with connected(self._means.pool, deadline_s=DEADLINE_S) as connection:
            known = await source_files.taken(connection, source_id, self._reading, stamps)
        self._done.update((name, stamps[name]) for name in known)
        await self._take_all(source_id, [one for name, one in new.items() if name not in known])

    async def _take_all(self, source_id: int, new: Sequence[Found]) -> None:
        """Takes the files in their order; one that cannot be read does not keep the others from it."""
        unreadable: list[WatchError] = []
        for one in new:
            try:
                async with self._means.slots, turn_of(self._means, source_id) as mine:
                    if mine is None or await self._is_paused(source_id):
                        return
                    await self._take(one, source_id, mine)
                    self._tell_at = 0.0
            except WatchError as error:
                if await asyncio.to_thread(is_unchanged, one):
                    unreadable.append(error)
        if unreadable:
            raise unreadable[0]

    async def _is_paused(self, source_id: int) -> bool:
        async with connected(self._means.pool, deadline_s=DEADLINE_S) as connection:
            return await source_state.is_paused(connection, source_id)

    async def _take(self, one: Found, source_id: int, mine: Turn) -> None:
        """Loads the file and remembers it, loaded or refused; one that changes meanwhile will be taken again."""
        content = Content(source_id, self._reading, one.name, await sha256_of(one.path), one.stamp)
        if not await self._says_nothing_new(content):
            failure = None
            try:
                await self._load(one, mine)
            except FeedRefusedError as refused:
                failure = str(refused)
            except PausedError:
                return
            if not await asyncio.to_thread(is_unchanged, one):
                return
            await self._remember(content, failure)
        self._done[one.name] = one.stamp

    async def _says_nothing_new(self, content: Content) -> bool:
        """Bytes that were taken before. A snapshot with a new time still says that everything stands as it did."""
        if self._source.snapshot:
            return False
        async with connected(self._means.pool, deadline_s=DEADLINE_S) as connection:
            return await source_files.is_repeated(connection, content, self._means.clock())

    async def _load(self, one: Found, mine: Turn) -> None:
        modified_at = datetime.fromtimestamp(one.stamp.modified_ns / 1e9, UTC)
        await load_file(self._means, self._source, mine, one.path, modified_at, str(one.path))

    async def _remember(self, content: Content, failure: str | None) -> None:
        async with connected(self._means.pool, deadline_s=DEADLINE_S) as connection:
            await source_files.remember(connection, content, self._means.clock(), failure)
        if failure is not None:
            log.warning("file_refused", source=self._source.name, file=content.name, reason=failure)


async def sha256_of(path: Path) -> bytes:
    """Digest of a file's bytes, read a block at a time beside the event loop. Raises WatchError."""
    digest = hashlib.sha256()
    try:
        with await asyncio.to_thread(path.open, "rb") as file:
            while block := await asyncio.to_thread(file.read, BLOCK):
                await asyncio.to_thread(digest.update, block)
    except OSError as error:
        raise WatchError(f"{path} cannot be read: {error.strerror}.") from None
    return digest.digest()

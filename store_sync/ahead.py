"""A file's lines in chunks, of which the next is read in another thread while one is dealt with."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import StockColumns
from inventory_service.storage.postgres import STOPPED_WITHIN_S, Connection
from store_sync.job import Ground, Line

CHUNK = 10_000
"""Lines a transaction."""
CHUNK_OF_NEW = 40_000
"""Lines a transaction where a first stock comes in: nobody waits for what is there."""
SIGN_OF_LIFE_S = STOPPED_WITHIN_S / 3


class Ahead:
    """Chunks of about CHUNK lines, or CHUNK_OF_NEW as long as the ground is new.

    Where the file breaks off, what came before it is given first.
    """

    def __init__(self, lines: Iterable[Line], ground: Ground) -> None:
        self._ground = ground
        self._grouped = self._chunks(iter(lines))
        self._next: asyncio.Future[list[Line] | None] | None = None

    def begin(self) -> None:
        """Reads the next chunk from now on, if that has not begun: called when there is nothing to do but wait."""
        if self._next is None:
            self._next = asyncio.ensure_future(asyncio.to_thread(next, self._grouped, None))

    async def chunk(self, connection: Connection) -> list[Line] | None:
        """The next one, however long the file takes; None: that was all. Raises FeedRefusedError.

        Meanwhile Postgres hears of us, lest the lookout of others ends us.
        """
        self.begin()
        assert self._next is not None
        while not self._next.done():
            await asyncio.wait([self._next], timeout=SIGN_OF_LIFE_S)
            if not self._next.done():
                await connection.execute("SELECT 1")
        found, self._next = self._next, None
        return found.result()

    async def end(self) -> None:
        """Nothing reads the file any more."""
        if self._next is not None:
            await asyncio.wait([self._next])
            self._next.exception()

    def _chunks(self, iterator: Iterator[Line]) -> Iterator[list[Line]]:
        chunk: list[Line] = []
        size = 0
        try:
            for line in iterator:
                chunk.append(line)
                size += max(len(line), CHUNK) if isinstance(line, StockColumns) else 1
                if size >= (CHUNK_OF_NEW if self._ground.is_new else CHUNK):
                    yield chunk
                    chunk, size = [], 0
        except FeedRefusedError:
            if chunk:
                yield chunk
            raise
        if chunk:
            yield chunk


@asynccontextmanager
async def read_ahead(lines: Iterable[Line], ground: Ground) -> AsyncIterator[Ahead]:
    ahead = Ahead(lines, ground)
    try:
        yield ahead
    finally:
        await ahead.end()

"""A body that may never end, cut into batches of numbered lines."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from store_sync.formats.json_counts import Numbered
from store_sync.formats.lines import MAX_RECORD
from store_sync.receiver.bodies import Body
from store_sync.receiver.bounds import EventBounds


class Cutter:
    """Blocks in, lines out. Blank lines only count; of a line that is too long enough is kept to see that."""

    def __init__(self) -> None:
        self.waiting: deque[Numbered] = deque()
        self._tail, self._number = b"", 0

    def feed(self, block: bytes) -> None:
        *whole, rest = (self._tail + block).split(b"\n")
        for line in whole:
            self._add(line)
        self._tail = rest[: MAX_RECORD + 1]

    def finish(self) -> None:
        """The body is over: what stands after its last line feed is a line, too."""
        if self._tail:
            self._add(self._tail)
            self._tail = b""

    def take(self, at_most: int) -> list[Numbered]:
        return [self.waiting.popleft() for _ in range(min(at_most, len(self.waiting)))]

    def _add(self, line: bytes) -> None:
        self._number += 1
        if line.strip():
            self.waiting.append((self._number, line[: MAX_RECORD + 1]))


async def batches(body: Body, bounds: EventBounds) -> AsyncIterator[Sequence[Numbered]]:
    """Whole lines, as many as are there or come soon. Nothing is read while a batch is worked on.

    Raises TooSlowError where the body falls silent, once all its whole lines have been given.
    """
    cutter, loop, ended = Cutter(), asyncio.get_running_loop(), False
    while not ended or cutter.waiting:
        if not (ended or cutter.waiting):
            ended = _fed(cutter, await body.block(bounds.silent_s))
        until = loop.time() + bounds.gather_s
        while cutter.waiting and not ended and len(cutter.waiting) < bounds.lines_at_once:
            block = await body.ready(max(0.0, until - loop.time()))
            if block is None:
                break
            ended = _fed(cutter, block)
        if cutter.waiting:
            yield cutter.take(bounds.lines_at_once)


def _fed(cutter: Cutter, block: bytes) -> bool:
    """Whether the body is over."""
    if block:
        cutter.feed(block)
    else:
        cutter.finish()
    return not block

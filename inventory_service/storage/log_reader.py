"""A reader's place in the change log, where transactions commit in another order than they are numbered.

Everything committed is read at once. The place itself moves only below the oldest transaction that still runs
(`pg_snapshot_xmin`), wherever on the server that is; what was read beyond it is remembered, so that it is read once.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from inventory_service.storage import changes
from inventory_service.storage.changes import Change, Cursor, News
from inventory_service.storage.horizon import Horizon
from inventory_service.storage.postgres import Connection

Read = Callable[[Connection, Cursor, Collection[int], int], Awaitable[News]]

MOST_AHEAD = 10_000
"""Batches remembered beyond the place. While a transaction runs on as more are written, the reader waits for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """All up to `cursor` has been read, and `ahead` of it these."""

    cursor: Cursor
    ahead: frozenset[Cursor] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """What was read, and the place to go on from once it has been dealt with.

    `more`: the end was not reached; else everything that `horizon` sees has been read, by this page or one before.
    `oldest_at`: when the oldest batch that is still to be dealt with was written, by the writer's clock.
    """

    changes: list[Change]
    place: Place
    more: bool
    horizon: Horizon
    oldest_at: datetime | None


async def read_on(connection: Connection, place: Place, at_most: int, read: Read = changes.read) -> Page:
    """The next page from `place`."""
    horizon, read_now = await read(connection, place.cursor, [one.seq for one in place.ahead], at_most)
    head = changes.head_of(horizon)
    waits, full = len(place.ahead) >= MOST_AHEAD, len(read_now) == at_most
    found = [one for one in read_now if one.cursor.xact < head.xact] if waits else read_now
    moved = _moved(place, head, found, read_now[-1].cursor if full else None)
    oldest_at = min((one.committed_at for one in read_now), default=None)
    return Page(found, moved, full or waits, horizon, oldest_at)


def _moved(place: Place, head: Cursor, found: list[Change], end: Cursor | None) -> Place:
    """`head` is of the snapshot that `found` was read in: every transaction below it was over and all it wrote visible.

    `end`: where a full page ended; what lies beyond it has not been looked at.
    """
    seen = place.ahead | {one.cursor for one in found}
    settled = [one for one in seen if one.xact < head.xact and (end is None or one <= end)]
    cursor = max(settled, default=place.cursor)
    return Place(cursor, frozenset(one for one in seen if one > cursor))

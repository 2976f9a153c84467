"""A file's way in: chunks of parsed lines, each its own transaction, in bounded memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from inventory_service.domain.clock import Clock, clock_fault
from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Loaded, Refusal, Row
from inventory_service.storage import loads, stores
from inventory_service.storage.apply import apply_records, apply_snapshot_records
from inventory_service.storage.postgres import Connection, Pool, connected, persistently
from inventory_service.storage.stores import RetailerProfile
from store_sync.intake import Intake, Tally, take_in
from store_sync.snapshot import Snapshot

CHUNK = 5_000
"""Lines a transaction."""
DEADLINE_S = 120.0
AS_OF_FAULTS = {"future": "lies ahead of our clock", "too_old": "lies before the year 2000"}

Lines = Iterable[Row | Refusal]
Report = Callable[[Loaded], None]


@dataclass(frozen=True, slots=True)
class FeedOrder:
    """What to load: whose, from which source, and what the file is.

    `as_of` is the source's clock for the whole file, where it is known; `modified_at` stands in for it.
    """

    profile: RetailerProfile
    source: str
    file: str
    kind: str
    as_of: datetime | None = None
    modified_at: datetime | None = None
    snapshot: bool = False


class Loader:
    """Loads feeds into one database."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    async def load(self, order: FeedOrder, lines: Lines, report: Report = lambda _: None) -> Loaded:
        """Takes `lines` in. Raises FeedRefusedError (what came before stays loaded and told) and StorageError."""
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            return await self._load(connection, order, lines, report)

    async def rehearse(self, order: FeedOrder, lines: Lines, report: Report = lambda _: None) -> Loaded:
        """Like `load`, and takes everything back: the tally is what a load would give."""
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            whole = connection.transaction()
            await whole.start()
            try:
                return await self._load(connection, order, lines, report)
            finally:
                await whole.rollback()

    async def _load(self, connection: Connection, order: FeedOrder, lines: Lines, report: Report) -> Loaded:
        intake = await self._begin(connection, order)
        snapshot = Snapshot(intake) if order.snapshot else None
        loaded = Loaded()
        failure: str | None = "The load was interrupted."
        try:
            if snapshot is not None:
                await snapshot.begin(connection)
            for chunk in _chunks(lines):
                loaded = _sum(loaded, await self._take_in(connection, intake, chunk, snapshot))
                report(loaded)
            if snapshot is not None:
                settled = await snapshot.close(connection, self._clock)
                loaded = replace(loaded, emptied=settled.emptied, held=settled.held)
            failure = None
        except FeedRefusedError as refused:
            failure = str(refused)
            raise
        finally:
            await loads.finish(connection, intake.load_id, self._clock(), failure)
        return loaded

    async def _take_in(
        self, connection: Connection, intake: Intake, chunk: list[Row | Refusal], snapshot: Snapshot | None
    ) -> Tally:
        async def work() -> Tally:
            tally = await take_in(connection, intake, chunk, self._clock())
            if snapshot is not None:
                await snapshot.mention(connection, tally)
            return tally

        return await persistently(connection, work)

    async def _begin(self, connection: Connection, order: FeedOrder) -> Intake:
        now = self._clock()
        as_of = _as_of(order, now)
        async with connection.transaction():
            retailer_id = await stores.ensure_retailer(connection, order.profile, now)
            source_id = await stores.ensure_source(connection, retailer_id, order.source, now)
            load_id = await loads.begin(connection, source_id, order.file, order.kind, as_of, now)
        apply = apply_snapshot_records if order.snapshot else apply_records
        return Intake(load_id, source_id, order.profile, as_of, min(as_of, now), apply)


def _as_of(order: FeedOrder, now: datetime) -> datetime:
    """The file's own time: given, else that of its last change, else now.

    A last change ahead of our clock still tells which of two files is newer; it is never taken for an observation.
    """
    if order.as_of is not None:
        fault = clock_fault(order.as_of, now)
        if fault is not None:
            raise FeedRefusedError(
                f"as_of {order.as_of.isoformat()} {AS_OF_FAULTS[fault]}; our clock reads {now.isoformat()}."
            )
        return order.as_of
    modified_at = order.modified_at
    return now if modified_at is None or clock_fault(modified_at, now) == "too_old" else modified_at


def _chunks(lines: Lines) -> Iterator[list[Row | Refusal]]:
    """Chunks of lines. What came before a refusal of the whole file is still handed out."""
    iterator = iter(lines)
    while True:
        chunk: list[Row | Refusal] = []
        try:
            chunk.extend(islice(iterator, CHUNK))
        except FeedRefusedError:
            if chunk:
                yield chunk
            raise
        if not chunk:
            return
        yield chunk


def _sum(loaded: Loaded, tally: Tally) -> Loaded:
    reasons = dict(loaded.reasons or {})
    for one in tally.rejected:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    return Loaded(
        rows=loaded.rows + tally.rows,
        applied=loaded.applied + tally.applied,
        unchanged=loaded.unchanged + tally.unchanged,
        rejected=loaded.rejected + len(tally.rejected),
        shared_gtin=loaded.shared_gtin + tally.shared,
        reasons=reasons,
    )

"""The way in: a file in chunks of parsed lines, each its own transaction, in bounded memory; or live events at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inventory_service.domain.clock import Clock, clock_fault
from inventory_service.domain.errors import FeedRefusedError, PausedError
from inventory_service.domain.feed import REFUSALS_SHOWN, Loaded, Refusal
from inventory_service.storage import loads, snapshots, stores
from inventory_service.storage.loads import Rejected
from inventory_service.storage.postgres import Connection, Pool, connected, persistently, stay_patient
from inventory_service.storage.stores import RetailerProfile, Source
from store_sync import snapshot, together
from store_sync.ahead import Ahead, read_ahead
from store_sync.intake import take_in
from store_sync.job import Intake, Line
from store_sync.leftovers import Leftovers
from store_sync.lookout import lookout
from store_sync.tally import Tally

DEADLINE_S = 120.0
INTERRUPTED = "The load was interrupted."
AS_OF_FAULTS = {"future": "lies ahead of our clock", "too_old": "lies before the year 2000"}

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

    async def load(self, order: FeedOrder, lines: Iterable[Line], report: Report = lambda _: None) -> Loaded:
        """Takes a file's `lines` in, which are read in another thread, one chunk ahead.

        Raises FeedRefusedError (what came before stays loaded and told), PausedError and StorageError.
        """
        async with lookout(self._pool), connected(self._pool, deadline_s=DEADLINE_S) as connection:
            return await self._load(connection, order, lines, report)

    async def rehearse(self, order: FeedOrder, lines: Iterable[Line], report: Report = lambda _: None) -> Loaded:
        """Like `load`, and takes everything back: the tally is what a load would give."""
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            whole = connection.transaction()
            await whole.start()
            try:
                await stay_patient(connection)
                return await self._load(connection, order, lines, report)
            finally:
                await whole.rollback()

    async def take(self, order: FeedOrder, lines: Sequence[Line]) -> Loaded:
        """Takes live events in, all in one transaction: they count under the source's load of the day.

        Raises PausedError and StorageError; then nothing has happened.
        """
        (loaded,) = await self.take_each(order, [lines])
        return loaded

    async def take_each(self, order: FeedOrder, bodies: Sequence[Sequence[Line]]) -> list[Loaded]:
        """Like `take`, of several senders' lines, one after another in the same transaction: what became of each."""
        now = self._clock()

        async def work() -> tuple[int, list[Tally]]:
            source = await _open_source(connection, order, now)
            load_id = await loads.of_day(connection, source.source_id, order.file, order.kind, now)
            ours = load_id, source.source_id, source.retailer_id, order.profile, None, now
            return load_id, await together.take_each(connection, lambda: Intake(*ours), bodies, now)

        async with lookout(self._pool), connected(self._pool, deadline_s=DEADLINE_S) as connection:
            load_id, tallies = await persistently(connection, work)
        return [_sum(Loaded(load_id=load_id), tally) for tally in tallies]

    async def _load(self, connection: Connection, order: FeedOrder, lines: Iterable[Line], report: Report) -> Loaded:
        intake = await self._begin(connection, order)
        loaded = Loaded(load_id=intake.load_id)
        failure: str | None = INTERRUPTED
        try:
            if order.snapshot:
                await snapshots.begin(connection, intake.source_id)
            async with read_ahead(lines, intake.ground) as ahead:
                while (chunk := await ahead.chunk(connection)) is not None:
                    loaded = _sum(loaded, await self._take_in(connection, intake, chunk, ahead))
                    report(loaded)
            settled = await snapshot.close(connection, intake, self._clock)
            loaded = replace(loaded, emptied=settled.emptied, held=settled.held)
            failure = None
        except FeedRefusedError as refused:
            failure = str(refused)
            raise
        finally:
            await loads.finish(
                connection, intake.load_id, self._clock(), failure, emptied=loaded.emptied, held=loaded.held
            )
        return loaded

    async def _take_in(self, connection: Connection, intake: Intake, chunk: list[Line], ahead: Ahead) -> Tally:
        async def work() -> Tally:
            try:
                return await take_in(connection, intake, chunk, self._clock(), ahead.begin)
            except BaseException:
                intake.catalogue.forget()
                raise

        return await persistently(connection, work)

    async def _begin(self, connection: Connection, order: FeedOrder) -> Intake:
        now = self._clock()
        as_of = _as_of(order, now)
        async with connection.transaction():
            source = await _open_source(connection, order, now)
            await loads.end_dead(connection, INTERRUPTED, now)
            load_id = await loads.begin(connection, source.source_id, order.file, order.kind, as_of, now)
        leftovers = Leftovers(source.source_id, min(as_of, now)) if order.snapshot else None
        ours = source.source_id, source.retailer_id, order.profile
        return Intake(load_id, *ours, as_of, min(as_of, now), leftovers)


async def _open_source(connection: Connection, order: FeedOrder, now: datetime) -> Source:
    source = await stores.ensure_own_source(connection, order.profile, order.source, now)
    if source.paused:
        raise PausedError(
            f"The source {order.source} of {order.profile.slug} is paused; it takes nothing until resumed."
        )
    return source


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


def _sum(loaded: Loaded, tally: Tally) -> Loaded:
    reasons = dict(loaded.reasons or {})
    for one in tally.rejected:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    return replace(
        loaded,
        rows=loaded.rows + tally.rows,
        applied=loaded.applied + tally.applied,
        unchanged=loaded.unchanged + tally.unchanged,
        rejected=loaded.rejected + len(tally.rejected),
        shared_gtin=loaded.shared_gtin + tally.shared,
        duplicates=loaded.duplicates + tally.duplicates,
        conflicting=loaded.conflicting + tally.conflicting,
        reasons=reasons,
        refusals=loaded.refusals
        + tuple(_shown(one) for one in tally.rejected[: REFUSALS_SHOWN - len(loaded.refusals)]),
    )


def _shown(one: Rejected) -> Refusal:
    return Refusal(one.line, one.field, one.reason, one.detail)

"""A file that lists everything a store has: what it leaves out is gone, unless that would empty the store.

It speaks for its own source only, and only once the whole file has been parsed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.clock import Clock
from inventory_service.domain.level import Record, emptied
from inventory_service.domain.stock import NONE_LEFT
from inventory_service.storage import positions, snapshots
from inventory_service.storage.apply import apply_records, lock_retailer
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.records import Position
from store_sync.intake import Intake, Tally

STORES_AT_ONCE = 50
HOLD_FROM = 20
"""A store is held where more than half of its positive rows, and at least so many, would become 0."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a snapshot means for one store: the positions that it empties, and whether a person has to look first."""

    gone: tuple[Position, ...]
    positive: int
    certain: bool
    """Every line of the file could be read far enough to tell what it spoke of."""

    @property
    def held(self) -> bool:
        if self.gone and not self.certain:
            return True
        return len(self.gone) >= HOLD_FROM and 2 * len(self.gone) > self.positive


@dataclass(frozen=True, slots=True)
class Settled:
    """What the end of a snapshot did: positions that became empty, stores that wait for a person."""

    emptied: int = 0
    held: int = 0


def zeros(gone: Sequence[Position], zero: Record) -> list[tuple[Key, Record]]:
    """`zero` for every item of each position."""
    return [((one.product_id, one.store_id), record) for one in gone for record in emptied(one.records, zero)]


class Snapshot:
    """Collects what a file mentions, and settles the rest at its end."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._unread = 0

    async def begin(self, connection: Connection) -> None:
        """Waits for its turn; what a broken snapshot mentioned on this connection is forgotten."""
        await snapshots.begin(connection, self._intake.source_id)

    async def mention(self, connection: Connection, tally: Tally) -> None:
        """Notes what a chunk spoke of."""
        self._unread += tally.unread
        await snapshots.mention(connection, tally.keys)

    async def close(self, connection: Connection, clock: Clock) -> Settled:
        """Empties what the file left out, moves coverage, holds the stores that it would empty."""
        settled = Settled()
        for retailer_id, store_ids in (await snapshots.mentioned_stores(connection)).items():
            for start in range(0, len(store_ids), STORES_AT_ONCE):
                async with connection.transaction():
                    some = await self._settle(connection, retailer_id, store_ids[start : start + STORES_AT_ONCE], clock)
                settled = Settled(settled.emptied + some.emptied, settled.held + some.held)
        await snapshots.forget_mentions(connection)
        return settled

    async def _settle(
        self, connection: Connection, retailer_id: int, store_ids: Sequence[int], clock: Clock
    ) -> Settled:
        intake, now = self._intake, clock()
        await lock_retailer(connection, retailer_id)
        verdicts = await self._verdicts(connection, store_ids)
        covered = await positions.coverage(connection, store_ids)
        released = [
            store_id
            for store_id in store_ids
            if not verdicts[store_id].held or self._is_behind(covered.get((store_id, intake.source_id)))
        ]
        zero = Record(intake.observed_at, intake.as_of, NONE_LEFT, intake.source_id)
        gone = [position for store_id in released for position in verdicts[store_id].gone]
        await apply_records(connection, retailer_id, zeros(gone, zero), now)
        await snapshots.cover(connection, released, intake.source_id, intake.observed_at, now)
        for store_id in set(store_ids) - set(released):
            verdict = verdicts[store_id]
            held = snapshots.Held(store_id, intake.load_id, [one.product_id for one in verdict.gone], verdict.positive)
            await snapshots.hold(connection, held, intake.source_id)
        return Settled(len(gone), len(store_ids) - len(released))

    def _is_behind(self, covered_at: datetime | None) -> bool:
        """A newer snapshot has spoken since: what this one leaves out cannot empty the store."""
        return covered_at is not None and covered_at > self._intake.observed_at

    async def _verdicts(self, connection: Connection, store_ids: Sequence[int]) -> dict[int, Verdict]:
        mine: dict[int, list[tuple[Position, bool]]] = defaultdict(list)
        for position, mentioned in await snapshots.positions_of(connection, store_ids):
            if position.records[-1].source_id == self._intake.source_id:
                mine[position.store_id].append((position, mentioned))
        return {store_id: self._verdict(mine[store_id]) for store_id in store_ids}

    def _verdict(self, held: Sequence[tuple[Position, bool]]) -> Verdict:
        positive = [(position, mentioned) for position, mentioned in held if position.level.stock != NONE_LEFT]
        gone = [
            position
            for position, mentioned in positive
            if not mentioned and position.records[-1].observed_at < self._intake.observed_at
        ]
        return Verdict(tuple(gone), len(positive), certain=self._unread == 0)

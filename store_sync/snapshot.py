"""A file that lists everything a store has: what it leaves out is gone, unless that would empty the store.

It speaks for its own source only, and only once the whole file has been parsed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from inventory_service.domain.clock import Clock
from inventory_service.domain.report import Record, Report
from inventory_service.domain.stock import NONE_LEFT
from inventory_service.storage import positions, snapshots, stores
from inventory_service.storage.apply import apply_reports, lock_retailer
from inventory_service.storage.positions import Key
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import Position
from store_sync.job import Intake
from store_sync.leftovers import Leftovers

STORES_AT_ONCE = 50
HOLD_FROM = 20
"""A store is held where more than half of its positive rows, and at least so many, would become 0."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the end of a snapshot did: positions that became empty, stores that wait for a person."""

    emptied: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """What a file says of the positions that it does not list, and which of them it empties."""

    reports: list[tuple[Key, Report]]
    emptied: list[Key]
    """Not those of which a newer report speaks, nor those that are empty already."""


def left_out(held: Iterable[Position], absence: Record) -> Gone:
    """`absence` of every item to which it is news."""
    gone = Gone([], [])
    for one in held:
        key = (one.product_id, one.store_id)
        told: list[Report] = [replace(absence, rank=rank) for rank in one.history.emptied_by(absence)]
        gone.reports.extend((key, report) for report in told)
        if told and one.level.stock != NONE_LEFT and one.history.joined(told).level.stock == NONE_LEFT:
            gone.emptied.append(key)
    return gone


async def close(connection: Connection, intake: Intake, clock: Clock) -> Settled:
    """Empties what the file left out, moves coverage, holds the stores that it would empty.

    Where nobody can tell what refused lines spoke of, nothing is emptied without a person.
    """
    left = intake.leftovers
    settled = Settled()
    if left is None:
        return settled
    for retailer_id, store_ids in (await stores.by_retailer(connection, left.stores())).items():
        for start in range(0, len(store_ids), STORES_AT_ONCE):
            async with connection.transaction():
                closing = _Closing(connection, intake, left, clock())
                some = await closing.settle(retailer_id, store_ids[start : start + STORES_AT_ONCE])
            settled = Settled(settled.emptied + some.emptied, settled.held + some.held)
    return settled


@dataclass(frozen=True, slots=True)
class _Closing:
    """The end of a snapshot, for some stores in one transaction."""

    connection: Connection
    intake: Intake
    left: Leftovers
    now: datetime

    async def settle(self, retailer_id: int, store_ids: Sequence[int]) -> Settled:
        intake = self.intake
        await lock_retailer(self.connection, retailer_id)
        gone = await self._gone(store_ids)
        covered = await positions.coverage(self.connection, store_ids)
        released = [
            store_id
            for store_id in store_ids
            if not self._is_held(store_id, gone[store_id]) or self._is_behind(covered.get((store_id, intake.source_id)))
        ]
        told = list(chain.from_iterable(gone[store_id].reports for store_id in released))
        await apply_reports(self.connection, told, self.now)
        await snapshots.cover(self.connection, released, intake.source_id, intake.observed_at, intake.load_id, self.now)
        await self._hold(set(store_ids) - set(released), gone)
        return Settled(sum(len(gone[one].emptied) for one in released), len(store_ids) - len(released))

    async def _gone(self, store_ids: Sequence[int]) -> dict[int, Gone]:
        """Looked at again under the lock: others may have spoken of them since the stores were met."""
        keys = [key for store_id in store_ids for key in self.left.of(store_id)]
        held: dict[int, list[Position]] = {store_id: [] for store_id in store_ids}
        for position in (await positions.held_of_living(self.connection, keys)).values():
            held[position.store_id].append(position)
        at = (self.intake.observed_at, self.intake.as_of or self.intake.observed_at)
        absence = Record(*at, NONE_LEFT, self.intake.source_id, kind="absence", load_id=self.intake.load_id)
        return {store_id: left_out(some, absence) for store_id, some in held.items()}

    def _is_held(self, store_id: int, gone: Gone) -> bool:
        if gone.emptied and not self.left.is_certain(store_id):
            return True
        return len(gone.emptied) >= HOLD_FROM and 2 * len(gone.emptied) > self.left.positive(store_id)

    def _is_behind(self, covered_at: datetime | None) -> bool:
        """A newer snapshot has spoken since: what this one leaves out cannot empty the store."""
        return covered_at is not None and covered_at > self.intake.observed_at

    async def _hold(self, store_ids: set[int], gone: Mapping[int, Gone]) -> None:
        for store_id in sorted(store_ids):
            products = [product_id for product_id, _ in gone[store_id].emptied]
            held = snapshots.Held(store_id, self.intake.load_id, products, self.left.positive(store_id))
            await snapshots.hold(self.connection, held, self.intake.source_id)

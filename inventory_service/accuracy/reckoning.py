"""The account of our answers, made at most once a minute a worker and reach, and never in the way of an answer."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import StorageError
from inventory_service.domain.freshness import Freshness
from inventory_service.domain.looks import LONGEST, Looks, Period, period
from inventory_service.runtime.outage import Outage
from inventory_service.storage import freshness, scores
from inventory_service.storage.postgres import Connection, Pool, connected

LASTS = timedelta(minutes=1)
DEADLINE_S = 30.0
MOST_REACHES = 64
"""Accounts kept, beside everybody's those of single retailers' staff."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose stores an account is of: everybody's, or those of one retailer, some of them where any are named."""

    retailer_id: int | None = None
    store_ids: frozenset[int] = frozenset()


EVERYBODY = Reach()


@dataclass(frozen=True, slots=True)
class Account:
    """What is known at one moment (`made_at`, our clock)."""

    made_at: datetime
    looks: tuple[Looks, ...]
    freshness: Freshness
    horizon: timedelta

    def period(self, days: int) -> Period:
        """The last `days` days, one of PERIODS."""
        return period(self.looks, days, self.made_at.date())


class Reckoner:
    """Accounts by reach. One that is being made is waited for by all who ask for it; a failed one leaves the last."""

    def __init__(self, pool: Pool, clock: Clock, horizon: timedelta) -> None:
        """`pool` is not the one that answers are looked up with."""
        self._pool, self._clock, self._horizon = pool, clock, horizon
        self._kept: dict[Reach, Account] = {}
        self._making: dict[Reach, asyncio.Task[None]] = {}
        self._outage = Outage("postgres, for the account of our answers")

    def told(self) -> Account | None:
        """Everybody's, as it was made last; None before that."""
        return self._kept.get(EVERYBODY)

    def renew(self) -> None:
        """Begins to make everybody's anew where it is due, and waits for nothing."""
        if not self._is_fresh(EVERYBODY):
            self._begun(EVERYBODY)

    async def account(self, reach: Reach) -> Account:
        """One at most a minute old, or the last one where Postgres is away. Raises StorageError where there is none."""
        if not self._is_fresh(reach):
            await asyncio.wait([self._begun(reach)])
        if reach not in self._kept:
            raise StorageError("Nobody could add up the account of our answers.")
        return self._kept[reach]

    async def close(self) -> None:
        """Ends what is being made."""
        for task in self._making.values():
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    def _is_fresh(self, reach: Reach) -> bool:
        kept = self._kept.get(reach)
        return kept is not None and abs(self._clock() - kept.made_at) < LASTS

    def _begun(self, reach: Reach) -> "asyncio.Task[None]":
        if reach not in self._making:
            task = self._making[reach] = asyncio.create_task(self._make(reach))
            task.add_done_callback(lambda _: self._making.pop(reach))
        return self._making[reach]

    async def _make(self, reach: Reach) -> None:
        try:
            async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
                account = await self._read(connection, reach)
        except StorageError as error:
            self._outage.met(error)
            return
        self._outage.over()
        self._kept.pop(reach, None)
        self._kept[reach] = account
        if len(self._kept) > MOST_REACHES:
            del self._kept[next(one for one in self._kept if one != EVERYBODY)]

    async def _read(self, connection: Connection, reach: Reach) -> Account:
        now = self._clock()
        since = _midnight(now.date() - timedelta(days=LONGEST - 1))
        if reach.retailer_id is None:
            looks = await scores.looks(connection, since)
            fresh = await freshness.of_everybody(connection, now, self._horizon)
        else:
            own = (reach.retailer_id, reach.store_ids)
            looks = await scores.looks_of(connection, since, *own)
            fresh = await freshness.of_retailer(connection, now, self._horizon, *own)
        return Account(now, tuple(looks), fresh, self._horizon)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

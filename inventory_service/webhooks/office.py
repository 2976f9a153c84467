"""Where webhooks are delivered: in one worker of all, as long as there are any.

Another takes over once it is gone, or gives no sign of life any more. A worker that had been stopped may end what was
on its way and note how that went: a delivery that the other makes too, under the same webhook-id. All else is undone.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import StorageError
from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import Backoff
from inventory_service.lookup.memory import Memory
from inventory_service.runtime.outage import Outage
from inventory_service.runtime.shutdown import ended
from inventory_service.storage import outbox, webhook_log, webhook_turn
from inventory_service.storage.postgres import Connection, Pool, connect, connected, translated
from inventory_service.storage.publishing import elapsed_s, wait, wakened
from inventory_service.storage.webhook_turn import RENEW_EVERY_S, Turn
from inventory_service.webhooks.couriers import Couriers
from inventory_service.webhooks.metrics import WebhookMetrics
from inventory_service.webhooks.sending import open_sender
from inventory_service.webhooks.telling import Wording
from inventory_service.webhooks.watching import LogWatch, Parts, Rounds

log = structlog.get_logger(__name__)

DEADLINE_S = 30.0
ASK_AGAIN_S = 1.0
REST_S = 1.0
RENEW_WITHIN_S = 3.0
IDLE_S = 0.5
PAUSE_S = 0.05
"""Between two looks at the log: what comes meanwhile is looked at together."""
CLEAR_EVERY_S, COUNT_EVERY_S = 30.0, 5.0


class Office:
    """One candidate for the one worker that delivers."""

    def __init__(
        self,
        database_url: str,
        pool: Pool,
        memory: Memory,
        clock: Clock,
        wording: Wording,
        metrics: WebhookMetrics,
        *,
        private: bool,
        backoff: Backoff,
    ) -> None:
        """`private`: any address will do."""
        self._database_url, self._pool, self._memory, self._clock = database_url, pool, memory, clock
        self._wording, self._metrics = wording, metrics
        self._private, self._backoff = private, backoff
        self._outage = Outage("postgres, for webhooks")
        self._cleared_s = self._counted_s = 0.0

    async def run(self) -> None:
        """Until cancelled. Where there are no webhooks it only asks, now and then, whether there are any."""
        while True:
            try:
                if await self._needed():
                    await self._stand()
                self._outage.over()
                await asyncio.sleep(ASK_AGAIN_S)
            except StorageError as error:
                self._outage.met(error)
                await asyncio.sleep(REST_S)
            except Exception:
                log.exception("webhooks_failed")
                await asyncio.sleep(REST_S)

    async def _needed(self) -> bool:
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            return await webhook_log.any_left(connection)

    async def _stand(self) -> None:
        """Waits for its turn, and works until nothing is left to do."""
        connection = await connect(self._database_url, deadline_s=DEADLINE_S)
        try:
            with translated():
                while (turn := await webhook_turn.take(connection)) is None:
                    self._outage.over()
                    await asyncio.sleep(ASK_AGAIN_S)
                self._metrics.working.set(1)
                async with self._couriers(turn) as couriers, wakened(connection) as woken:
                    await self._watch(connection, turn, couriers, woken)
        finally:
            self._metrics.stopped()
            connection.terminate()

    @asynccontextmanager
    async def _couriers(self, turn: Turn) -> AsyncIterator[Couriers]:
        async with open_sender(private=self._private) as sender:
            couriers = Couriers(self._pool, turn, sender, self._keys, self._metrics, self._backoff)
            running, renewing = asyncio.create_task(couriers.run()), asyncio.create_task(self._renew(turn))
            try:
                yield couriers
            finally:
                await ended(renewing)
                await ended(running)

    async def _renew(self, turn: Turn) -> None:
        """Beside the work, however long a step of it takes."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                async with connected(self._pool, deadline_s=RENEW_WITHIN_S) as connection:
                    await turn.renew(connection)
            except StorageError as error:
                self._outage.met(error)

    async def _watch(self, connection: Connection, turn: Turn, couriers: Couriers, woken: asyncio.Event) -> None:
        parts = Parts(connection, self._memory, self._clock, self._wording, self._keys)
        log_watch, rounds = await LogWatch.begin(parts), Rounds(parts)
        self._outage.over()
        while turn.held and await self._tidied(connection):
            told, more = await log_watch.read_on()
            found, new = await rounds.step()
            if told or found:
                self._metrics.events.inc(told + found)
                couriers.woken.set()
            await asyncio.sleep(PAUSE_S)
            if not (more or new):
                await wait(woken, IDLE_S)

    async def _tidied(self, connection: Connection) -> bool:
        """Counts and clears up where it is time; False where nothing is left to do."""
        now_s = elapsed_s()
        if now_s - self._counted_s >= COUNT_EVERY_S:
            backlog = await outbox.backlog(connection)
            self._metrics.waiting.set(backlog.waiting)
            self._metrics.oldest_s.set(backlog.age_s)
            self._counted_s = now_s
        if now_s - self._cleared_s >= CLEAR_EVERY_S:
            await outbox.prune(connection)
            self._cleared_s = now_s
            return await webhook_log.any_left(connection)
        return True

    def _keys(self) -> Mapping[int, Key]:
        """Those in force."""
        now = self._clock()
        return {key.key_id: key for key in self._memory.keys.values() if key.fault(now) is None}

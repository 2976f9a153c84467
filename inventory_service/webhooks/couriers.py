"""Deliveries on their way: one courier a webhook at a time, so that one that is slow delays nobody else's."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from inventory_service.domain.errors import StorageError
from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import ENDINGS, Attempt, Backoff, EndReason
from inventory_service.runtime.outage import Outage
from inventory_service.storage import outbox
from inventory_service.storage.outbox import Due, Parcel
from inventory_service.storage.postgres import Connection, Pool, connected, transaction
from inventory_service.storage.publishing import wait
from inventory_service.storage.webhook_turn import Turn
from inventory_service.webhooks.metrics import WebhookMetrics
from inventory_service.webhooks.sending import Sender

log = structlog.get_logger(__name__)

DEADLINE_S = 10.0
LOOK_AGAIN_S = 0.5
PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be on its way at once."""

    healthy: int = 48
    """Webhooks that did not fail last time; and so many `failing` ones, which are tried with one delivery each."""
    failing: int = 16
    of_a_key: int = 4
    a_webhook: int = 8
    """Deliveries."""


class Couriers:
    """Delivers what is due, until the turn is over. `woken` is set where something new waits."""

    def __init__(
        self,
        pool: Pool,
        turn: Turn,
        sender: Sender,
        keys: Callable[[], Mapping[int, Key]],
        metrics: WebhookMetrics,
        backoff: Backoff,
        bounds: Bounds | None = None,
    ) -> None:
        """`keys`: those in force, by id."""
        self._pool, self._turn, self._sender, self._keys, self._metrics = pool, turn, sender, keys, metrics
        self._backoff, self._bounds = backoff, bounds or Bounds()
        self._out: dict[int, tuple[Due, asyncio.Task[None]]] = {}
        self._outage = Outage("postgres, for the delivery of webhooks")
        self.woken = asyncio.Event()

    async def run(self) -> None:
        try:
            while self._turn.held:
                await self._look()
                await asyncio.sleep(PAUSE_S)
                await wait(self.woken, LOOK_AGAIN_S)
        finally:
            tasks = [task for _, task in self._out.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        try:
            async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
                found = await outbox.due(connection)
        except StorageError as error:
            self._outage.met(error)
            return
        self._outage.over()
        in_force = self._keys()
        for due in found:
            if due.key_id in in_force and due.webhook_id not in self._out and self._has_room(due):
                self._out[due.webhook_id] = due, asyncio.create_task(self._serve(due))

    def _has_room(self, due: Due) -> bool:
        out = [one for one, _ in self._out.values()]
        lanes = Counter(one.failures > 0 for one in out)
        lane = self._bounds.failing if due.failures else self._bounds.healthy
        of_key = sum(one.key_id == due.key_id for one in out)
        return lanes[due.failures > 0] < lane and of_key < self._bounds.of_a_key

    async def _serve(self, due: Due) -> None:
        try:
            await self._round(due)
        except StorageError as error:
            self._outage.met(error)
        finally:
            del self._out[due.webhook_id]
            self.woken.set()

    async def _round(self, due: Due) -> None:
        """What is due, all at once; what became of it is written down once all is known: then come newer ones."""
        async with connected(self._pool, deadline_s=DEADLINE_S) as connection:
            parcels = await outbox.take(connection, due.webhook_id, 1 if due.failures else self._bounds.a_webhook)
        attempts = await asyncio.gather(*(self._sender.send(due, parcel) for parcel in parcels))
        if not parcels:
            return
        async with transaction(self._pool, deadline_s=DEADLINE_S) as connection:
            for parcel, attempt in zip(parcels, attempts, strict=True):
                await self._note(connection, parcel, attempt)
            await self._judge(connection, due, attempts)

    async def _note(self, connection: Connection, parcel: Parcel, attempt: Attempt) -> None:
        if attempt.delivered:
            self._metrics.sent.inc()
            await outbox.delivered(connection, parcel, attempt)
            return
        self._metrics.failed.inc()
        next_in_s = self._backoff.after(parcel.attempts + 1, random.random(), attempt.retry_after_s)  # noqa: S311
        if next_in_s is None or attempt.gone:
            self._metrics.dead.inc()
            await outbox.died(connection, parcel, attempt)
        else:
            await outbox.failed(connection, parcel, attempt, next_in_s)

    async def _judge(self, connection: Connection, due: Due, attempts: list[Attempt]) -> None:
        if any(one.gone for one in attempts):
            await self._end(connection, due, "gone")
        elif any(one.delivered for one in attempts):
            await outbox.well(connection, due.webhook_id)
        else:
            rest_s = self._backoff.rest_s(due.failures + 1)
            if self._backoff.gives_up(await outbox.ill(connection, due.webhook_id, rest_s)):
                await self._end(connection, due, "failing")

    async def _end(self, connection: Connection, due: Due, why: EndReason) -> None:
        if await outbox.end(connection, due.webhook_id, why):
            self._metrics.ended.labels(why).inc()
            log.warning("webhook_ended", webhook=due.webhook_id, reason=ENDINGS[why])

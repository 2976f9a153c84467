"""Webhooks by the batch: what waits for a source goes into one transaction, as soon as somebody is free."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import structlog

from inventory_service.domain.errors import PausedError, StorageError, UnavailableError
from inventory_service.domain.feed import Loaded, Refusal, Row
from inventory_service.runtime.http.errors import BusyError
from inventory_service.runtime.shutdown import ended
from store_sync.load import FeedOrder
from store_sync.receiver import metrics
from store_sync.receiver.bounds import WebhookBounds

log = structlog.get_logger("nearshelf.desk")

Lines = Sequence[Row | Refusal]
Take = Callable[[FeedOrder, Lines], Awaitable[Loaded]]


@dataclass(frozen=True, slots=True)
class Slip:
    """One body that waits, and who waits for it."""

    lines: Lines
    done: "asyncio.Future[None]"


class Desk:
    """One bounded queue; clerks work on it, each on one source at a time and no two on the same."""

    def __init__(self, take: Take, bounds: WebhookBounds) -> None:
        self._take, self._bounds = take, bounds
        self._slips: dict[FeedOrder, deque[Slip]] = {}
        self._turns: asyncio.Queue[FeedOrder] = asyncio.Queue()
        self._waiting = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """The clerks work until the block ends; what waits then is not answered."""
        clerks = [asyncio.create_task(self._work()) for _ in range(self._bounds.clerks)]
        try:
            yield self
        finally:
            await asyncio.gather(*map(ended, clerks))

    async def hand_in(self, order: FeedOrder, lines: Lines) -> None:
        """Returns once the lines are committed. Raises BusyError, PausedError, StorageError."""
        if self._waiting >= self._bounds.waiting:
            raise BusyError(f"{self._waiting} webhooks wait already.")
        slip = Slip(lines, asyncio.get_running_loop().create_future())
        if order not in self._slips:
            self._slips[order] = deque()
            self._turns.put_nowait(order)
        self._slips[order].append(slip)
        self._count(+1)
        await slip.done

    async def _work(self) -> None:
        while True:
            order = await self._turns.get()
            try:
                await self._serve(order, self._picked(order))
            finally:
                self._next_turn(order)

    def _picked(self, order: FeedOrder) -> list[Slip]:
        """The slips of one transaction, without those that nobody waits for any more."""
        waiting = self._slips[order]
        picked = [waiting.popleft() for _ in range(min(len(waiting), self._bounds.bodies_at_once))]
        self._count(-len(picked))
        return [slip for slip in picked if not slip.done.done()]

    def _next_turn(self, order: FeedOrder) -> None:
        if self._slips[order]:
            self._turns.put_nowait(order)
        else:
            del self._slips[order]

    async def _serve(self, order: FeedOrder, slips: Sequence[Slip]) -> None:
        """All at once; where they fail for what one of them says, each alone."""
        if not slips:
            return
        metrics.BATCH.observe(len(slips))
        try:
            await self._commit(order, slips)
        except (PausedError, UnavailableError) as error:
            _answer(slips, error)
        except Exception as error:
            if len(slips) == 1:
                _answer(slips, error)
                return
            log.exception("webhooks are tried one by one", source=order.source, bodies=len(slips))
            for slip in slips:
                await self._serve(order, [slip])

    async def _commit(self, order: FeedOrder, slips: Sequence[Slip]) -> None:
        lines = [line for slip in slips for line in slip.lines]
        with metrics.COMMIT.time():
            try:
                async with asyncio.timeout(self._bounds.commit_within_s):
                    loaded = await self._take(order, lines)
            except TimeoutError:
                raise StorageError("A transaction of webhooks took too long.") from None
        metrics.count(order, "webhooks", loaded)
        _answer(slips, None)

    def _count(self, more: int) -> None:
        self._waiting += more
        metrics.WAITING.set(self._waiting)


def _answer(slips: Sequence[Slip], error: Exception | None) -> None:
    for slip in slips:
        if slip.done.done():
            continue
        if error is None:
            slip.done.set_result(None)
        else:
            slip.done.set_exception(error)

"""What is live goes in by the batch: what waits for a source shares a transaction, as soon as somebody is free."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

import structlog

from inventory_service.domain.errors import PausedError, StorageError, UnavailableError
from inventory_service.runtime.http.errors import BusyError
from inventory_service.runtime.shutdown import ended
from store_sync.job import Line
from store_sync.load import FeedOrder
from store_sync.receiver.bounds import DeskBounds
from store_sync.receiver.metrics import DeskMetrics

log = structlog.get_logger("nearshelf.desk")

T = TypeVar("T")
Body = Sequence[Line]
Take = Callable[[FeedOrder, Sequence[Body]], Awaitable[Sequence[T]]]
"""Takes bodies in, all in one transaction, and tells what became of each."""


@dataclass(frozen=True, slots=True)
class Slip(Generic[T]):
    """One body that waits, and who waits for it."""

    lines: Body
    done: "asyncio.Future[T]"


class Desk(Generic[T]):
    """One bounded queue; clerks work on it, each on one source at a time and no two on the same."""

    def __init__(self, take: Take[T], bounds: DeskBounds, measured: DeskMetrics) -> None:
        self._take, self._bounds, self._measured = take, bounds, measured
        self._slips: dict[FeedOrder, deque[Slip[T]]] = {}
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

    async def hand_in(self, order: FeedOrder, lines: Body) -> T:
        """What became of the lines, once they are committed. Raises BusyError, PausedError, StorageError."""
        if self._waiting >= self._bounds.waiting:
            raise BusyError(f"{self._waiting} {order.kind} wait already.")
        slip: Slip[T] = Slip(lines, asyncio.get_running_loop().create_future())
        if order not in self._slips:
            self._slips[order] = deque()
            self._turns.put_nowait(order)
        self._slips[order].append(slip)
        self._count(+1)
        return await slip.done

    async def _work(self) -> None:
        while True:
            order = await self._turns.get()
            try:
                await self._serve(order, self._picked(order))
            finally:
                self._next_turn(order)

    def _picked(self, order: FeedOrder) -> list[Slip[T]]:
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

    async def _serve(self, order: FeedOrder, slips: Sequence[Slip[T]]) -> None:
        """All at once; where they fail for what one of them says, each alone."""
        if not slips:
            return
        self._measured.batch.observe(len(slips))
        try:
            await self._commit(order, slips)
        except (PausedError, UnavailableError) as error:
            _fail(slips, error)
        except Exception as error:
            if len(slips) == 1:
                _fail(slips, error)
                return
            log.exception("bodies are tried one by one", kind=order.kind, source=order.source, bodies=len(slips))
            for slip in slips:
                await self._serve(order, [slip])

    async def _commit(self, order: FeedOrder, slips: Sequence[Slip[T]]) -> None:
        with self._measured.commit.time():
            try:
                async with asyncio.timeout(self._bounds.commit_within_s):
                    outcomes = await self._take(order, [slip.lines for slip in slips])
            except TimeoutError:
                raise StorageError(f"A transaction of {order.kind} took too long.") from None
        for slip, outcome in zip(slips, outcomes, strict=True):
            if not slip.done.done():
                slip.done.set_result(outcome)

    def _count(self, more: int) -> None:
        self._waiting += more
        self._measured.waiting.set(self._waiting)


def _fail(slips: Sequence[Slip[T]], error: Exception) -> None:
    for slip in slips:
        if not slip.done.done():
            slip.done.set_exception(error)

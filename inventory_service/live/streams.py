"""The open streams of a worker: how many there may be, what each looks at, and which of them something concerns."""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from geo.distance import distance_m
from geo.point import Point
from inventory_service.domain.errors import TooManyError
from inventory_service.domain.key import Key
from inventory_service.runtime.http.errors import CrowdedError

COME_BACK_S = 60
ASKED_AT_ONCE = 16
"""Streams that put their question together, so that requests get their turn between them."""
ROUNDED_M = 1.0
"""Distances are told in whole metres."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one worker: streams in all, and of one client."""

    most: int = 2_000
    per_client: int = 100


class Sight(NamedTuple):
    """What an answer depends on: a product's levels at the stores up to `reach_m` from a point."""

    product_id: int
    origin: Point
    reach_m: float = math.inf

    def holds(self, points: Iterable[Point]) -> bool:
        if math.isinf(self.reach_m):
            return True
        return any(distance_m(self.origin, point) <= self.reach_m + ROUNDED_M for point in points)


class Watch:
    """One stream's ear: it is woken when its answer may have changed, or when it has to end."""

    __slots__ = ("_woken", "client", "ended", "key", "sight")

    def __init__(self, client: str, key: Key | None) -> None:
        self.client, self.key = client, key
        self.sight: Sight | None = None
        self.ended = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def woken(self, at_most_s: float) -> None:
        """Until it is woken, or so many seconds have passed."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()


class Streams:
    """All open ones. `events`, `dropped` and `refused` count what became of them."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._open: set[Watch] = set()
        self._clients: Counter[str] = Counter()
        self._by_product: dict[int, set[Watch]] = {}
        self._fresh: set[Watch] = set()
        self._due: deque[Watch] = deque()
        self._once_more = self._ending = False
        self.any_open = asyncio.Event()
        self.turns = asyncio.Semaphore(ASKED_AT_ONCE)
        self.events = self.dropped = self.refused = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Watch]:
        return iter(tuple(self._open))

    @contextmanager
    def joined(self, client: str, key: Key | None) -> Iterator[Watch]:
        """Among the open ones while the block lasts. Raises CrowdedError, TooManyError."""
        self._admit(client)
        watch = Watch(client, key)
        self._open.add(watch)
        self._clients[client] += 1
        self.any_open.set()
        try:
            yield watch
        finally:
            self._leave(watch)

    def look(self, watch: Watch, sight: Sight) -> None:
        """From now on `watch` is woken by what concerns `sight`, and once more for what was missed until now."""
        if watch.sight is None or watch.sight.product_id != sight.product_id:
            self._overlook(watch)
            self._by_product.setdefault(sight.product_id, set()).add(watch)
            self._fresh.add(watch)
        watch.sight = sight

    @property
    def product_ids(self) -> list[int]:
        return list(self._by_product)

    @property
    def fresh(self) -> frozenset[Watch]:
        """Those that look at a product only since lately: what was new of it before may have passed them by."""
        return frozenset(self._fresh)

    def settle(self, fresh: Iterable[Watch]) -> None:
        """They will be woken for that."""
        self._fresh.difference_update(fresh)

    def touch(self, product_id: int, points: Iterable[Point] | None) -> None:
        """Something of a product is new at stores at `points`; None: wherever they are."""
        held = None if points is None else list(points)
        for watch in self._by_product.get(product_id, ()):
            if held is None or watch.sight is None or watch.sight.holds(held):
                watch.wake()

    def look_again(self) -> None:
        """All of them, in turns: see `next_turn`."""
        self._once_more = bool(self._due)
        self._due.extend(() if self._due else self._open)

    def next_turn(self, share: float) -> None:
        """Wakes the next ones that are due: at least so large a share of all."""
        for _ in range(min(len(self._due), 1 + math.ceil(share * len(self._open)))):
            self._due.popleft().wake()
        if self._once_more and not self._due:
            self.look_again()

    def end(self) -> None:
        """All of them, and no more are taken: this worker is about to stop."""
        self._ending = True
        for watch in self._open:
            watch.ended = True
            watch.wake()

    def _admit(self, client: str) -> None:
        if self._ending or len(self._open) >= self._bounds.most:
            self.refused += 1
            raise CrowdedError()
        if self._clients[client] >= self._bounds.per_client:
            self.refused += 1
            raise TooManyError(f"One client has at most {self._bounds.per_client} open streams.", COME_BACK_S)

    def _leave(self, watch: Watch) -> None:
        self._open.discard(watch)
        self._fresh.discard(watch)
        self._overlook(watch)
        self._clients[watch.client] -= 1
        if not self._clients[watch.client]:
            del self._clients[watch.client]
        if not self._open:
            self.any_open.clear()

    def _overlook(self, watch: Watch) -> None:
        if watch.sight is None:
            return
        watching = self._by_product[watch.sight.product_id]
        watching.discard(watch)
        if not watching:
            del self._by_product[watch.sight.product_id]

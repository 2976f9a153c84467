"""The usual question whose every part is in the cache, in one round trip; whatever else there is goes the usual way.

What was read of a product is remembered with the bytes it was read from, and asked for again beside the levels: it
counts only while Redis gives the same bytes.
"""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.distance import distance_m
from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.domain.clock import MICROSECOND, Clock, micros
from inventory_service.domain.errors import CacheError
from inventory_service.domain.gtin import is_restricted
from inventory_service.domain.product import Product
from inventory_service.lookup.choosing import MINUTE_US, Choice
from inventory_service.lookup.directory import IdArray
from inventory_service.lookup.kernel import first_command
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage.cache import keys, naming
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.product import decode, is_product

MOST_PRODUCTS = 8_192
"""Those that were learned first are let go first."""
ROOM_BYTES = 4_096
FIRST_BLOCKS, MOST_BLOCKS, SELDOM = 16, 32, 0.03
"""Blocks read at once at first and at most; by how much their number falls with each answer that they sufficed for."""
WIDER, WIDEST = 4, 64
"""Where they did not suffice so many times as many are read, and at most."""

Asked = tuple[int, float, float, float, int, int, int]
"""gtin (its 14 digits as a number), lat, lon, radius_m, limit, quantity, arrive_in_s."""


class Known:
    """A product as it was read, and where: by itself and in blocks."""

    __slots__ = ("beginning", "blocks", "head", "owners", "product", "value")

    def __init__(self, name: str, value: bytes, product: Product) -> None:
        self.head, self.beginning = naming.single(name), naming.prefix(product.product_id)
        self.value, self.product = value, product
        self.owners: IdArray = np.array(list(product.offers), dtype=np.int64)
        self.blocks = float(FIRST_BLOCKS)

    def needs(self, blocks: int) -> None:
        """So many had to be read for an answer. As many are read at once as suffice for 97 answers in a hundred."""
        self.blocks = min(float(MOST_BLOCKS), max(2.0, self.blocks + (1.0 if blocks > self.blocks else -SELDOM)))


class Cached:
    """All that the answer to a question is made of; `data`: its nearest blocks, one behind the other.

    Whoever asks for it is told `then`, once a round trip and from the event loop: it, or None where anything is missing
    or in doubt.
    """

    __slots__ = (
        "_command",
        "_shortcut",
        "_then",
        "arrival_us",
        "asked",
        "bounds",
        "count",
        "data",
        "ground",
        "groups",
        "horizon_us",
        "known",
        "most",
        "now",
        "now_us",
        "planned",
        "sources",
        "within_m",
    )

    def __init__(
        self, shortcut: "Shortcut", asked: Asked, known: Known, memory: Memory, now: datetime, horizon_us: int
    ) -> None:
        self._shortcut, ground = shortcut, memory.ground
        self.asked, self.known, self.ground, self.sources = asked, known, ground, memory.sources
        self.now, self.now_us, self.horizon_us = now, micros(now), horizon_us
        self.arrival_us = (self.now_us + 1_000_000 * asked[6]) // MINUTE_US * MINUTE_US
        self.within_m, self.most = asked[3], int(known.blocks)
        self.planned, self.count, self.data = 0, 0, b""
        self.groups, self.bounds = ground.groups, ground.bounds

    def ask(self, cache: Cache, command: bytes, then: "Then") -> None:
        """Raises CacheError where too many have asked."""
        self._command, self._then = command, then
        cache.tell(command, 2, self)

    def heard(self, sign: bytes | None, answers: list[Any]) -> None:
        (value,), values = answers
        then, self._then = self._then, nobody
        then(self if self._shortcut.complete(self, sign, value, self._command, values) else None)

    def failed(self, error: CacheError) -> None:
        then, self._then = self._then, nobody
        self._shortcut.failed(error)
        then(None)

    def widen(self) -> bool:
        """Whether there is more to be read: more blocks, or those beyond the radius."""
        if self.planned > self.count and self.count < WIDEST:
            self.most = min(WIDEST, WIDER * self.count)
            return True
        if self.planned <= self.count and self.within_m < math.inf:
            self.within_m, self.most = math.inf, max(self.most, self.count + FIRST_BLOCKS)
            return True
        return False

    def choice(self, found: NDArray[Any], count: int, beyonds: int) -> Choice:
        """What the kernel has found in it: so many results, and then the nearest beyond, if that is told."""
        _, lat, lon, radius_m, limit, quantity, arrive_in_s = self.asked
        origin, arrive_in = Point(lat, lon), timedelta(seconds=arrive_in_s)
        for beyond in found[count : count + beyonds]:
            beyond["metres"] = distance_m(origin, self.ground.directory.at(beyond["row"]).point)
        question = Question(self.known.product, origin, radius_m, limit, quantity, arrive_in)
        return Choice(question, self.ground, self.sources, self.data, found, count, beyonds, self.now, from_cache=True)


Then = Callable[[Cached | None], None]


def nobody(_cached: Cached | None) -> None:
    """Stands for who has been told."""


class Shortcut:
    """Cached answers alone; raises nothing."""

    def __init__(self, memory: Memory, cache: Cache, through: ReadThrough, clock: Clock, horizon: timedelta) -> None:
        self._memory, self._cache, self._through, self._clock = memory, cache, through, clock
        self._horizon_us = horizon // MICROSECOND
        self._known: dict[int, Known] = {}
        self._command = np.zeros(ROOM_BYTES, dtype=np.uint8)
        self._view = self._command.data

    def begin(self, asked: Asked, then: Then) -> bool:
        """Whether the product is known and the cache can be asked; only then is `then` called."""
        known = self._known.get(asked[0])
        if known is None or self._through.in_doubt:
            return False
        return self._ask(Cached(self, asked, known, self._memory, self._clock(), self._horizon_us), then)

    def further(self, cached: Cached, then: Then) -> bool:
        """As `begin`, where more blocks are needed: whether there are more."""
        return cached.widen() and self._ask(cached, then)

    async def read(self, asked: Asked) -> Cached | None:
        """As `begin`, of a product that may not be known yet."""
        try:
            if self._through.in_doubt or (asked[0] not in self._known and not await self._learned(asked[0])):
                return None
        except CacheError as error:
            self._through.failed(error)
            return None
        future: asyncio.Future[Cached | None] = asyncio.get_running_loop().create_future()

        def then(cached: Cached | None) -> None:
            if not future.done():
                future.set_result(cached)

        return await future if self.begin(asked, then) else None

    def complete(
        self, cached: Cached, sign: bytes | None, product: bytes | None, command: bytes, values: list[Any]
    ) -> bool:
        """Whether what was read is all there and may be told."""
        if product != cached.known.value:
            self._known.pop(cached.asked[0], None)
            return False
        try:
            cached.data = b"".join(values)
        except TypeError:
            return False
        return self._through.tells(sign, naming.Names(command, cached.count), values)

    def failed(self, error: CacheError) -> None:
        self._through.failed(error)

    def blocks_of(self, gtin: int) -> int:
        """How many blocks of a product are read at once."""
        known = self._known.get(gtin)
        return FIRST_BLOCKS if known is None else int(known.blocks)

    def rehearse(self, asked: Asked, known: Known) -> Cached:
        """A question as `begin` prepares it, whatever is cached."""
        cached = Cached(self, asked, known, self._memory, self._clock(), self._horizon_us)
        self._first_command(cached)
        return cached

    def _ask(self, cached: Cached, then: Then) -> bool:
        command = self._first_command(cached)
        while not cached.count:
            if not cached.widen():
                return False
            command = self._first_command(cached)
        try:
            cached.ask(self._cache, command, then)
        except CacheError as error:
            self._through.failed(error)
            return False
        return True

    def _first_command(self, cached: Cached) -> bytes:
        """The command for the product and its nearest blocks."""
        ground, known, asked, most = cached.ground, cached.known, cached.asked, cached.most
        cached.groups, cached.bounds = np.empty(most + 1, dtype=np.intp), np.empty(most + 1)
        cached.planned, cached.count, size = first_command(
            asked[1],
            asked[2],
            known.owners,
            cached.within_m,
            most,
            known.head,
            known.beginning,
            *ground.charted,
            ground.owners,
            ground.origin,
            ground.seen,
            cached.groups,
            cached.bounds,
            ground.ids,
            self._command,
        )
        return bytes(self._view[:size])

    async def _learned(self, number: int) -> bool:
        """Whether the cache tells the product. Raises CacheError."""
        gtin = f"{number:014d}"
        if is_restricted(gtin):
            return False
        name = keys.gtin(gtin, None)
        (value,) = (await self._cache.read([name])).values
        product = None if value is None or not is_product(value) else decode(value)
        if value is None or product is None:
            return False
        if len(self._known) >= MOST_PRODUCTS:
            del self._known[next(iter(self._known))]
        self._known[number] = Known(name, value, product)
        return True

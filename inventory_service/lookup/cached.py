"""What the answer to a usual question is made of: a product as it was read, and its nearest blocks."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from numpy.typing import NDArray

from geo.point import Point
from inventory_service.domain.clock import micros
from inventory_service.domain.errors import CacheError
from inventory_service.lookup.beyond import settled
from inventory_service.lookup.choosing import MINUTE_US
from inventory_service.lookup.memory import Memory
from inventory_service.storage.cache import naming, replies
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.product import Told, told

FIRST_BLOCKS, FEWEST_BLOCKS, MOST_BLOCKS, SELDOM = 16, 2.0, 32.0, 0.03
"""Blocks read at once at first, at least and at most; by how much their number falls with each answer that they
sufficed for.
"""
WIDER, WIDEST = 4, 64
"""Where they did not suffice so many times as many are read, and at most."""

Asked = tuple[int, float, float, float, int, int, int]
"""gtin (its 14 digits as a number), lat, lon, radius_m, limit, quantity, arrive_in_s."""


class Known:
    """A product as it was read, and where: by itself and in blocks.

    Thousands are kept, so that it is held as bytes: a product of fifty retailers is some hundred objects. `told` is
    Redis's reply for it, behind which, at `blocks_at`, comes that for its blocks. `text` is for whoever writes answers,
    who finds there what the product tells.
    """

    __slots__ = ("beginning", "blocks", "blocks_at", "head", "owners", "product_id", "text", "told")

    def __init__(self, name: str, value: bytes, product: Told) -> None:
        """Raises CacheError where it is no product."""
        self.product_id = product.product_id
        self.head, self.beginning = naming.single(name), naming.prefix(product.product_id)
        self.told = naming.ONE_REPLY + replies.bulk(value)
        self.blocks_at = len(self.told)
        self.owners = product.owners()
        self.blocks = float(FIRST_BLOCKS)
        self.text: Any = product

    @property
    def product(self) -> Told:
        """Raises CacheError where it is nobody's."""
        ((value,),) = replies.read(self.told)
        product = told(value)
        if product is None:
            raise CacheError("A product that nobody knows was cached.")
        return product

    def needs(self, blocks: int) -> None:
        """So many had to be read for an answer. As many are read at once as suffice for 97 answers in a hundred."""
        if blocks > self.blocks:
            self.blocks = min(MOST_BLOCKS, self.blocks + 1.0)
        elif self.blocks > FEWEST_BLOCKS:
            self.blocks -= SELDOM


class Cached:
    """All that the answer to a question is made of; `data`: what Redis has answered, its nearest blocks last.

    Whoever asks for it is told `then`, once a round trip and from the event loop: it, or None where anything is missing
    or in doubt.
    """

    __slots__ = (
        "_command",
        "_judge",
        "_then",
        "arrival_us",
        "asked",
        "bounds",
        "count",
        "data",
        "ground",
        "groups",
        "known",
        "most",
        "now",
        "now_us",
        "pace",
        "planned",
        "sources",
        "within_m",
    )

    def __init__(self, judge: "Judge", asked: Asked, known: Known, memory: Memory, now: datetime) -> None:
        self._judge, ground = judge, memory.ground
        self.asked, self.known, self.ground, self.sources = asked, known, ground, memory.sources
        self.now, self.now_us = now, micros(now)
        self.pace = ground.learned.pace_of(known.product_id)
        self.arrival_us = (self.now_us + 1_000_000 * asked[6]) // MINUTE_US * MINUTE_US
        self.within_m, self.most = asked[3], int(known.blocks)
        self.planned, self.count, self.data = 0, 0, b""
        self.groups, self.bounds = ground.arrays.groups, ground.arrays.bounds

    def ask(self, cache: Cache, command: bytes, then: "Then") -> None:
        """Raises CacheError where too many have asked."""
        self._command, self._then = command, then
        cache.tell(command, 2, self)

    def heard(self, sign: bytes | None, raw: bytes, gaps: int) -> None:
        self.data = raw
        complete = not gaps and self._judge.complete(self, sign, self._command)
        then, self._then = self._then, nobody
        then(self if complete else None)

    def failed(self, error: CacheError) -> None:
        then, self._then = self._then, nobody
        self._judge.failed(error)
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

    def settle(self, beyonds: NDArray[Any]) -> int:
        """Brings the nearest of these to their front; returns how many are told."""
        return settled(beyonds, Point(self.asked[1], self.asked[2]), self.ground.directory)


Then = Callable[[Cached | None], None]


def nobody(_cached: Cached | None) -> None:
    """Stands for who has been told."""


class Judge(Protocol):
    """Knows what may be told."""

    def complete(self, cached: Cached, sign: bytes | None, command: bytes) -> bool:
        """Whether what was read, all of it there, may be told."""

    def failed(self, error: CacheError) -> None:
        """Redis did not answer."""

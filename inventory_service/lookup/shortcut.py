"""The usual question whose every part is in the cache, in one round trip; whatever else there is goes the usual way.

What was read of a product is remembered with the bytes it was read from, and asked for again beside the levels: it
counts only while Redis gives the same bytes.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
ROOM_BYTES = 4_096
FIRST_BLOCKS, MOST_BLOCKS, SELDOM = 16, 32, 0.03
"""Blocks read at once at first and at most; by how much their number falls with each answer that they sufficed for."""

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
    """All that the answer to a question is made of; `data`: its nearest blocks, one behind the other."""

    __slots__ = (
        "arrival_us",
        "asked",
        "bounds",
        "data",
        "ground",
        "groups",
        "horizon_us",
        "known",
        "now",
        "now_us",
        "planned",
        "sources",
    )

    def __init__(self, asked: Asked, known: Known, memory: Memory, now: datetime, horizon_us: int) -> None:
        ground = memory.ground
        self.asked, self.known, self.ground, self.sources = asked, known, ground, memory.sources
        self.now, self.now_us, self.horizon_us = now, micros(now), horizon_us
        self.arrival_us = (self.now_us + 1_000_000 * asked[6]) // MINUTE_US * MINUTE_US
        self.planned, self.groups, self.bounds, self.data = 0, ground.groups[:0], ground.bounds[:0], b""

    def choice(self, found: NDArray[Any], count: int) -> Choice:
        """What the kernel has found in it."""
        _, lat, lon, radius_m, limit, quantity, arrive_in_s = self.asked
        arrive_in = timedelta(seconds=arrive_in_s)
        question = Question(self.known.product, Point(lat, lon), radius_m, limit, quantity, arrive_in)
        return Choice(question, self.ground, self.sources, self.data, found, count, 0, self.now, from_cache=True)


class Shortcut:
    """Cached answers alone; raises nothing."""

    def __init__(self, memory: Memory, cache: Cache, through: ReadThrough, clock: Clock, horizon: timedelta) -> None:
        self._memory, self._cache, self._through, self._clock = memory, cache, through, clock
        self._horizon_us = horizon // MICROSECOND
        self._known: dict[int, Known] = {}
        self._command = np.zeros(ROOM_BYTES, dtype=np.uint8)
        self._view = self._command.data

    async def read(self, asked: Asked) -> Cached | None:
        """None where anything is missing or in doubt, or where nothing is near enough."""
        if self._through.in_doubt:
            return None
        try:
            known = self._known.get(asked[0]) or await self._learned(asked[0])
            if known is None:
                return None
            cached = Cached(asked, known, self._memory, self._clock(), self._horizon_us)
            count, command = self._first_command(cached)
            if not count:
                return None
            sign, ((value,), values) = await self._cache.ask(command, 2)
        except CacheError as error:
            self._through.failed(error)
            return None
        if value != known.value:
            self._known.pop(asked[0], None)
            return None
        if not self._through.tells(sign, naming.Names(command, count), values):
            return None
        cached.data = b"".join(values)  # type: ignore[arg-type]  # `tells` means that none is missing
        return cached

    def blocks_of(self, gtin: int) -> int:
        """How many blocks of a product are read at once."""
        known = self._known.get(gtin)
        return FIRST_BLOCKS if known is None else int(known.blocks)

    def rehearse(self, asked: Asked, known: Known) -> Cached:
        """A question as `read` prepares it, whatever is cached."""
        cached = Cached(asked, known, self._memory, self._clock(), self._horizon_us)
        self._first_command(cached)
        return cached

    def _first_command(self, cached: Cached) -> tuple[int, bytes]:
        """How many blocks, and the command for the product and them."""
        ground, known, (_, lat, lon, radius_m, *_) = cached.ground, cached.known, cached.asked
        planned, count, size = first_command(
            lat,
            lon,
            known.owners,
            radius_m,
            int(known.blocks),
            known.head,
            known.beginning,
            ground.starts,
            ground.groups_of,
            ground.centers,
            ground.radii,
            ground.origin,
            ground.seen,
            ground.groups,
            ground.bounds,
            ground.ids,
            self._command,
        )
        cached.planned = planned
        cached.groups, cached.bounds = ground.groups[: count + 1].copy(), ground.bounds[: count + 1].copy()
        return count, bytes(self._view[:size])

    async def _learned(self, number: int) -> Known | None:
        gtin = f"{number:014d}"
        if is_restricted(gtin):
            return None
        name = keys.gtin(gtin, None)
        (value,) = (await self._cache.read([name])).values
        product = None if value is None or not is_product(value) else decode(value)
        if value is None or product is None:
            return None
        if len(self._known) >= MOST_PRODUCTS:
            self._known.clear()
        known = self._known[number] = Known(name, value, product)
        return known

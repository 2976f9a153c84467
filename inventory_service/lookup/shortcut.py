"""The usual question whose every part is in the cache, in one round trip; whatever else there is goes the usual way.

What was read of a product is remembered with the bytes it was read from, and asked for again beside the levels: it
counts only while Redis gives the same bytes.
"""

from collections import OrderedDict

import numpy as np

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import CacheError
from inventory_service.domain.gtin import is_restricted
from inventory_service.lookup.cached import FIRST_BLOCKS, Asked, Cached, Known, Then
from inventory_service.lookup.memory import Memory
from inventory_service.lookup.planning import first_command
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage.cache import keys, naming, replies
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.product import is_product, told

MOST_PRODUCTS = 16_384
"""Those that nobody has asked about for longest are let go first."""
ROOM_BYTES = 4_096


class Learning:
    """The product of a question first, and then all else."""

    __slots__ = ("_asked", "_name", "_shortcut", "_then")

    def __init__(self, shortcut: "Shortcut", asked: Asked, name: str, then: Then) -> None:
        self._shortcut, self._asked, self._name, self._then = shortcut, asked, name, then

    def heard(self, _sign: bytes | None, raw: bytes, _gaps: int) -> None:
        ((value,),) = replies.read(raw)
        if not (
            self._shortcut.learns(self._asked[0], self._name, value) and self._shortcut.begin(self._asked, self._then)
        ):
            self._then(None)

    def failed(self, error: CacheError) -> None:
        self._shortcut.failed(error)
        self._then(None)


class Shortcut:
    """Cached answers alone; raises nothing."""

    def __init__(self, memory: Memory, cache: Cache, through: ReadThrough, clock: Clock) -> None:
        self._memory, self._cache, self._through, self._clock = memory, cache, through, clock
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._command = np.zeros(ROOM_BYTES, dtype=np.uint8)
        self._view = self._command.data

    def begin(self, asked: Asked, then: Then) -> bool:
        """Whether the cache can be asked; only then is `then` called."""
        if self._through.in_doubt:
            return False
        known = self._known.get(asked[0])
        if known is None:
            return self._learn(asked, then)
        self._known.move_to_end(asked[0])
        return self._ask(Cached(self, asked, known, self._memory, self._clock()), then)

    def unheard(self, gtin: int) -> bool:
        """Whether surely nobody knows a product by this number, without asking."""
        if gtin in self._known or not self._memory.unheard(gtin):
            return False
        return not is_restricted(f"{gtin:014d}")

    def further(self, cached: Cached, then: Then) -> bool:
        """As `begin`, where more blocks are needed: whether there are more."""
        return cached.widen() and self._ask(cached, then)

    def complete(self, cached: Cached, sign: bytes | None, command: bytes) -> bool:
        """Whether what was read, all of it there, may be told."""
        known, data = cached.known, cached.data
        if not data.startswith(known.told):
            self.forget(cached)
            return False
        count = cached.count
        return self._through.tells(sign, naming.Names(command, count), replies.Values(data, known.blocks_at, count))

    def learns(self, number: int, name: str, value: bytes | None) -> bool:
        """Whether `value` tells the product that has this number and is cached by this name."""
        try:
            product = None if value is None or not is_product(value) else told(value)
            if value is None or product is None:
                return False
            known = Known(name, value, product)
        except CacheError:
            return False
        if len(self._known) >= MOST_PRODUCTS:
            self._known.popitem(last=False)
        self._known[number] = known
        self._memory.hear(product.gtin)
        return True

    def forget(self, cached: Cached) -> None:
        """What was learned of its product cannot be told."""
        self._known.pop(cached.asked[0], None)

    def failed(self, error: CacheError) -> None:
        self._through.failed(error)

    def blocks_of(self, gtin: int) -> int:
        """How many blocks of a product are read at once."""
        known = self._known.get(gtin)
        return FIRST_BLOCKS if known is None else int(known.blocks)

    def rehearse(self, asked: Asked, known: Known) -> Cached:
        """A question as `begin` prepares it, whatever is cached."""
        cached = Cached(self, asked, known, self._memory, self._clock())
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
        cached.groups, cached.bounds = np.empty(most + 1, dtype=np.int64), np.empty(most + 1)
        cached.planned, cached.count, size = first_command(
            asked[1],
            asked[2],
            known.owners,
            cached.within_m,
            most,
            known.head,
            known.beginning,
            ground.table,
            cached.groups,
            cached.bounds,
            self._command,
        )
        return bytes(self._view[:size])

    def _learn(self, asked: Asked, then: Then) -> bool:
        gtin = f"{asked[0]:014d}"
        if is_restricted(gtin):
            return False
        name = keys.gtin(gtin, None)
        try:
            self._cache.tell(naming.single(name), 1, Learning(self, asked, name, then))
        except CacheError as error:
            self._through.failed(error)
            return False
        return True
